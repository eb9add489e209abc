import { describe, expect, test } from 'vitest'
import {
	formatBytes,
	formatBytesOf,
	formatCount,
	formatDay,
	formatPercent,
	formatPlural,
	formatPoints,
	formatShare,
	formatSigned,
	formatTime,
	withSign,
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

describe('withSign', () => {
	test.each([
		[1_200, '+1,200'],
		[-3, '−3'],
		[0, '0'],
		[-0, '0'],
	])('says of %d %s', (value, text) => {
		expect(withSign(value, formatCount)).toBe(text)
	})

	test.each([
		[0.01204, '+0.0120'],
		[-0.0003, '−0.0003'],
		[-0.00004, '0.0000'],
	])('of %d with four digits %s', (value, text) => {
		expect(formatSigned(value, 4)).toBe(text)
	})
})

describe('formatPoints', () => {
	test.each([
		[0.0123, '+1.2 points'],
		[-0.02, '−2.0 points'],
		[-0.0004, '−0.04 points'],
		[0.00099, '+0.10 points'],
		[0.000001, '0.00 points'],
		[0, '0.00 points'],
	])('says of %d %s', (value, text) => {
		expect(formatPoints(value)).toBe(text)
	})
})
