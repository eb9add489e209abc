import { describe, expect, it } from 'vitest'
import { formatPeriod } from '../../src/charts/format.ts'

describe('formatPeriod', () => {
	it.each([
		['2013-06-01T00:00:00Z', '2013-07-01T00:00:00Z', 'June 2013'],
		// Of dumps the first and the last post are known, not the window.
		['2013-06-01T00:00:42Z', '2013-06-30T23:59:56Z', 'June 2013'],
		['2012-12-01T00:00:00Z', '2013-03-01T00:00:00Z', 'December 2012 to February 2013'],
		['2013-06-05T00:00:00Z', '2013-07-01T00:00:00Z', '5 June 2013 to 30 June 2013'],
		['2013-06-01T00:00:00Z', '2013-06-16T00:00:00Z', '1 June 2013 to 15 June 2013'],
		['2013-06-05T00:00:00Z', '2013-06-06T00:00:00Z', '5 June 2013'],
	])('calls %s until %s: %s', (from, until, name) => {
		expect(formatPeriod(from, until)).toBe(name)
	})
})
