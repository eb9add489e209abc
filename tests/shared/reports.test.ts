import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { DriftReport } from '../../src/shared/drift-report.ts'
import { EvaluationReport, StoredEvaluationReport } from '../../src/shared/evaluation-report.ts'
import { parseJsonWith } from '../../src/shared/parse.ts'
import { Bins, Estimate, Interval, P1_BINS, P1Bins } from '../../src/shared/report-parts.ts'
import { UseReport } from '../../src/shared/use-report.ts'

const accepts = (schema: v.GenericSchema, input: unknown) => v.safeParse(schema, input).success

describe('parts of reports', () => {
	it('refuses what chance can not be: a value outside its interval, an interval upside down, a NaN', () => {
		expect(accepts(Estimate, { value: 0.5, low: 0.4, high: 0.6 })).toBe(true)
		expect(accepts(Estimate, { value: 0.7, low: 0.4, high: 0.6 })).toBe(false)
		expect(accepts(Estimate, { value: Number.NaN, low: 0.4, high: 0.6 })).toBe(false)
		expect(accepts(Interval, { low: 0.6, high: 0.4 })).toBe(false)
		expect(accepts(Bins, { from: 0, to: 1, counts: [1, 2] })).toBe(true)
		expect(accepts(Bins, { from: 1, to: 1, counts: [1] })).toBe(false)
	})

	it('has bins of p@1 in one number only', () => {
		const bin = { posts: 0, sum: 0, hits: 0 }
		expect(accepts(P1Bins, Array(P1_BINS).fill(bin))).toBe(true)
		expect(accepts(P1Bins, Array(P1_BINS - 1).fill(bin))).toBe(false)
		expect(accepts(P1Bins, Array(P1_BINS).fill({ ...bin, hits: null }))).toBe(false)
	})
})

describe('evaluation reports', () => {
	it('reads those of the first releases', async () => {
		const path = join(import.meta.dirname, '../../public/models/20261123.0/report.json')
		const report = parseJsonWith(StoredEvaluationReport, await readFile(path, 'utf8'), path)
		expect(report.schema).toBe(1)
		expect(report.subreddits.length).toBeGreaterThan(1_000)
	})

	it('refuses a report of the second schema without what it added', async () => {
		const path = join(import.meta.dirname, '../../public/models/20261123.0/report.json')
		const first = JSON.parse(await readFile(path, 'utf8'))
		expect(accepts(EvaluationReport, { ...first, schema: 2 })).toBe(false)
	})
})

describe('drift and use reports', () => {
	it('refuse an empty object', () => {
		expect(accepts(DriftReport, {})).toBe(false)
		expect(accepts(UseReport, {})).toBe(false)
	})

	it('take a use report without a pick', () => {
		const empty = { from: null, until: null, total: null, canary: null }
		const lists = { ranks: [], releases: [], channels: [], months: [], named: [], p1: [] }
		const counts = { picks: 0, titles: 0, conflicts: 0, unusable: 0 }
		const report = { schema: 1, created: '2026-01-01T00:00:00.000Z', ...counts, ...empty, ...lists }
		expect(accepts(UseReport, report)).toBe(true)
	})
})
