// Commands that only read the database: they make none, and a file that may only be read will do.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@libsql/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { exists } from '../../../../scripts/lib/files.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { startDatabaseServer } from '../../../fixtures/database-server.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')

const TOKEN = 'a-secret-token'

const READERS = [
	['posts', 'stats'],
	['posts', 'prune', '--min-posts', '2', '--dry-run'],
	['feedback', 'stats'],
	['feedback', 'export'],
]

/** A folder with a database whose writers have ended, both for reading only. */
async function readOnlyFolder(): Promise<string> {
	const effects = await testEffects()
	await fillDatabase(effects)
	const database = await openPostsDatabase(effects)
	await database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
	database.close()
	const parent = await temporaryFolder()
	await chmod(parent, 0o755)
	const dir = join(parent, 'a #1 100% folder?')
	await mkdir(dir)
	await copyFile(join(effects.dataDir, 'posts.db'), join(dir, 'posts.db'))
	await chmod(join(dir, 'posts.db'), 0o444)
	await chmod(dir, 0o555)
	onTestFinished(() => chmod(dir, 0o755))
	return dir
}

/** Without root's rights. */
async function runAsNobody(...args: readonly string[]) {
	const program = await compiled('tests/fixtures/cli-as-nobody.ts')
	const child = spawn(process.execPath, [program, ...args], { cwd: ROOT })
	let [out, err] = ['', '']
	child.stdout.on('data', (chunk) => (out += chunk))
	child.stderr.on('data', (chunk) => (err += chunk))
	const [code] = await once(child, 'close')
	return { code, out, err }
}

describe.each(READERS)('whichsub %s %s', (...args) => {
	it('makes no database where none is, and says what does', async () => {
		const effects = await testEffects()
		expect(await main(args, effects)).toBe(1)
		const path = join(effects.dataDir, 'posts.db')
		expect(effects.said.err).toEqual([
			`whichsub: no posts yet: ${path}; run whichsub ingest FILE or whichsub collect first`,
		])
		expect(await exists(effects.dataDir)).toBe(false)
	})

	it('makes no tables in a file or on a server that has none', async () => {
		const file = join(await temporaryFolder(), 'other.db')
		await writeFile(file, '')
		for (const url of [pathToFileURL(file).href, await startDatabaseServer({ token: TOKEN })]) {
			const effects = await testEffects({
				env: { WHICHSUB_DATABASE_URL: url, WHICHSUB_DATABASE_TOKEN: TOKEN },
			})
			expect(await main(args, effects)).toBe(1)
			expect(effects.said.err.join()).toMatch(/^whichsub: no posts yet: /)
			const client = createClient({ url, authToken: TOKEN })
			expect((await client.execute('SELECT name FROM sqlite_master')).rows).toEqual([])
			client.close()
		}
	})
})

describe('a database for reading only', () => {
	it('is read, and nothing is left beside it', async () => {
		const dir = await readOnlyFolder()
		const { code, out, err } = await runAsNobody('--data', dir, 'posts', 'stats', '--json')
		expect({ code, err }).toEqual({ code: 0, err: '' })
		expect(JSON.parse(out).posts).toBeGreaterThan(0)
		expect(await readdir(dir)).toEqual(['posts.db'])
	})

	it('tells that there are no picks', async () => {
		const { code, out } = await runAsNobody('--data', await readOnlyFolder(), 'feedback', 'stats')
		expect({ code, out }).toEqual({ code: 0, out: 'no picks yet; run: feedback import FILE\n' })
	})

	it('is not pruned', async () => {
		const dir = await readOnlyFolder()
		const { code, err } = await runAsNobody('--data', dir, 'posts', 'prune', '--min-posts', '999')
		expect(code).toBe(1)
		expect(err).toMatch(/^whichsub: database may not be opened: .*; check its permissions\n$/)
	})

	it('is not read past a log that may hold newer posts', async () => {
		const dir = await readOnlyFolder()
		await chmod(dir, 0o755)
		await writeFile(join(dir, 'posts.db-wal'), 'x'.repeat(100))
		await chmod(dir, 0o555)
		const { code, err } = await runAsNobody('--data', dir, 'posts', 'stats')
		expect(code).toBe(1)
		expect(err).toMatch(/^whichsub: database may not be opened: /)
	})
})
