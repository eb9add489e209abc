import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { CollectEffects } from '../../../../scripts/lib/collect/clock.ts'
import { createHarness, type Harness } from './harness.ts'
import type { Fault, SeenRequest } from './reddit-server.ts'
import { listedIds } from './reddit-world.ts'

const DAY_S = 24 * 60 * 60

/** Misbehaves for the first so many requests of a path. */
function firstTimes(path: RegExp, count: number, fault: Fault) {
	let left = count
	return (request: SeenRequest): Fault | null => {
		if (left === 0 || !path.test(request.path)) return null
		left -= 1
		return fault
	}
}

/** Effects that press Ctrl-C when the server sees its nth request from now on. */
function stopAt({ effects, server }: Harness, count: number): CollectEffects {
	const stop = new AbortController()
	let left = count
	server.onRequest = () => {
		left -= 1
		if (left === 0) stop.abort()
	}
	return { ...effects, signal: stop.signal }
}

describe('collectPosts', () => {
	it('reads the newest posts of every popular subreddit, most popular first', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 250)
		harness.world.add('beta', 0)
		harness.world.add('gamma', 1)
		harness.world.add('delta', 100)
		await harness.subreddits()
		const report = await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
		expect(report.subreddits).toEqual({
			selected: 4,
			finished: 4,
			setAside: 0,
			failed: 0,
			left: 0,
		})
		expect(report.posts).toMatchObject({ added: 351, known: 0 })
		expect(harness.server.requests.filter(({ path }) => path === '/r/alpha/new')).toHaveLength(3)
	})

	it('keeps what a post is, and that and when it came from the API', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 1, {
			fields: () => ({ title: 'Ampersand & <tag>', score: -3, num_comments: 7 }),
		})
		await harness.subreddits()
		await harness.posts()
		const [post] = await harness.query('SELECT * FROM posts')
		expect(post).toMatchObject({
			subreddit: 'alpha',
			title: 'Ampersand & <tag>',
			created_utc: 1_600_000_000,
			score: -3,
			num_comments: 7,
			over_18: 0,
			source: 'api',
		})
		const now = harness.effects.now().getTime() / 1000
		expect(Number(post?.retrieved_utc)).toBeGreaterThan(now - DAY_S)
		expect(harness.server.asked('alpha')[0]?.query.get('raw_json')).toBe('1')
	})

	it('names itself as the rules of Reddit ask, in every request', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 1)
		await harness.subreddits()
		await harness.posts()
		const agents = harness.server.requests.map(({ headers }) => headers['user-agent'])
		expect(new Set(agents)).toEqual(new Set(['test:whichsub:v0 (by /u/tester)']))
	})

	it('reads no more of a subreddit than was asked for', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 400)
		await harness.subreddits()
		await harness.posts({ newest: 130 })
		expect(await harness.ids()).toEqual(harness.world.listedIds(130))
	})

	it('reads only the most popular when so many are asked for', async () => {
		const harness = await createHarness()
		for (const name of ['alpha', 'beta', 'gamma']) harness.world.add(name, 3)
		await harness.subreddits()
		const report = await harness.posts({ selection: { kind: 'top', count: 2 } })
		expect(report.subreddits.selected).toBe(2)
		expect(harness.server.asked('gamma')).toHaveLength(0)
	})

	it('reads named subreddits that no list has shown', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 3)
		await harness.posts({ selection: { kind: 'names', names: ['ALPHA'] } })
		expect(await harness.ids()).toHaveLength(3)
	})

	it('says what to do where no subreddits are known', async () => {
		const harness = await createHarness()
		await expect(harness.posts()).rejects.toThrow(/collect subreddits/)
	})

	it('leaves out posts and popular subreddits that are marked over 18, unless asked', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 10, { fields: (number) => ({ over_18: number % 2 === 0 }) })
		harness.world.add('beta', 5, { over18: true, fields: () => ({ over_18: true }) })
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.posts).toMatchObject({ added: 5, over18: 5 })
		expect(harness.server.asked('beta')).toHaveLength(0)
		await harness.posts({ over18: true })
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('counts what it leaves out: deleted posts, posts from elsewhere, things that are no posts', async () => {
		const harness = await createHarness()
		const odd: Record<number, Record<string, unknown>> = {
			0: { title: '[deleted]' },
			1: { selftext: '[removed]' },
			2: { subreddit: 'elsewhere' },
			3: { id: '<script>' },
			4: { title: 17 },
		}
		harness.world.add('alpha', 10, { fields: (number) => odd[number] ?? {} })
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.posts).toEqual({
			added: 5,
			known: 0,
			deleted: 2,
			elsewhere: 1,
			broken: 2,
			over18: 0,
		})
	})
})

