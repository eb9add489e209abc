import { describe, expect, test } from 'vitest'
import {
	formatBytes,
	formatBytesOf,
	formatDay,
	formatPercent,
	formatPlural,
	formatShare,
	formatTime,
} from '../../src/shared/numbers.ts'

describe('numbers', () => {
	test.each([
		[0, '0%'],
		[0.004, '<1%'],
		[0.01, '1%'],
		[0.4249, '42%'],
		[0.99, '99%'],
		[0.999, '>99%'],
		[1, '100%'],
	])('%f is %s', (share, text) => {
		expect(formatPercent(share)).toBe(text)
	})

	test('shares have one digit after the point, or as many as are asked for', () => {
		expect([formatShare(0.42494), formatShare(0.00144, 2), formatShare(1, 0)]).toEqual([
			'42.5%',
			'0.14%',
			'100%',
		])
	})

	test('gives times by the clock, a minute that has begun as over', () => {
		expect(formatTime(new Date(2013, 5, 1, 9, 4, 0).getTime())).toBe('09:04')
		expect(formatTime(new Date(2013, 5, 1, 23, 59, 1).getTime())).toBe('00:00')
	})

	test('bytes are in decimal units, as disks count', () => {
		expect([formatBytes(999), formatBytes(850_000), formatBytes(7_234_567)]).toEqual([
			'1 kB',
			'850 kB',
			'7.2 MB',
		])
	})

	test('a part is in the unit of its whole', () => {
		expect(formatBytesOf(948_000, 7_234_567)).toBe('0.9 of 7.2 MB')
		expect(formatBytesOf(100_000, 850_000)).toBe('100 of 850 kB')
	})

	test('days are in UTC, wherever the reader is', () => {
		expect(formatDay('2013-06-01T00:00:00Z')).toBe('1 June 2013')
	})

	test('one pick is no picks', () => {
		expect([formatPlural(1, 'pick'), formatPlural(2_000, 'pick')]).toEqual([
			'1 pick',
			'2,000 picks',
		])
	})
})
