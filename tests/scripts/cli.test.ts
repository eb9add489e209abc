// The command line as a process of its own: pipes that close, signals, folders that are none.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { compiled } from '../fixtures/compiled.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { temporaryFolder } from '../fixtures/effects.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../fixtures/release.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const VERSION = '20130601.0'

async function start(...args: string[]): Promise<ChildProcess> {
	const child = spawn(process.execPath, [await compiled('scripts/cli.ts'), ...args], { cwd: ROOT })
	onTestFinished(() => void child.kill('SIGKILL'))
	return child
}

/** What a command that was started says on stderr, and how it ends. */
async function ending(child: ChildProcess): Promise<{ code: number | null; err: string }> {
	let err = ''
	child.stderr?.on('data', (chunk) => (err += chunk))
	const [code] = await once(child, 'close')
	return { code, err }
}

async function modelsWithRelease(): Promise<string> {
	const modelsDir = await temporaryFolder()
	const model = makeModelFile({ topics: TOPICS })
	const listed = await writeRelease(modelsDir, { version: VERSION, model, labels: 8 })
	await writeReleases(modelsDir, [listed], { production: VERSION })
	return modelsDir
}

describe('the command line', () => {
	it('ends quietly when the reader of its results has gone', async () => {
		const child = await start('--models', await modelsWithRelease(), 'predict')
		const end = ending(child)
		child.stdout?.once('data', () => child.stdout?.destroy())
		child.stdin?.on('error', () => {})
		child.stdin?.end('kitten whiskers\n'.repeat(50_000))
		expect(await end).toEqual({ code: 141, err: '' })
	})

	it.each(['SIGINT', 'SIGTERM'] as const)('stops waiting for stdin on %s', async (signal) => {
		const child = await start('--models', await modelsWithRelease(), 'predict')
		const end = ending(child)
		child.stdin?.write('kitten\n')
		await once(child.stdout as NodeJS.EventEmitter, 'data')
		child.kill(signal)
		expect(await end).toEqual({ code: 130, err: 'whichsub: stopped on request\n' })
	})

	it('says so where the data folder is a file', async () => {
		const dir = await temporaryFolder()
		const posts = join(dir, 'posts.ndjson')
		await writeFile(posts, '')
		const { code, err } = await ending(await start('--data', posts, 'ingest', posts))
		expect(code).toBe(1)
		expect(err).toBe(`whichsub: is no folder, or lies below a file: ${posts}; name another\n`)
	})

	it.skipIf(process.getuid?.() === 0)(
		'says so where the data folder may not be written',
		async () => {
			const dir = join(await temporaryFolder(), 'data')
			await mkdir(dir)
			await chmod(dir, 0o555)
			const { code, err } = await ending(
				await start('--data', dir, 'snapshot', '--until', '2013-06-01'),
			)
			expect(code).toBe(1)
			expect(err).toMatch(/may not be (written|opened)/)
		},
	)

	it('works from any folder, with its threads too', async () => {
		const dir = await temporaryFolder()
		const models = join(dir, 'models')
		const release = await writeRelease(models, {
			version: VERSION,
			model: makeModelFile({ topics: TOPICS }),
			labels: Object.keys(TOPICS).length,
		})
		await writeReleases(models, [release], { production: VERSION })
		// More than one thread is worth starting for.
		const posts = Array.from({ length: 9_000 }, (_, n) => ({
			id: n.toString(36),
			created_utc: 1_370_000_000 + n,
			subreddit: 'cats',
			score: 1,
			title: `kitten number ${n}`,
			num_comments: 0,
			over_18: false,
		}))
		await writeFile(
			join(dir, 'posts.ndjson'),
			posts.map((post) => `${JSON.stringify(post)}\n`).join(''),
		)
		const child = spawn(
			process.execPath,
			[
				join(ROOT, 'scripts/whichsub.mjs'),
				...['--data', join(dir, 'data'), '--models', models],
				...['evaluate', '--release', 'production', '--posts', 'posts.ndjson'],
			],
			{ cwd: dir },
		)
		let out = ''
		child.stdout.on('data', (chunk) => (out += chunk))
		expect(await ending(child)).toMatchObject({ code: 0 })
		expect(out).toMatch(/recall@1 +1\.0000/)
	})

	it.each([['posts', 'stats'], ['ingest', 'posts.ndjson'], ['snapshot'], ['feedback', 'stats']])(
		'says in one line that posts.db is a folder: %s',
		async (...args) => {
			const dir = await temporaryFolder()
			await mkdir(join(dir, 'posts.db'))
			await writeFile(join(dir, 'posts.ndjson'), '')
			const path = args.map((arg) => (arg === 'posts.ndjson' ? join(dir, arg) : arg))
			const { code, err } = await ending(await start('--data', dir, ...path))
			expect(code).toBe(1)
			expect(err.trim()).toMatch(
				/^whichsub: database may not be opened: .*posts\.db; check that it is a file/,
			)
		},
	)

	it.each([
		['--data', 'LOOP', 'snapshot'],
		['--data', 'LOOP', 'train'],
		['ingest', 'LOOP'],
		['feedback', 'import', 'LOOP'],
		['--data', 'LOOP', 'ingest', 'FILE'],
	])('says in one line that a path is a link to itself: %s %s %s', async (...args) => {
		const dir = await temporaryFolder()
		const loop = join(dir, 'loop.ndjson')
		await symlink(loop, loop)
		await writeFile(join(dir, 'posts.ndjson'), '{}')
		const real = args.map((arg) =>
			arg === 'LOOP' ? loop : arg === 'FILE' ? join(dir, 'posts.ndjson') : arg,
		)
		const { code, err } = await ending(await start(...real))
		expect(code).toBe(1)
		expect(err.trim().split('\n').at(-1)).toMatch(/^whichsub: .*link to itself/)
		expect(err).not.toContain('this is a bug')
	})
})