describe('collectPosts and titles that are trouble', () => {
	it('keeps them, whatever they hold, and goes on', async () => {
		const titles = ['half \ud800', 'NUL \u0000.', "'); DROP TABLE posts; --", '\u202e', '🙂', '{}']
		const harness = await createHarness()
		harness.world.add('alpha', titles.length, {
			fields: (number) => ({ title: titles[number] }),
		})
		harness.world.add('beta', 1)
		await harness.subreddits()
		await harness.posts()
		const rows = await harness.query(
			"SELECT title FROM posts WHERE subreddit = 'alpha' ORDER BY score",
		)
		expect(rows.map(({ title }) => title)).toEqual([
			'half \ufffd',
			'NUL \ufffd.',
			...titles.slice(2),
		])
		expect(await harness.ids()).toHaveLength(titles.length + 1)
	})
})

describe('collectPosts, run again', () => {
	it('asks one page of a subreddit and stops at the first post that is known', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 900)
		await harness.subreddits()
		await harness.posts()
		harness.pass(DAY_S)
		alpha.posts += 30
		harness.server.requests.length = 0
		const report = await harness.posts()
		expect(report.posts).toMatchObject({ added: 30, known: 70 })
		expect(harness.server.asked('alpha')).toHaveLength(1)
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('does not take a post from a dump for the end of what is new', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 300)
		await harness.subreddits()
		const [newest] = listedIds(alpha)
		await harness.query(
			`INSERT INTO posts VALUES (?, 1600000000, 'alpha', 'From a dump', 1, 0, 0, NULL, 'RS.zst', 1)`,
			[newest ?? ''],
		)
		await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('goes on where Ctrl-C stopped it', async () => {
		const harness = await createHarness()
		for (let number = 0; number < 12; number += 1) harness.world.add(`sub${number}`, 320)
		await harness.subreddits()
		await expect(harness.posts({}, stopAt(harness, 20))).rejects.toMatchObject({
			code: 'aborted',
		})
		const asked = harness.server.requests.length
		const before = (await harness.ids()).length
		expect(before).toBeGreaterThan(0)
		const report = await harness.posts()
		expect(harness.lines.join('\n')).toMatch(/going on with the run of 2026-01-15/)
		expect(await harness.ids()).toEqual(harness.world.listedIds())
		// 48 pages, one of them asked again for each of the four that were under way.
		const pages = harness.server.requests.filter(({ path }) => path.startsWith('/r/')).length
		expect(pages).toBeLessThanOrEqual(52)
		expect(asked).toBeLessThan(48)
		expect(report.subreddits).toMatchObject({ selected: 12, finished: 12 })
	})

	it('mends the gap of a run that was stopped and never gone on with', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 200)
		await harness.subreddits()
		await harness.posts()
		alpha.posts += 600
		await expect(harness.posts({}, stopAt(harness, 3))).rejects.toMatchObject({ code: 'aborted' })
		harness.pass(10 * DAY_S)
		alpha.posts += 50
		await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('begins anew when asked, and when the stopped run is a week old', async () => {
		const harness = await createHarness()
		const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']
		for (const name of names) harness.world.add(name, 150)
		await harness.subreddits()
		await expect(harness.posts({}, stopAt(harness, 9))).rejects.toMatchObject({ code: 'aborted' })
		const again = await harness.posts({ startOver: true })
		expect(again.run).toBeGreaterThan(2)
		await expect(harness.posts({}, stopAt(harness, 3))).rejects.toMatchObject({ code: 'aborted' })
		harness.pass(8 * DAY_S)
		harness.lines.length = 0
		await harness.posts()
		expect(harness.lines.join('\n')).not.toMatch(/going on/)
	})
})

