// Databases on disks that refuse shared memory, locks or growth. Network disks can't be mounted here: a small library answers
// system calls as they do. What is full, for reading only or limited is real, where this machine lets a test have it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compiled } from '../../../fixtures/compiled.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'
import { compileOddDisk, oddDisk } from '../../../fixtures/odd-disk.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
/** More than the limits of a file below leave room for. */
const MANY_POSTS = 60_000
const FEW_POSTS = 500
const { ENOLCK, EOPNOTSUPP } = constants.errno

const canCompile = compileOddDisk()

const mountsAt = join(tmpdir(), `whichsub-disk-${process.pid}`)
spawnSync('mkdir', ['-p', mountsAt])
const canMount = mountTmpfs('size=3m')

function mountTmpfs(options: string): boolean {
	return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', mountsAt]).status === 0
}

const manyPosts = join(tmpdir(), `whichsub-many-posts-${process.pid}.ndjson`)
const fewPosts = join(tmpdir(), `whichsub-few-posts-${process.pid}.ndjson`)
beforeAll(async () => {
	const lines = Array.from({ length: MANY_POSTS }, (_, i) => {
		const post = { id: (1e6 + i).toString(36), created_utc: 1.37e9 + i, subreddit: `s${i % 50}` }
		const title = `A made title number ${i} about something ${(i * 7) % 1000}`
		return `${JSON.stringify({ ...post, title, score: 1, num_comments: 0, over_18: false })}\n`
	})
	await writeFile(manyPosts, lines.join(''))
	await writeFile(fewPosts, lines.slice(0, FEW_POSTS).join(''))
})
afterAll(async () => {
	for (const child of children) child.kill('SIGKILL')
	if (canMount) spawnSync('umount', [mountsAt])
	for (const path of [manyPosts, fewPosts, mountsAt])
		await rm(path, { recursive: true, force: true })
})

/** Commands that run, so that none is left behind. */
const children = new Set<ChildProcess>()

interface Ending {
	readonly code: number
	readonly out: string
	readonly err: string
}

interface RunOptions {
	readonly env?: Record<string, string>
	/** Of a file's size, in units of 1,024 bytes. */
	readonly limit?: string
}

async function run(
	args: readonly string[],
	{ env = {}, limit = 'unlimited' }: RunOptions = {},
): Promise<Ending> {
	const script = `ulimit -f ${limit}; exec "$0" "$@"`
	const node = [process.execPath, await compiled('scripts/cli.ts')]
	const child = spawn('bash', ['-c', script, ...node, ...args], {
		cwd: ROOT,
		env: { ...process.env, ...env },
	})
	children.add(child)
	let [out, err] = ['', '']
	child.stdout.on('data', (chunk) => (out += chunk))
	child.stderr.on('data', (chunk) => (err += chunk))
	const [code] = await once(child, 'close')
	children.delete(child)
	return { code, out, err }
}

const ingest = (
	dir: string,
	{ file = fewPosts, ...options }: RunOptions & { readonly file?: string } = {},
) => run(['--data', dir, 'ingest', file], options)

async function countPosts(dir: string): Promise<number> {
	const { out, err } = await run(['--data', dir, 'posts', 'stats', '--json'])
	expect(err).toBe('')
	return JSON.parse(out).posts
}

async function dataFolder(): Promise<string> {
	const dir = join(await temporaryFolder(), 'data')
	await mkdir(dir)
	return dir
}

const odd = (dir: string, how: Record<string, string>) => ({ env: oddDisk(dir, how) })

describe.runIf(canCompile)('on a disk as of a network (needs cc on Linux)', () => {
	it.each([
		['has no shared memory', { ODD_SHARED_MEMORY: '1' }],
		['refuses locks in shared memory', { ODD_LOCKS: `${ENOLCK}`, ODD_ENDING: '-shm' }],
	])('that %s, a database does without a write-ahead log', async (_, how) => {
		const dir = await dataFolder()
		const made = await ingest(dir, odd(dir, how))
		const says = `warning: the disk has no shared memory for a write-ahead log: ${dir}/posts.db does without one, and commands wait for each other\n`
		expect(made).toMatchObject({ code: 0, err: expect.stringContaining(says) })
		// And from then on, for readers and writers.
		const args = ['--data', dir, 'posts', 'stats', '--json']
		const { code, err, out } = await run(args, odd(dir, how))
		expect({ code, err, posts: JSON.parse(out).posts }).toEqual({
			code: 0,
			err: '',
			posts: FEW_POSTS,
		})
	})

	it('a database that had a write-ahead log elsewhere is read and written', async () => {
		const dir = await dataFolder()
		await ingest(dir)
		const disk = odd(dir, { ODD_SHARED_MEMORY: '1' })
		expect(await run(['--data', dir, 'posts', 'stats'], disk)).toMatchObject({ code: 0 })
		expect(await ingest(dir, disk)).toMatchObject({ code: 0, err: '' })
	})

	it.each([
		['no locks left', ENOLCK],
		['not supported', EOPNOTSUPP],
	])('that answers every lock with "%s", a command ends with a line', async (_, error) => {
		const dir = await dataFolder()
		await ingest(dir)
		for (const args of [
			['ingest', fewPosts],
			['posts', 'stats'],
		])
			expect(await run(['--data', dir, ...args], odd(dir, { ODD_LOCKS: `${error}` }))).toEqual({
				code: 1,
				out: '',
				err: `whichsub: disk refuses file locks: ${dir}; a database needs them: name a folder on another disk with --data\n`,
			})
		expect(await countPosts(dir)).toBe(FEW_POSTS)
	})
})

describe('on a disk with a limit', () => {
	it('of a file, keeps the batches before, and says so', async () => {
		const dir = await dataFolder()
		const { code, err } = await ingest(dir, { file: manyPosts, limit: '2500' })
		expect(code).toBe(1)
		expect(err).toMatch(/^whichsub: largest file reached: .*posts\.db; .* raise the limit, or /)
		const kept = await countPosts(dir)
		expect(kept).toBeGreaterThanOrEqual(5_000)
		expect(kept).toBeLessThan(MANY_POSTS)
		// With room, the same file adds what is missing, each once.
		expect(await ingest(dir, { file: manyPosts })).toMatchObject({ code: 0 })
		expect(await countPosts(dir)).toBe(MANY_POSTS)
	})

	it.runIf(canMount)('or for reading only, says so (needs root, to mount one)', async () => {
		const { code, err } = await ingest(mountsAt, { file: manyPosts })
		expect({ code, err }).toEqual({
			code: 1,
			err: `whichsub: disk is full: ${mountsAt}/posts.db; free some space and run this again\n`,
		})
		const kept = await countPosts(mountsAt)
		expect(kept).toBeGreaterThan(0)
		spawnSync('mount', ['-o', 'remount,ro', mountsAt])
		expect(await ingest(mountsAt)).toEqual({
			code: 1,
			out: '',
			err: `whichsub: disk is mounted read-only: ${mountsAt}/posts.db; copy the folder to another disk and name it with --data\n`,
		})
		expect(await countPosts(mountsAt)).toBe(kept)
	})
})
