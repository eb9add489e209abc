import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { makeBaseline, measureAll, measureWindow } from '../../../../scripts/lib/drift/measure.ts'
import { DriftParameters } from '../../../../scripts/lib/drift/parameters.ts'
import { judgeDrift } from '../../../../scripts/lib/drift/verdict.ts'
import { formatText } from '../../../../scripts/lib/reports/document.ts'
import { driftSections } from '../../../../scripts/lib/reports/drift-sections.ts'
import { createRandom } from '../../../../scripts/lib/snapshot/random.ts'
import { DriftReport } from '../../../../src/shared/drift-report.ts'
import type { EvaluationReport } from '../../../../src/shared/evaluation-report.ts'
import { parseWith } from '../../../../src/shared/parse.ts'
import { makeReport } from '../../../fixtures/samples.ts'

const random = createRandom(5)
const LIMITS = v.parse(DriftParameters, {})

function measure(before: EvaluationReport, now: EvaluationReport, labelled = true): DriftReport {
	const baseline = makeBaseline(before, 'test posts')
	const { testFrom: from, testUntil: until, metrics } = now
	const current = {
		sample: { name: 'new posts', from, until, posts: metrics.posts },
		labelled,
		figures: now,
	}
	const measures = measureAll(baseline, current, metrics.posts)
	const report = {
		schema: 1,
		release: '20130702.0',
		...measures,
		windows: [measureWindow(baseline, current)],
		verdict: judgeDrift(measures, LIMITS),
	}
	return parseWith(DriftReport, report, 'drift')
}

describe('drift', () => {
	it('is not seen where there is none', () => {
		const report = measure(
			makeReport({ posts: 3_000, random }),
			makeReport({ posts: 2_000, random }),
		)
		expect(report.verdict.drifted).toBe(false)
		expect(report.verdict.rules.map(({ name }) => name)).toEqual([
			'maxPsi',
			'maxKs',
			'maxUnknownWordsRise',
			'maxPredictedShift',
			'maxRecallFall',
		])
		expect(formatText(driftSections(report))).toContain('all 5 limits are kept')
	})

	it('is seen where p@1 fell, and said in words', () => {
		const report = measure(
			makeReport({ posts: 3_000, random }),
			makeReport({ posts: 3_000, random, power: 6 }),
			false,
		)
		const failed = report.verdict.rules.filter(({ passed }) => !passed).map(({ name }) => name)
		expect(failed).toEqual(['maxPsi', 'maxKs', 'maxRecallFall'])
		expect(report.current.actual).toBeNull()
		expect(report.p1.current.every(({ hits }) => hits === null)).toBe(true)
		expect(formatText(driftSections(report))).toMatch(
			/FAILED +maxRecallFall +estimated fall of recall@1, in points: 1\d\.\d\d/,
		)
	})

	it('raises no alarm from a handful of titles', () => {
		const before = makeReport({ posts: 3_000, random })
		expect(
			measure(before, makeReport({ posts: 12, random, power: 2.5 }), false).verdict.drifted,
		).toBe(false)
	})

	it('goes by the labels where there are some: the same p@1 that is right less often', () => {
		const now = makeReport({ posts: 3_000, random, worth: (p1) => p1 / 2 })
		const report = measure(makeReport({ posts: 3_000, random }), now)
		const failed = report.verdict.rules.filter(({ passed }) => !passed).map(({ name }) => name)
		expect(failed).toEqual(['maxRecallFall'])
		const { estimate, actual } = report.current
		// Each miss of these made-up posts is of a subreddit that the model does not know.
		expect(actual?.unknownLabels.value).toBeCloseTo(1 - (actual?.['recall@1'].value ?? 0), 12)
		expect(estimate['recall@1'].low).toBeGreaterThan(actual?.['recall@1'].high ?? 1)
	})

	it('lists the subreddits that moved most', () => {
		const before = makeReport({ posts: 1_000, random })
		const now = structuredClone(before)
		const cats = now.subreddits.find(({ label }) => label === 'cats')
		const dogs = now.subreddits.find(({ label }) => label === 'dogs')
		if (!cats || !dogs) throw new Error('no cats or dogs')
		Object.assign(dogs, { predicted: dogs.predicted + 100 })
		Object.assign(cats, { predicted: cats.predicted - 100 })
		const { moved, current } = measure(before, now)
		const changes = Object.fromEntries(moved.map(({ label, change }) => [label, change.value]))
		expect(Object.keys(changes).sort()).toEqual(['cats', 'dogs'])
		expect(changes.cats).toBeCloseTo(-0.1)
		expect(changes.dogs).toBeCloseTo(0.1)
		expect(current.predicted.distance).toBeCloseTo(0.1)
	})
})
