// Runs the collector against the tests' Reddit, with a clock and a data folder of its own.
import { onTestFinished } from 'vitest'
import type { CollectEffects } from '../../../../scripts/lib/collect/clock.ts'
import {
	type CollectPostsOptions,
	type CollectPostsReport,
	collectPosts,
} from '../../../../scripts/lib/collect/collect-posts.ts'
import {
	type CollectSubredditsReport,
	collectSubreddits,
} from '../../../../scripts/lib/collect/collect-subreddits.ts'
import type { ApiOptions } from '../../../../scripts/lib/collect/reddit-api.ts'
import { COLLECT_TABLES } from '../../../../scripts/lib/collect/tables.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { testEffects } from '../../../fixtures/effects.ts'
import {
	CLIENT_ID,
	CLIENT_SECRET,
	RedditServer,
	type RedditServerOptions,
} from './reddit-server.ts'
import { RedditWorld } from './reddit-world.ts'
import { VirtualClock } from './virtual-clock.ts'

export const DAY_S = 24 * 60 * 60
const START_MS = Date.UTC(2026, 0, 15)

export interface Harness {
	readonly world: RedditWorld
	readonly server: RedditServer
	readonly effects: CollectEffects
	readonly api: ApiOptions
	/** What went to stdout and stderr. */
	readonly lines: string[]
	/** Moves the clock on. */
	pass(seconds: number): void
	subreddits(limit?: number): Promise<CollectSubredditsReport>
	posts(
		options?: Partial<CollectPostsOptions>,
		effects?: CollectEffects,
	): Promise<CollectPostsReport>
	/** Rows of the database. */
	query(sql: string, args?: (string | number | null)[]): Promise<Record<string, unknown>[]>
	/** Ids of all posts in the database, sorted. */
	ids(): Promise<string[]>
}

export async function createHarness(
	options: Partial<RedditServerOptions> & { readonly api?: Partial<ApiOptions> } = {},
): Promise<Harness> {
	const clock = new VirtualClock(START_MS)
	const world = options.world ?? new RedditWorld()
	const server = await RedditServer.start({
		now: () => clock.now().getTime(),
		onHang: () => {
			clock.hung += 1
		},
		...options,
		world,
	})
	onTestFinished(() => server.close())
	const lines: string[] = []
	const say = (text: string) => void lines.push(text)
	const effects: CollectEffects = {
		...(await testEffects({ env: {}, out: say, err: say, now: clock.now })),
		sleep: clock.sleep,
		random: Math.random,
	}
	const api: ApiOptions = {
		authUrl: server.url,
		apiUrl: server.url,
		credentials: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, username: 'tester' },
		userAgent: 'test:whichsub:v0 (by /u/tester)',
		requestsPerMinute: 100,
		timeoutMs: clock.deadlineMs,
		...options.api,
	}
	const query: Harness['query'] = async (sql, args = []) => {
		const database = await openPostsDatabase(effects, COLLECT_TABLES)
		const { rows } = await database.execute(sql, args)
		database.close()
		return rows.map((row) => ({ ...row }))
	}
	return {
		world,
		server,
		effects,
		api,
		lines,
		pass: (seconds) => clock.pass(seconds * 1000),
		subreddits: (limit = 5_000) => collectSubreddits({ api, limit, startOver: false }, effects),
		posts: (more = {}, otherEffects = effects) =>
			collectPosts(
				{
					api,
					newest: 1_000,
					selection: { kind: 'top', count: 5_000 },
					over18: false,
					startOver: false,
					...more,
				},
				otherEffects,
			),
		query,
		ids: async () => (await query('SELECT id FROM posts')).map(({ id }) => String(id)).sort(),
	}
}

/** Effects that press Ctrl-C when the server sees its nth request from now on. */
export function stopAt({ effects, server }: Harness, count: number): CollectEffects {
	const stop = new AbortController()
	let left = count
	server.onRequest = () => {
		left -= 1
		if (left === 0) stop.abort()
	}
	return { ...effects, signal: stop.signal }
}
