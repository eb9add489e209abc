import { describe, expect, it } from 'vitest'
import { formatSubredditsReport } from '../../../../scripts/lib/collect/collect-subreddits.ts'
import { createHarness, DAY_S, type Harness } from './harness.ts'

function addMany(harness: Harness, count: number): void {
	for (let number = 1; number <= count; number += 1) harness.world.add(`sub${number}`, 1)
}

function names(harness: Harness): Promise<unknown[]> {
	return harness
		.query('SELECT name FROM subreddits WHERE popularity IS NOT NULL ORDER BY popularity')
		.then((rows) => rows.map(({ name }) => name))
}

describe('collectSubreddits', () => {
	it('keeps what Reddit says of each, when it was seen, and its place', async () => {
		const harness = await createHarness()
		addMany(harness, 3)
		const report = await harness.subreddits()
		expect(report).toMatchObject({ listed: 3, added: 3, fellOut: 0, vanished: 0 })
		const rows = await harness.query('SELECT * FROM subreddits ORDER BY popularity')
		const now = Math.floor(harness.effects.now().getTime() / 1000)
		expect(rows[1]).toMatchObject({
			name: 'sub2',
			subscribers: 999_998,
			over_18: 0,
			public_description: 'All about sub2',
			created_utc: 1_200_000_002,
			popularity: 2,
			vanished_utc: null,
		})
		expect(now - Number(rows[1]?.seen_utc)).toBeLessThan(60)
		expect(rows[1]?.first_seen_utc).toBe(rows[1]?.seen_utc)
	})

	it('reads as many as are asked for, a hundred a request', async () => {
		const harness = await createHarness()
		addMany(harness, 320)
		await harness.subreddits(250)
		expect(await names(harness)).toEqual(harness.world.popular.slice(0, 250))
		const limits = harness.server.requests
			.filter(({ path }) => path === '/subreddits/popular')
			.map(({ query }) => query.get('limit'))
		expect(limits).toEqual(['100', '100', '50'])
	})

	it('refreshes without duplicates, whatever the case of a name', async () => {
		const harness = await createHarness()
		addMany(harness, 3)
		await harness.query("INSERT INTO subreddits (name, first_seen_utc) VALUES ('SUB3', 5)")
		await harness.subreddits()
		harness.pass(DAY_S)
		harness.world.popular.reverse()
		for (const subreddit of harness.world.subreddits) subreddit.subscribers += 1
		const report = await harness.subreddits()
		expect(report).toMatchObject({ listed: 3, added: 0 })
		expect(await names(harness)).toEqual(['sub3', 'sub2', 'sub1'])
		const rows = await harness.query('SELECT * FROM subreddits ORDER BY name')
		expect(rows).toHaveLength(3)
		expect(rows[0]).toMatchObject({ subscribers: 1_000_000 })
		expect(Number(rows[0]?.seen_utc) - Number(rows[0]?.first_seen_utc)).toBeGreaterThanOrEqual(
			DAY_S,
		)
		expect(rows[2]).toMatchObject({ name: 'sub3', first_seen_utc: 5 })
	})

	it('keeps a subreddit that vanished, with the date of it, and one that is only less popular', async () => {
		const harness = await createHarness()
		addMany(harness, 5)
		await harness.subreddits()
		harness.pass(DAY_S)
		harness.world.popular = ['sub1', 'sub5']
		const banned = harness.world.find('sub2')
		if (banned) banned.trouble = 'banned'
		const report = await harness.subreddits()
		expect(report).toMatchObject({ listed: 2, fellOut: 2, vanished: 1 })
		const rows = await harness.query('SELECT * FROM subreddits ORDER BY name')
		expect(rows.map(({ popularity }) => popularity)).toEqual([1, null, null, null, 2])
		const dates = rows.map(({ vanished_utc }) => vanished_utc)
		expect(dates).toEqual([null, expect.any(Number), null, null, null])
		harness.pass(DAY_S)
		await harness.subreddits()
		const [again] = await harness.query("SELECT vanished_utc FROM subreddits WHERE name = 'sub2'")
		expect(again?.vanished_utc).toBe(dates[1])
	})

	it('welcomes back one that had vanished', async () => {
		const harness = await createHarness()
		addMany(harness, 2)
		const second = harness.world.find('sub2')
		if (second) second.trouble = 'banned'
		await harness.subreddits()
		await harness.posts()
		expect(await harness.query('SELECT * FROM subreddits WHERE vanished_utc > 0')).toHaveLength(1)
		if (second) delete second.trouble
		await harness.subreddits()
		await harness.posts()
		expect(await harness.query('SELECT * FROM subreddits WHERE vanished_utc > 0')).toHaveLength(0)
		expect(await harness.ids()).toHaveLength(2)
	})

	it('does not doubt places below what it read', async () => {
		const harness = await createHarness()
		addMany(harness, 10)
		await harness.subreddits()
		harness.pass(DAY_S)
		await harness.subreddits(4)
		expect(await names(harness)).toHaveLength(10)
	})

	it('goes on where it was stopped', async () => {
		const harness = await createHarness()
		addMany(harness, 450)
		const stop = new AbortController()
		harness.server.onRequest = ({ query }) => {
			if (query.get('after') !== null && harness.server.requests.length === 4) stop.abort()
		}
		const { signal } = harness.effects
		Object.assign(harness.effects, { signal: stop.signal })
		await expect(harness.subreddits()).rejects.toMatchObject({ code: 'aborted' })
		Object.assign(harness.effects, { signal })
		harness.server.requests.length = 0
		const report = await harness.subreddits()
		expect(report.listed).toBe(450)
		expect(await names(harness)).toEqual(harness.world.popular)
		const afters = harness.server.requests
			.filter(({ path }) => path === '/subreddits/popular')
			.map(({ query }) => query.get('after'))
		expect(afters).toHaveLength(3)
		expect(afters).not.toContain(null)
	})

	it('reads the list from its top when Reddit has lost the place', async () => {
		const harness = await createHarness()
		addMany(harness, 250)
		const stop = new AbortController()
		harness.server.onRequest = () => {
			if (harness.server.requests.length === 3) stop.abort()
		}
		const { signal } = harness.effects
		Object.assign(harness.effects, { signal: stop.signal })
		await expect(harness.subreddits()).rejects.toMatchObject({ code: 'aborted' })
		Object.assign(harness.effects, { signal })
		harness.world.popular.splice(99, 1)
		await harness.subreddits()
		expect(await names(harness)).toEqual(harness.world.popular)
	})

	it('says so when Reddit does not give the list', async () => {
		const harness = await createHarness({
			fault: ({ path, query }) =>
				path === '/subreddits/popular' && query.get('limit') === '100'
					? { kind: 'status', status: 500 }
					: null,
		})
		await expect(harness.subreddits()).rejects.toMatchObject({
			code: 'network',
			message: expect.stringMatching(/HTTP 500.*run this again/),
		})
	})

	it('tries again after a misbehaving answer', async () => {
		let count = 0
		const harness = await createHarness({
			fault: ({ path }) =>
				path === '/subreddits/popular' && ++count % 2 === 1 ? { kind: 'cut' } : null,
		})
		addMany(harness, 150)
		expect(await harness.subreddits()).toMatchObject({ listed: 150 })
	})
})

describe('formatSubredditsReport', () => {
	it('says what came of it', () => {
		const report = { listed: 5_000, added: 12, fellOut: 9, vanished: 3, seconds: 30 }
		expect(formatSubredditsReport(report)).toBe(
			'5,000 popular subreddits: 12 new, 4,988 refreshed; 9 are not popular any more, 3 vanished',
		)
	})
})
