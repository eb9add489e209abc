import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readCredentials } from '../../../../scripts/lib/collect/credentials.ts'

const GOOD = { clientId: 'an-id', clientSecret: 'very-secret', username: 'somebody' }
const IN_ENV = {
	WHICHSUB_REDDIT_CLIENT_ID: 'an-id',
	WHICHSUB_REDDIT_CLIENT_SECRET: 'very-secret',
	WHICHSUB_REDDIT_USERNAME: 'somebody',
}

async function createFolder(): Promise<string> {
	const dir = await mkdtemp(join(tmpdir(), 'whichsub-credentials-'))
	onTestFinished(() => rm(dir, { recursive: true, force: true }))
	return dir
}

async function createFile(text: string, mode = 0o600): Promise<string> {
	const path = join(await createFolder(), 'reddit.json')
	await writeFile(path, text)
	await chmod(path, mode)
	return path
}

function read(path: string | undefined, env: Record<string, string> = {}) {
	const lines: string[] = []
	// A home without settings: those of whoever runs the tests are nobody's business.
	const effects = { env: { HOME: '/nonexistent', ...env }, err: (text: string) => lines.push(text) }
	return readCredentials(path, effects).then((credentials) => ({ credentials, lines }))
}

describe('readCredentials', () => {
	it('reads the environment', async () => {
		expect((await read(undefined, IN_ENV)).credentials).toEqual(GOOD)
	})

	it('takes a user name with u/ before it', async () => {
		const env = { ...IN_ENV, WHICHSUB_REDDIT_USERNAME: '/u/somebody' }
		expect((await read(undefined, env)).credentials.username).toBe('somebody')
	})

	it('reads a file that an option, the environment or the usual place names', async () => {
		const path = await createFile(JSON.stringify(GOOD))
		expect((await read(path)).credentials).toEqual(GOOD)
		const byEnv = await read(undefined, { WHICHSUB_REDDIT_CREDENTIALS: path })
		expect(byEnv.credentials).toEqual(GOOD)
		const settings = await createFolder()
		await mkdir(join(settings, 'whichsub'))
		const usual = join(settings, 'whichsub', 'reddit.json')
		await writeFile(usual, JSON.stringify(GOOD), { mode: 0o600 })
		const byPlace = await read(undefined, { XDG_CONFIG_HOME: settings })
		expect(byPlace.credentials).toEqual(GOOD)
	})

	it('lets the environment stand in for fields of a file, and an option for the environment', async () => {
		const path = await createFile(JSON.stringify(GOOD))
		const env = { WHICHSUB_REDDIT_USERNAME: 'other' }
		const mixed = await read(undefined, { ...env, WHICHSUB_REDDIT_CREDENTIALS: path })
		expect(mixed.credentials).toEqual({ ...GOOD, username: 'other' })
		expect((await read(path, env)).credentials).toEqual(GOOD)
	})

	it('says how to get credentials where there are none', async () => {
		await expect(read(undefined)).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringMatching(
				/^no credentials of a Reddit app; .*prefs\/apps.*WHICHSUB_REDDIT_CLIENT_ID/,
			),
		})
	})

	it('names what is lacking', async () => {
		const { WHICHSUB_REDDIT_USERNAME: _, ...env } = IN_ENV
		await expect(read(undefined, env)).rejects.toThrow(
			/incomplete: WHICHSUB_REDDIT_USERNAME not set/,
		)
		const path = await createFile(JSON.stringify({ clientId: 'an-id', username: 'somebody' }))
		await expect(read(path)).rejects.toThrow(/clientSecret in .* is missing/)
	})

	it('refuses a file inside the repository', async () => {
		const path = resolve(import.meta.dirname, '../../../../package.json')
		await expect(read(path)).rejects.toThrow(/inside the repository: package\.json; move/)
	})

	it('warns of a file that others may read', async () => {
		const path = await createFile(JSON.stringify(GOOD), 0o644)
		expect((await read(path)).lines.join()).toMatch(/chmod 600/)
	})

	it('names a file that is not there', async () => {
		await expect(read('/nonexistent/reddit.json')).rejects.toThrow(
			/could not be read: .*reddit\.json/,
		)
	})

	it('never quotes what it read', async () => {
		const texts = [
			'{"clientId": "an-id", "clientSecret": "very-secret"',
			'["very-secret"]',
			'"very-secret"',
			JSON.stringify({ ...GOOD, clientSecret: 'very-secret\nwith a line' }),
			JSON.stringify({ ...GOOD, clientId: ['very-secret'] }),
			JSON.stringify({ ...GOOD, username: 'very-secret (not a name)' }),
		]
		for (const text of texts) {
			const error = await read(await createFile(text)).catch((thrown: unknown) => thrown)
			expect(error).toMatchObject({ name: 'AppError', code: 'bad-input' })
			expect(String((error as Error).stack)).not.toContain('very-secret')
			expect((error as Error).cause).toBeUndefined()
		}
	})
})