describe('collectPosts against a server that misbehaves', () => {
	const passing: [string, Fault][] = [
		['HTTP 500', { kind: 'status', status: 500 }],
		['HTTP 503', { kind: 'status', status: 503, headers: { 'retry-after': '20' } }],
		['HTTP 429', { kind: 'status', status: 429, headers: { 'retry-after': '30' } }],
		['HTTP 408', { kind: 'status', status: 408 }],
		['no answer', { kind: 'hang' }],
		['an answer that stops', { kind: 'stall' }],
		['a dropped connection', { kind: 'drop' }],
		['a cut answer', { kind: 'cut' }],
		['a page for people', { kind: 'block-page', status: 200 }],
		['no listing', { kind: 'body', text: '{"kind": "t3"}' }],
		['half a JSON', { kind: 'body', text: '{"kind": "Listing", "da' }],
	]
	for (const [name, fault] of passing)
		it(`tries again after ${name}`, async () => {
			const harness = await createHarness({ fault: firstTimes(/^\/r\//, 2, fault) })
			harness.world.add('alpha', 120)
			await harness.subreddits()
			const report = await harness.posts()
			expect(await harness.ids()).toEqual(harness.world.listedIds())
			expect(report.subreddits).toMatchObject({ finished: 1, failed: 0 })
		})

	it('waits as long as Retry-After says, all of it together', async () => {
		const fault = firstTimes(/^\/r\/sub0/, 1, {
			kind: 'status',
			status: 429,
			headers: { 'retry-after': '300' },
		})
		const harness = await createHarness({ fault })
		for (let number = 0; number < 8; number += 1) harness.world.add(`sub${number}`, 10)
		await harness.subreddits()
		await harness.posts()
		const times = harness.server.requests
			.filter(({ path }) => path.startsWith('/r/'))
			.map(({ at }) => at)
		const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0))
		expect(Math.max(...waits)).toBeGreaterThanOrEqual(299_000)
		// Only requests that were under way came after the refusal.
		expect(waits.findIndex((wait) => wait > 299_000)).toBeLessThanOrEqual(4)
		expect(await harness.ids()).toHaveLength(80)
	})

	it('does not exceed the rate limit that the headers tell', async () => {
		const harness = await createHarness({ rateLimit: 12, api: { requestsPerMinute: 100_000 } })
		for (let number = 0; number < 40; number += 1) harness.world.add(`sub${number}`, 5)
		await harness.subreddits()
		await harness.posts()
		expect(harness.server.violations).toBe(0)
		expect(await harness.ids()).toHaveLength(200)
	})

	it('works where the server tells no rate limit', async () => {
		const harness = await createHarness({ rateLimit: null })
		harness.world.add('alpha', 250)
		await harness.subreddits()
		await harness.posts()
		expect(await harness.ids()).toHaveLength(250)
	})

	it('renews the token before it expires', async () => {
		const harness = await createHarness({ tokenSeconds: 60 })
		for (let number = 0; number < 60; number += 1) harness.world.add(`sub${number}`, 105)
		await harness.subreddits()
		const start = harness.effects.now().getTime()
		await harness.posts()
		const passed = (harness.effects.now().getTime() - start) / 1000
		expect(harness.server.expired).toBe(0)
		expect(harness.server.tokens).toBeGreaterThanOrEqual(Math.floor(passed / 60))
		expect(await harness.ids()).toHaveLength(60 * 105)
	})

	it('asks for another token when one is refused', async () => {
		const harness = await createHarness()
		let asked = 0
		harness.server.onRequest = ({ path }) => {
			if (path.startsWith('/r/') && ++asked === 2) harness.server.revokeTokens()
		}
		harness.world.add('alpha', 350)
		await harness.subreddits()
		await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('fails a subreddit that never works, reads the others, and tries it again next time', async () => {
		const harness = await createHarness({
			fault: ({ path }) => (path === '/r/beta/new' ? { kind: 'status', status: 500 } : null),
		})
		for (const name of ['alpha', 'beta', 'gamma']) harness.world.add(name, 10)
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.subreddits).toMatchObject({ finished: 2, failed: 1 })
		expect(report.failures).toEqual([{ name: 'beta', why: 'HTTP 500' }])
		const [row] = await harness.query("SELECT * FROM subreddits WHERE name = 'beta'")
		expect(row?.failure).toBe('HTTP 500')
		const asked = harness.server.asked('beta').length
		await harness.posts()
		expect(harness.server.asked('beta').length).toBeGreaterThan(asked)
	})

	it('fails a listing that goes round in a circle', async () => {
		const page = {
			kind: 'Listing',
			data: {
				after: 't3_abc',
				children: [{ kind: 't3', data: { id: 'abc', created_utc: 1_600_000_000 } }],
			},
		}
		const harness = await createHarness({
			fault: ({ path }) =>
				path === '/r/alpha/new' ? { kind: 'body', text: JSON.stringify(page) } : null,
		})
		harness.world.add('alpha', 10)
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.failures[0]?.why).toMatch(/circle|no end/)
	})

	it('sits out an outage of ten hours and goes on', async () => {
		let outUntil = 0
		const harness = await createHarness({
			fault: ({ at, path }) =>
				at < outUntil && !path.includes('token') ? { kind: 'status', status: 503 } : null,
		})
		for (let number = 0; number < 10; number += 1) harness.world.add(`sub${number}`, 10)
		await harness.subreddits()
		outUntil = harness.effects.now().getTime() + 10 * 60 * 60 * 1000
		const report = await harness.posts()
		expect(report.subreddits).toMatchObject({ finished: 10, failed: 0 })
		expect(harness.lines.join('\n')).toMatch(/nothing comes from reddit \(HTTP 503\)/)
		expect(harness.lines.join('\n')).toMatch(/reddit answers again/)
	})

	it('does not blame subreddits for a firewall that refuses everything', async () => {
		let isBlocked = false
		let refused = 0
		const harness = await createHarness({
			fault: ({ path }) => {
				if (!isBlocked || path.includes('token')) return null
				refused += 1
				if (refused > 6) isBlocked = false
				return { kind: 'block-page', status: 403 }
			},
		})
		for (const name of ['alpha', 'beta']) harness.world.add(name, 10)
		await harness.subreddits()
		isBlocked = true
		const report = await harness.posts()
		expect(report.subreddits).toMatchObject({ finished: 2, setAside: 0 })
	})

	it('gives up with the next step when nothing was answered for half a day', async () => {
		const harness = await createHarness({
			fault: ({ path }) => (path.startsWith('/r/') || isOut ? { kind: 'drop' } : null),
		})
		let isOut = false
		harness.world.add('alpha', 10)
		await harness.subreddits()
		isOut = true
		await expect(harness.posts()).rejects.toMatchObject({
			code: 'network',
			message: expect.stringMatching(/nothing came from reddit for .*run this again/),
		})
	})
})

describe('collectPosts and subreddits that Reddit refuses', () => {
	it('records the reason and the date, and does not ask again for a while', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 10)
		for (const trouble of ['private', 'banned', 'quarantined', 'gold_only', 'missing'] as const)
			harness.world.add(`is_${trouble}`, 10, { trouble })
		harness.world.add('is_notfound', 10, { trouble: 'not-found' })
		harness.world.add('oldname', 10, { movedTo: 'newname' })
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.subreddits).toMatchObject({ finished: 1, setAside: 7, failed: 0 })
		const rows = await harness.query(
			'SELECT * FROM subreddits WHERE unavailable IS NOT NULL ORDER BY name',
		)
		expect(rows.map(({ name, unavailable, moved_to }) => [name, unavailable, moved_to])).toEqual([
			['is_banned', 'banned', null],
			['is_gold_only', 'restricted', null],
			['is_missing', 'missing', null],
			['is_notfound', 'missing', null],
			['is_private', 'private', null],
			['is_quarantined', 'quarantined', null],
			['oldname', 'moved', 'newname'],
		])
		const now = harness.effects.now().getTime() / 1000
		for (const row of rows) {
			expect(Number(row.unavailable_utc)).toBeGreaterThan(now - DAY_S)
			expect(Number(row.ask_again_utc)).toBeGreaterThan(now + 6 * DAY_S)
		}
		harness.server.requests.length = 0
		const next = await harness.posts()
		expect(next.subreddits).toMatchObject({ finished: 1, setAside: 7 })
		expect(harness.server.requests.filter(({ path }) => path.startsWith('/r/is_'))).toEqual([])
	})

	it('asks again when the while is over, and forgets the refusal when it works', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 10, { trouble: 'private' })
		await harness.subreddits()
		await harness.posts()
		delete alpha.trouble
		harness.pass(8 * DAY_S)
		const report = await harness.posts()
		expect(report.posts.added).toBe(10)
		const [row] = await harness.query('SELECT * FROM subreddits')
		expect(row).toMatchObject({ unavailable: null, ask_again_utc: null, unavailable_utc: null })
	})

	it('sets aside a refusal without a reason only while the API works for others', async () => {
		const harness = await createHarness({
			fault: ({ path }) =>
				path === '/r/alpha/new' ? { kind: 'body', status: 403, text: '{"error": 403}' } : null,
		})
		harness.world.add('alpha', 10)
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.refused).toEqual({ refused: 1 })
	})

	it('follows no redirect: the token goes to no other host', async () => {
		const harness = await createHarness({
			fault: ({ path }) =>
				path === '/r/alpha/new'
					? { kind: 'redirect', location: 'http://elsewhere.invalid/' }
					: null,
		})
		harness.world.add('alpha', 10)
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.refused).toEqual({ refused: 1 })
	})
})

