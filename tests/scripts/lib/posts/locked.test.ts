// A database that another process holds: every command says what it waits for, gives up in time, and stops on a signal.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openExistingPosts, openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { effectsIn, type TestEffects, testEffects } from '../../../fixtures/effects.ts'
import { makeFeedback } from '../../../fixtures/feedback.ts'
import { HOLD_WRITES, holdDatabase } from '../../../fixtures/hold-database.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const POST =
	'{"id":"abc","created_utc":1370000000,"subreddit":"pics","title":"A boat","score":1,"num_comments":0,"over_18":false}\n'
const PICK = makeFeedback({ id: 1, title: 'A boat', pick: { how: 'none' } })
const DAYS = ['--until', '2013-06-01', '--test-from', '2013-06-01', '--test-until', '2013-07-01']
const REDDIT = {
	WHICHSUB_REDDIT_CLIENT_ID: 'id',
	WHICHSUB_REDDIT_CLIENT_SECRET: 'secret',
	WHICHSUB_REDDIT_USERNAME: 'tester',
}

const COMMANDS = [
	['ingest', 'posts.ndjson'],
	['collect', 'posts', '--api-url', 'http://127.0.0.1:9', '--auth-url', 'http://127.0.0.1:9'],
	['collect', 'subreddits', '--api-url', 'http://127.0.0.1:9', '--auth-url', 'http://127.0.0.1:9'],
	['subreddits', 'import', 'subreddits.ndjson'],
	['feedback', 'import', 'picks.ndjson'],
	['feedback', 'stats'],
	['posts', 'stats'],
	['posts', 'sources'],
	['posts', 'prune', '--min-posts', '2'],
	['snapshot', ...DAYS],
	['run', 'snapshot'],
]

// A copy, because a connection of this process may keep its hold on the file until its statements are collected.
let filled = ''
beforeAll(async () => {
	filled = await mkdtemp(join(tmpdir(), 'whichsub-filled-'))
	const effects = effectsIn(filled)
	await fillDatabase(effects, 5)
	const database = await openPostsDatabase(effects)
	await database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
	database.close()
})
afterAll(() => rm(filled, { recursive: true, force: true }))

/** Effects of a folder with posts. */
async function withPosts(override: Partial<TestEffects> = {}) {
	const effects = await testEffects({ env: REDDIT, ...override })
	const path = join(effects.dataDir, 'posts.db')
	await mkdir(effects.dataDir)
	await copyFile(join(effectsIn(filled).dataDir, 'posts.db'), path)
	await writeFile(effects.parametersFile.path, 'snapshot: { until: 2013-06-01 }\n')
	return { effects, path }
}

/** Effects of a folder whose posts somebody holds, and the command's files. */
async function heldPosts(override: Partial<TestEffects> = {}) {
	const { effects, path } = await withPosts(override)
	const letGo = await holdDatabase(path)
	return { effects, path, letGo }
}

async function withFiles(args: readonly string[], { dataDir }: TestEffects): Promise<string[]> {
	const dir = join(dataDir, 'given')
	await mkdir(dir)
	await writeFile(join(dir, 'posts.ndjson'), POST)
	await writeFile(join(dir, 'subreddits.ndjson'), '{}\n')
	await writeFile(join(dir, 'picks.ndjson'), `${JSON.stringify(PICK)}\n`)
	return args.map((arg) => (arg.endsWith('.ndjson') ? join(dir, arg) : arg))
}

const waits = ({ said }: TestEffects) => said.err.filter((line) => line.startsWith('waiting for'))

describe('while another process holds the database', () => {
	afterEach(() => vi.restoreAllMocks())

	it.each(COMMANDS)('%s %s says so, and stops at once on a signal', async (...args) => {
		const interrupt = new AbortController()
		const { effects, path } = await heldPosts({ signal: interrupt.signal })
		const ended = main(await withFiles(args, effects), effects)
		await expect.poll(() => waits(effects)).toHaveLength(1)
		expect(waits(effects)[0]).toContain(path)
		interrupt.abort()
		expect(await ended).toBe(130)
	})

	it.each([
		['ingest', 'posts.ndjson'],
		['posts', 'stats'],
	])('%s %s gives up after 30 seconds', async (...args) => {
		const { effects, path } = await heldPosts()
		const given = await withFiles(args, effects)
		// Each look at the clock is some seconds later.
		let now = Date.now()
		vi.spyOn(Date, 'now').mockImplementation(() => {
			now += 4_000
			return now
		})
		expect(await main(given, effects)).toBe(1)
		expect(waits(effects)).toHaveLength(1)
		expect(effects.said.err.at(-1)).toMatch(
			new RegExp(
				`^whichsub: database is in use: ${path}; another program held it for 30 seconds: `,
			),
		)
	})

	it('goes on when the other lets go', async () => {
		const { effects, letGo } = await heldPosts()
		const opened = openPostsDatabase(effects)
		await expect.poll(() => waits(effects)).toHaveLength(1)
		await letGo()
		const database = await opened
		expect((await database.execute('SELECT count(*) FROM posts')).rows[0]?.[0]).toBeGreaterThan(0)
		database.close()
	})

	it.each(['executeBeside', 'transactBeside', 'batch'] as const)(
		'waits in the middle of its work, too, by %s, and reads beside a writer',
		async (how) => {
			const { effects, path } = await withPosts()
			const database = await openPostsDatabase(effects)
			const letGo = await holdDatabase(path, HOLD_WRITES)
			const reader = await openExistingPosts(effects)
			expect((await reader.execute('SELECT count(*) FROM posts')).rows[0]?.[0]).toBeGreaterThan(0)
			reader.close()
			expect(waits(effects)).toEqual([])
			const sql = 'DELETE FROM stored_posts'
			const removed =
				how === 'executeBeside' ? database.executeBeside(sql) : database[how]([{ sql }])
			await expect.poll(() => waits(effects)).toHaveLength(1)
			await letGo()
			await removed
			expect((await database.execute('SELECT count(*) FROM posts')).rows[0]?.[0]).toBe(0)
			database.close()
		},
	)

	it('ends as a process at the first SIGTERM', async () => {
		const { effects } = await heldPosts()
		const args = [await compiled('scripts/cli.ts'), '--data', effects.dataDir, 'posts', 'stats']
		const child = spawn(process.execPath, args, { cwd: ROOT })
		onTestFinished(() => void child.kill('SIGKILL'))
		const closed = once(child, 'close')
		let err = ''
		child.stderr.on('data', (chunk) => {
			if (err === '') child.kill('SIGTERM')
			err += chunk
		})
		expect(await closed).toEqual([130, null])
		expect(err).toMatch(/^waiting for the database.*\nwhichsub: stopped on request\n$/)
	})
})
