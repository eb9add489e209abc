import { describe, expect, it } from 'vitest'
import { createHarness } from './harness.ts'
import type { Fault, SeenRequest } from './reddit-server.ts'

/** Misbehaves for the first so many requests of a path. */
function firstTimes(path: RegExp, count: number, fault: Fault) {
	let left = count
	return (request: SeenRequest): Fault | null => {
		if (left === 0 || !path.test(request.path)) return null
		left -= 1
		return fault
	}
}

describe('RedditApi against a server that misbehaves', () => {
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
