import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Rest } from '../../src/worker/rest.ts'

beforeEach(() => {
	vi.useFakeTimers()
})
afterEach(() => {
	vi.useRealTimers()
})

/** When it begins, in milliseconds from now. */
async function measure(rest: Rest): Promise<number> {
	const start = performance.now()
	await rest.begins()
	return performance.now() - start
}

describe('Rest', () => {
	it('begins at once where nobody has asked', async () => {
		expect(await measure(new Rest())).toBe(0)
	})

	it('begins a while after the last title', async () => {
		const rest = new Rest()
		rest.end()
		const keys = setInterval(() => rest.end(), 100)
		setTimeout(() => clearInterval(keys), 1_050)
		const measured = measure(rest)
		await vi.runAllTimersAsync()
		expect(await measured).toBe(1_300)
	})

	it('begins in the end while somebody types on and on', async () => {
		const rest = new Rest()
		rest.end()
		const keys = setInterval(() => rest.end(), 100)
		const measured = measure(rest)
		await vi.advanceTimersByTimeAsync(10_000)
		clearInterval(keys)
		expect(await measured).toBe(5_000)
	})
})
