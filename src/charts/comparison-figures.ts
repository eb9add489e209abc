// What the view of a comparison shows, whether two models were asked the same posts or only their reports are there. Pure.

import type { StoredEvaluationReport } from '../shared/evaluation-report.ts'
import type { Metrics } from '../shared/metrics.ts'
import type { Bins, Estimate, JudgedRule } from '../shared/report-parts.ts'
import { describeTest, recallEstimates } from './findings/evaluation.ts'

export interface PairedDifference {
	/** The second model's share of hits minus the first's, in [-1, 1]. */
	readonly difference: number
	readonly low: number
	readonly high: number
	readonly p: number
}

export interface SubredditChange {
	readonly label: string
	readonly posts: number
	/** f1 of the first suggestion, before and after. */
	readonly a: number
	readonly b: number
}

export interface GroupChange {
	readonly name: string
	readonly labels: readonly string[]
	readonly posts: number
	/** recall@5. */
	readonly a: Estimate
	readonly b: Estimate
}

export interface ComparisonFigures {
	readonly a: { readonly name: string; readonly metrics: Metrics }
	readonly b: { readonly name: string; readonly metrics: Metrics }
	/** The test posts, in words. */
	readonly test: string
	/** Null where the two were not asked the same posts at once. */
	readonly paired: {
		readonly 'recall@1': PairedDifference
		readonly 'recall@5': PairedDifference
	} | null
	/** Subreddits with fewer test posts are in no histogram. */
	readonly minPosts: number
	readonly subreddits: readonly SubredditChange[]
	readonly f1Changes: Bins & { readonly within20: number }
	readonly chance: (Bins & { readonly within20: number }) | null
	readonly groups: readonly GroupChange[]
	readonly came: readonly string[]
	readonly went: readonly string[]
	readonly churn: readonly {
		readonly name: string
		readonly posts: number
		readonly first: number
		readonly five: number
	}[]
	readonly rules: readonly JudgedRule[] | null
	readonly warnings: readonly string[]
}

/** Up to this change of f1, in both directions, little happened. */
export const WITHIN = 0.2
/** Fewer test posts say nothing: one more or less would move f1 by 0.05. */
const MIN_POSTS = 20
const CHANGE_BINS = 40

interface NamedReport {
	readonly name: string
	readonly report: StoredEvaluationReport
}

/** Two reports side by side: what can be said without the posts. */
export function compareReports(a: NamedReport, b: NamedReport): ComparisonFigures {
	const subreddits = pairSubreddits(a.report, b.report)
	const knownTo = ({ report }: NamedReport) =>
		new Set(report.subreddits.filter(({ predicted }) => predicted > 0).map(({ label }) => label))
	const [before, after] = [knownTo(a), knownTo(b)]
	return {
		a: { name: a.name, metrics: a.report.metrics },
		b: { name: b.name, metrics: b.report.metrics },
		test: describeTest(b.report),
		paired: null,
		minPosts: MIN_POSTS,
		subreddits,
		f1Changes: binChanges(subreddits),
		chance: null,
		groups: [],
		came: [...after].filter((label) => !before.has(label)),
		went: [...before].filter((label) => !after.has(label)),
		churn: [],
		rules: null,
		warnings: warnOfOtherPosts(a, b),
	}
}

function pairSubreddits(
	a: StoredEvaluationReport,
	b: StoredEvaluationReport,
): readonly SubredditChange[] {
	const before = new Map(a.subreddits.map(({ label, f1 }) => [label, f1]))
	return b.subreddits
		.filter(({ posts }) => posts > 0)
		.map(({ label, posts, f1 }) => ({ label, posts, a: before.get(label) ?? 0, b: f1 }))
}

/** Changes of f1 of the subreddits with enough test posts, in bins of 0.05. */
function binChanges(subreddits: readonly SubredditChange[]): ComparisonFigures['f1Changes'] {
	const changes = subreddits.filter(({ posts }) => posts >= MIN_POSTS).map(({ a, b }) => b - a)
	const counts = new Array<number>(CHANGE_BINS).fill(0)
	for (const change of changes) {
		const bin = Math.min(CHANGE_BINS - 1, Math.floor(((change + 1) / 2) * CHANGE_BINS))
		counts[bin] = (counts[bin] ?? 0) + 1
	}
	const within = changes.filter((change) => Math.abs(change) <= WITHIN).length
	return { from: -1, to: 1, counts, within20: within / Math.max(1, changes.length) }
}

function warnOfOtherPosts({ report: a }: NamedReport, { report: b }: NamedReport): string[] {
	const isSame =
		a.metrics.posts === b.metrics.posts && a.testFrom === b.testFrom && a.testUntil === b.testUntil
	return isSame
		? []
		: ['the two were measured on other posts, so a part of each difference is theirs']
}

/** recall@5 and recall@1, before and after, with an interval each. */
export function recallRows({ a, b }: Pick<ComparisonFigures, 'a' | 'b'>) {
	const [before, after] = [recallEstimates(a), recallEstimates(b)]
	return (['recall@5', 'recall@1'] as const).map((key) => ({
		name: key,
		a: before[key],
		b: after[key],
	}))
}
