// From what two models said about the same posts to the report of their comparison. Pure.

import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import { type Churn, ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { verdictOf } from '../../../src/shared/statistics.ts'
import type { Measurement } from '../evaluation/evaluate-step.ts'
import { findLabels, findMovedF1, findMovedShares, listSubreddits } from './changes.ts'
import { measureChurn } from './churn.ts'
import { measureF1Changes } from './f1-changes.ts'
import { type GateFigures, judgeGate } from './gate.ts'
import { compareGroups } from './groups.ts'
import { countHits, pairAnswers } from './paired-answers.ts'
import { comparePaired } from './paired-difference.ts'
import type { GateParameters, Groups } from './parameters.ts'

/** A model, and what it said about the test posts. */
export interface Contestant extends Measurement {
	readonly name: string
	readonly labels: readonly string[]
}

/** Posts that both were asked about. */
export interface AskedSet extends Pick<Churn, 'name' | 'kind' | 'from' | 'until'> {
	readonly a: Measurement['suggestions']
	readonly b: Measurement['suggestions']
}

export interface ComposeOptions {
	readonly testSet: string
	readonly minPosts: number
	readonly groups: Groups
	/** The gate's limits and what else it needs; null: it is not asked. */
	readonly gate:
		| ({ readonly limits: GateParameters } & Pick<GateFigures, 'downloadBytes' | 'refused'>)
		| null
}

export function composeReport(
	a: Contestant,
	b: Contestant,
	history: readonly AskedSet[],
	{ testSet, minPosts, groups, gate }: ComposeOptions,
): ComparisonReport {
	const answers = pairAnswers(a.suggestions, b.suggestions)
	const { testFrom, testUntil, metrics } = b.report
	const recallAt = (depth: number) =>
		comparePaired(countHits(answers, answers.actual.keys(), depth))
	const subreddits = listSubreddits(a.report, b.report)
	const test = { name: testSet, kind: 'test', from: testFrom, until: testUntil } as const
	const asked: AskedSet[] = [{ ...test, a: a.suggestions, b: b.suggestions }, ...history]
	const figures = {
		testSet,
		...splitOf(b.report),
		testFrom,
		testUntil,
		a: measuredOf(a),
		b: measuredOf(b),
		'recall@1': recallAt(1),
		'recall@5': recallAt(SUGGESTION_COUNT),
		verdict: verdictOf(recallAt(SUGGESTION_COUNT)),
		minPosts,
		...findMovedF1(subreddits, minPosts),
		...findMovedShares(subreddits, metrics.posts),
		subreddits,
		f1Changes: measureF1Changes(answers, minPosts),
		...compareGroups(answers, groups),
		came: findLabels(subreddits, b.labels, a.labels),
		went: findLabels(subreddits, a.labels, b.labels),
		churn: asked.map(describeChurn),
		warnings: [],
	}
	const verdict = gate && { gate: judgeGate({ ...figures, ...gate }, gate.limits) }
	return parseWith(ComparisonReport, { schema: 1, ...figures, ...verdict }, 'comparison')
}

function describeChurn({ a, b, ...set }: AskedSet): Churn {
	return { ...set, posts: a.posts, ...measureChurn(pairAnswers(a, b)) }
}

function measuredOf({ name, report }: Contestant): ComparisonReport['a'] {
	const prior = report.schema === 1 ? undefined : report.prior
	return { name, metrics: report.metrics, ...(prior ? { prior } : {}) }
}
