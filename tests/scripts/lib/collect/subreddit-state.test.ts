import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createHarness, DAY_S, stopAt } from './harness.ts'

describe('subreddits that Reddit refuses', () => {
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