describe('several collectors on one database', () => {
	it('share the work of one run', async () => {
		const harness = await createHarness({ api: { requestsPerMinute: 2_000 } })
		for (let number = 0; number < 30; number += 1) harness.world.add(`sub${number}`, 120)
		await harness.subreddits()
		const [first, second] = await Promise.all([harness.posts(), harness.posts()])
		expect(first.run).toBe(second.run)
		expect(await harness.ids()).toEqual(harness.world.listedIds())
		expect(first.posts.added + second.posts.added).toBe(3_600)
		// Two pages of each, by one of them alone.
		const pages = harness.server.requests.filter(({ path }) => path.startsWith('/r/'))
		expect(pages).toHaveLength(60)
		expect(Math.min(first.posts.added, second.posts.added)).toBeGreaterThan(0)
	})

	it('leave alone what another one is reading, until it has been silent for half an hour', async () => {
		const harness = await createHarness()
		for (const name of ['alpha', 'beta']) harness.world.add(name, 10)
		await harness.subreddits()
		const now = Math.floor(harness.effects.now().getTime() / 1000)
		await harness.query(
			"UPDATE subreddits SET claimed_by = 'elsewhere#1#2#3', claimed_until_utc = ? WHERE name = 'beta'",
			[now + 1_800],
		)
		const report = await harness.posts()
		expect(report.subreddits).toMatchObject({ finished: 1, left: 1 })
		expect(harness.server.asked('beta')).toHaveLength(0)
		harness.pass(1_800)
		const next = await harness.posts()
		expect(next.run).toBe(report.run)
		expect(next.subreddits).toMatchObject({ finished: 2, left: 0 })
	})

	it('take over at once what a killed one of this machine was reading', async () => {
		const harness = await createHarness()
		for (const name of ['alpha', 'beta']) harness.world.add(name, 10)
		await harness.subreddits()
		const now = Math.floor(harness.effects.now().getTime() / 1000)
		// The number of this very process, but of an earlier one; and one that no process has.
		for (const [name, pid] of [
			['alpha', process.pid],
			['beta', 2 ** 30],
		] as const)
			await harness.query(
				'UPDATE subreddits SET claimed_by = ?, claimed_until_utc = ? WHERE name = ?',
				[`${hostname()}#${pid}#1#x`, now + 1_800, name],
			)
		const report = await harness.posts()
		expect(report.subreddits).toMatchObject({ finished: 2, left: 0 })
	})

	it('give back what they were reading when they are stopped', async () => {
		const harness = await createHarness()
		for (const name of ['alpha', 'beta']) harness.world.add(name, 300)
		await harness.subreddits()
		await expect(harness.posts({}, stopAt(harness, 3))).rejects.toMatchObject({ code: 'aborted' })
		expect(await harness.query('SELECT name FROM subreddits WHERE claimed_by IS NOT NULL')).toEqual(
			[],
		)
	})
})
