import { describe, expect, test } from 'vitest'
import { hasGoodConnection } from '../../src/page/good-connection.ts'

const FAST = { saveData: false, effectiveType: '4g', downlink: 10, type: 'wifi' }

describe('hasGoodConnection', () => {
	test.each([
		['a fast one', FAST, true],
		['one whose kind the browser keeps to itself', { effectiveType: '4g', downlink: 10 }, true],
		['a visitor who saves data', { ...FAST, saveData: true }, false],
		['a mobile one', { ...FAST, type: 'cellular' }, false],
		['a slow one', { ...FAST, effectiveType: '3g' }, false],
		['a narrow one', { ...FAST, downlink: 1.5 }, false],
	])('judges %s', (_what, connection, isGood) => {
		expect(hasGoodConnection({ onLine: true, connection })).toBe(isGood)
		expect(hasGoodConnection({ onLine: false, connection })).toBe(false)
	})

	test('takes a browser that does not tell for one without', () => {
		expect(hasGoodConnection({ onLine: true })).toBe(false)
	})
})
