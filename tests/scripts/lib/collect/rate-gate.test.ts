import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../scripts/lib/collect/clock.ts'
import { RateGate, readRetryAfter } from '../../../../scripts/lib/collect/rate-gate.ts'

/** A clock that jumps: whoever sleeps moves it. */
function createJumpClock(): Clock & { at: number } {
	const clock = {
		at: 0,
		now: () => new Date(clock.at),
		sleep: async (milliseconds: number) => {
			clock.at += milliseconds
		},
		random: () => 0.5,
		signal: new AbortController().signal,
	}
	return clock
}

function headers(remaining: number | string, reset: number | string): Headers {
	return new Headers({
		'x-ratelimit-remaining': String(remaining),
		'x-ratelimit-reset': String(reset),
	})
}

describe('RateGate', () => {
	it('spreads requests by the published limit where the server tells nothing', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(100, clock)
		for (let sent = 0; sent < 11; sent += 1) {
			await gate.enter()
			gate.leave(new Headers())
		}
		expect(clock.at).toBeCloseTo(6_000)
		expect(gate.requestsLeft).toBeNull()
	})

	it('spreads what is left over the rest of the window', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(100, clock)
		await gate.enter()
		gate.leave(headers('10.0', 99))
		expect(gate.requestsLeft).toBe(10)
		await gate.enter()
		// A tenth of the window and of the second by which the header may be early.
		expect(clock.at).toBe(10_000)
	})

	it('sends nothing more when less than one request is left, until the window is over', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(100, clock)
		await gate.enter()
		gate.leave(headers('0.4', 200))
		await gate.enter()
		expect(clock.at).toBe(201_000)
	})

	it('sends one request alone as long as nothing is known of the window', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(100, clock)
		await gate.enter()
		let isSecondIn = false
		const second = gate.enter().then(() => {
			isSecondIn = true
		})
		await new Promise((done) => setTimeout(done, 5))
		expect(isSecondIn).toBe(false)
		gate.leave(headers(50, 600))
		await second
		expect(isSecondIn).toBe(true)
	})

	it('counts requests that are on their way', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(6_000, clock)
		await gate.enter()
		gate.leave(headers(100, 600))
		await gate.enter()
		await gate.enter()
		expect(gate.requestsLeft).toBe(98)
		// The server had not seen the second when it answered the first.
		gate.leave(headers(99, 588))
		expect(gate.requestsLeft).toBe(98)
	})

	it('does not take an answer that was late for a new window', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(6_000, clock)
		await gate.enter()
		gate.leave(headers(100, 600))
		await gate.enter()
		await gate.enter()
		gate.leave(headers(98, 600 - Math.floor(clock.at / 1000)))
		// The request that was sent before it answers last.
		gate.leave(headers(99, 600 - Math.floor(clock.at / 1000)))
		expect(gate.requestsLeft).toBeLessThanOrEqual(98)
	})

	it('lets nobody pass while it is blocked', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(100, clock)
		gate.block(45_000)
		await gate.enter()
		expect(clock.at).toBe(45_000)
	})

	it('ignores headers that are no numbers', async () => {
		const clock = createJumpClock()
		const gate = new RateGate(100, clock)
		await gate.enter()
		gate.leave(headers('NaN', '-1'))
		expect(gate.requestsLeft).toBeNull()
	})

	it('never sends more than a window allows, whatever the limit and the latency', async () => {
		const scenario = fc.record({
			limit: fc.integer({ min: 1, max: 40 }),
			windowS: fc.integer({ min: 5, max: 600 }),
			perMinute: fc.integer({ min: 10, max: 100_000 }),
			latencies: fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 20 }),
			offset: fc.integer({ min: 0, max: 599_999 }),
		})
		await fc.assert(
			fc.asyncProperty(scenario, async ({ limit, windowS, perMinute, latencies, offset }) => {
				const clock = createJumpClock()
				const gate = new RateGate(perMinute, clock)
				const windowMs = windowS * 1000
				const used = new Map<number, number>()
				for (let sent = 0; sent < 60; sent += 1) {
					await gate.enter()
					const window = Math.floor((clock.at + offset) / windowMs)
					const count = (used.get(window) ?? 0) + 1
					used.set(window, count)
					const end = (window + 1) * windowMs - offset
					const reset = Math.floor((end - clock.at) / 1000)
					clock.at += latencies[sent % latencies.length] ?? 0
					gate.leave(headers(Math.max(0, limit - count), reset))
				}
				expect(Math.max(...used.values())).toBeLessThanOrEqual(limit)
			}),
			{ numRuns: 200 },
		)
	})
})

describe('readRetryAfter', () => {
	it('reads seconds', () => {
		expect(readRetryAfter(new Headers({ 'retry-after': '7' }), 0)).toBe(7_000)
	})

	it('reads a date', () => {
		const now = Date.UTC(2026, 0, 1)
		const headers = new Headers({ 'retry-after': new Date(now + 90_000).toUTCString() })
		expect(readRetryAfter(headers, now)).toBe(90_000)
		expect(readRetryAfter(headers, now + 100_000)).toBe(0)
	})

	it('waits for no more than a day', () => {
		const day = 24 * 60 * 60 * 1000
		expect(readRetryAfter(new Headers({ 'retry-after': '999999999' }), 0)).toBe(day)
		const date = new Date(30 * day).toUTCString()
		expect(readRetryAfter(new Headers({ 'retry-after': date }), 0)).toBe(day)
	})

	it('reads nothing where there is nothing to read', () => {
		expect(readRetryAfter(new Headers(), 0)).toBeNull()
		expect(readRetryAfter(new Headers({ 'retry-after': 'soon' }), 0)).toBeNull()
	})
})
