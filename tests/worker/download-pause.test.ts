import { parse } from 'valibot'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/shared/app-error.ts'
import {
	dropOldPauses,
	isRunning,
	pauseAfter,
	StoredPauses,
} from '../../src/worker/download-pause.ts'

const NOW = Date.UTC(2013, 5, 1)
const MINUTE = 60_000
const FAILURE = new AppError('server', 'the server answers with error 500')

function pauses(count: number) {
	const all = [pauseAfter(null, '20130601.0', FAILURE, NOW)]
	while (all.length < count) all.push(pauseAfter(all.at(-1) ?? null, '20130601.0', FAILURE, NOW))
	return all
}

describe('pauseAfter', () => {
	test('waits longer after each failure, and no longer than four hours', () => {
		const waits = pauses(8).map(({ until }) => (until - NOW) / MINUTE)
		expect(waits).toEqual([1, 5, 15, 60, 240, 240, 240, 240])
	})

	test('keeps the reason, so that another tab can say it', () => {
		expect(pauses(2)[1]).toMatchObject({
			version: '20130601.0',
			failures: 2,
			error: { code: 'server', message: 'the server answers with error 500' },
		})
	})
})

describe('isRunning', () => {
	test('ends at its time', () => {
		const [pause] = pauses(1)
		expect([0, 59_999, 60_000].map((after) => pause && isRunning(pause, NOW + after))).toEqual([
			true,
			true,
			false,
		])
	})

	test('does not wait for years where the clock was set back', () => {
		const [pause] = pauses(1)
		expect(pause && isRunning(pause, NOW - 300 * MINUTE)).toBe(false)
	})
})

describe('what is stored', () => {
	test('comes back as it was', () => {
		const stored = { '20130601.0': pauses(3)[2] }
		expect(parse(StoredPauses, structuredClone(stored))).toEqual(stored)
	})

	test.each([undefined, 5, { '20130601.0': { failures: 'many' } }, { x: {} }])(
		'is no pause where it is %j',
		(stored) => {
			expect(parse(StoredPauses, stored)).toEqual({})
		},
	)

	test('goes after two days', () => {
		const stored = Object.fromEntries(pauses(1).map((pause) => [pause.version, pause]))
		expect(dropOldPauses(stored, NOW + 47 * 60 * MINUTE)).toEqual(stored)
		expect(dropOldPauses(stored, NOW + 50 * 60 * MINUTE)).toEqual({})
	})
})
