// Three collectors, each a process, on one libSQL server over HTTP, one of them killed: nothing lost, nothing read twice.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { COLLECT_TABLES } from '../../../../scripts/lib/collect/tables.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'
import { SERVERS } from '../../../fixtures/libsql-server.ts'
import { createFastClock } from './fast-clock.ts'
import { RedditServer, type SeenRequest } from './reddit-server.ts'
import { RedditWorld } from './reddit-world.ts'
import { createSoakEffects, type SoakSettings } from './soak-settings.ts'

const SUBREDDITS = 30
const KILLED = 'collector 2'
/** Of the one that is killed: it is in the middle of a subreddit, and the others have most of their work before them. */
const LAST_REQUEST = 4

const isPage = ({ path }: SeenRequest) => /^\/r\/sub_\d+\/new$/.test(path)
const collectorOf = ({ headers }: SeenRequest) => String(headers['user-agent'])
const pageOf = ({ path, query }: SeenRequest) => `${path} ${query.get('after')}`

async function start(settings: SoakSettings) {
	const args = [
		await compiled('tests/scripts/lib/collect/soak-collector.ts'),
		JSON.stringify(settings),
	]
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
	return {
		child,
		ready: once(child, 'message'),
		ended: once(child, 'exit') as Promise<[number | null, string | null]>,
	}
}

/** Lets them begin at once when the slowest has started: else one may have done all before another is there. */
async function begin(...collectors: Awaited<ReturnType<typeof start>>[]) {
	await Promise.all(collectors.map(({ ready }) => ready))
	for (const { child } of collectors) child.send('begin')
}

describe.each(SERVERS)('three collectors on $name', ({ isThere, start: startServer }) => {
	it.skipIf(!isThere)('share it, and what one leaves that is killed the others read', async () => {
		const world = new RedditWorld()
		for (let number = 0; number < SUBREDDITS; number += 1)
			world.add(`sub_${number}`, 150 + ((number * 97) % 700))
		// A claim holds for half an hour, here 18 seconds: a busy machine must not make a page take longer.
		const clock = { realStart: Date.now(), start: Date.UTC(2026, 0, 1), factor: 100 }
		const { now } = createFastClock(clock)
		const reddit = await RedditServer.start({ world, now: () => now().getTime(), rateLimit: null })
		const { url, token } = await startServer()
		const env = { WHICHSUB_DATABASE_URL: url, WHICHSUB_DATABASE_TOKEN: token }
		const dataDir = await temporaryFolder()
		const shared = { dataDir, url: reddit.url.href, limit: SUBREDDITS, clock, env }
		const run = (userAgent: string) => start({ ...shared, userAgent })
		try {
			const collectors = await Promise.all(['collector 1', KILLED, 'collector 3'].map(run))
			reddit.onRequest = () => {
				const asked = reddit.requests.filter((one) => isPage(one) && collectorOf(one) === KILLED)
				if (asked.length === LAST_REQUEST) collectors[1]?.child.kill('SIGKILL')
			}
			await begin(...collectors)
			const ends = await Promise.all(collectors.map(({ ended }) => ended))
			expect(ends).toEqual([
				[0, null],
				[null, 'SIGKILL'],
				[0, null],
			])
			// What the killed one had claimed is free again once somebody sees that its process is gone.
			const last = await run('collector 4')
			await begin(last)
			expect(await last.ended).toEqual([0, null])

			const pages = reddit.requests.filter(isPage)
			const living = pages.filter((one) => collectorOf(one) !== KILLED).map(pageOf)
			expect(new Set(living).size).toBe(living.length)
			for (const name of ['collector 1', 'collector 3'])
				expect(pages.filter((one) => collectorOf(one) === name).length, name).toBeGreaterThan(0)

			const effects = createSoakEffects(shared, new AbortController().signal)
			const database = await openPostsDatabase(effects, COLLECT_TABLES)
			const { rows } = await database.execute('SELECT id FROM posts ORDER BY id')
			const left = await database.execute(
				'SELECT name FROM subreddits WHERE claimed_by IS NOT NULL',
			)
			database.close()
			expect(rows.map(({ id }) => String(id))).toEqual(world.listedIds().sort())
			expect(left.rows).toEqual([])
		} finally {
			await reddit.close()
		}
	})
})
