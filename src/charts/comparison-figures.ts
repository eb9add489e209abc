// What the view of a comparison shows, whether two models were asked the same posts or only their reports are there. Pure.
import type { ComparisonReport } from '../shared/comparison-report.ts'
import type { StoredEvaluationReport } from '../shared/evaluation-report.ts'
import { binChanges } from '../shared/f1-changes.ts'
import type { Metrics } from '../shared/metrics.ts'
import { withoutTwin } from '../shared/published-figures.ts'
import type { Bins, Estimate } from '../shared/report-parts.ts'
import { describeTest, estimateShare, recallEstimates } from './findings/evaluation.ts'

const LIST = new Intl.ListFormat('en')

type Difference = Pick<ComparisonReport['recall@5'], 'difference' | 'low' | 'high'>

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
	readonly change: Difference
}

/** How much f1 changed, subreddit by subreddit. */
export interface Spread {
	readonly bins: Bins
	readonly within20: number
}

type Rule = NonNullable<ComparisonReport['gate']>['rules'][number]

interface Measured {
	readonly name: string
	readonly metrics: Metrics
}

export interface ComparisonFigures {
	readonly a: Measured
	readonly b: Measured
	/** The test posts, in words. */
	readonly test: string
	/** Whose figures these are where they are not the releases' own, in a sentence; else empty. */
	readonly twins: string
	/** Of recall@5; null where the two were not asked the same posts at once. */
	readonly paired: Difference | null
	/** Subreddits with fewer test posts are in no histogram. */
	readonly minPosts: number
	readonly subreddits: readonly SubredditChange[]
	/** Null where no subreddit has enough posts. */
	readonly changes: Spread | null
	/** The same for two halves of one month, and for two equally good models that differ as often; null where not measured. */
	readonly chance: { readonly halves: Spread; readonly swapped: Spread } | null
	readonly groups: readonly GroupChange[]
	readonly came: readonly string[]
	readonly went: readonly string[]
	readonly churn: ComparisonReport['churn']
	readonly rules: readonly Rule[] | null
	readonly warnings: readonly string[]
}

/** Fewer test posts say nothing: one more or less would move f1 by 0.05. */
const MIN_POSTS = 20

/** A comparison as `compare` makes it. */
export function readComparison(report: ComparisonReport): ComparisonFigures {
	const { f1Changes } = report
	const names = [report.a.name, report.b.name]
	const [nameA, nameB] = tellApart(report.a.name, report.b.name)
	return {
		a: { name: nameA, metrics: report.a.metrics },
		b: { name: nameB, metrics: report.b.metrics },
		test: `${report.testSet}: ${describeTest({ ...report, metrics: report.b.metrics })}`,
		twins: sayTwins(names.filter((name) => name !== withoutTwin(name)).map(withoutTwin)),
		paired: report['recall@5'],
		minPosts: report.minPosts,
		subreddits: report.subreddits.filter(({ posts }) => posts > 0),
		changes: f1Changes,
		chance: f1Changes?.chance ? { halves: f1Changes.chance, swapped: f1Changes.swapped } : null,
		groups: report.groups.map(readGroup),
		came: report.came.map(({ label }) => label),
		went: report.went.map(({ label }) => label),
		churn: report.churn,
		rules: report.gate?.rules ?? null,
		warnings: report.warnings,
	}
}

/** A twin is called by its release; of a release and its twin, and of one beside itself, the names say which is which. */
function tellApart(a: string, b: string): readonly [a: string, b: string] {
	if (a === b) return [`${a} (A)`, `${b} (B)`]
	const [nameA, nameB] = [withoutTwin(a), withoutTwin(b)]
	return nameA === nameB ? [a, b] : [nameA, nameB]
}

function readGroup({
	name,
	labels,
	posts,
	...group
}: ComparisonReport['groups'][number]): GroupChange {
	const { a, b, difference, low, high } = group['recall@5']
	return {
		name,
		labels,
		posts,
		a: estimateShare(a, posts),
		b: estimateShare(b, posts),
		change: { difference, low, high },
	}
}

/** What people call the figures of a comparison. */
const FIGURE_NAMES = {
	'recall@5': 'recall@5',
	'recall@5.weighted': 'recall@5 by subscribers',
	'recall@1': 'recall@1',
	macroF1: 'macro F1',
	meanP1: 'mean p@1',
	ece: 'calibration error',
}

export interface PairedFigure {
	readonly key: keyof typeof FIGURE_NAMES
	readonly name: string
	readonly before: number
	readonly after: number
}

/** What both models were measured by: the first releases have no recall@5 by subscribers. */
export function pairFigures({ a, b }: Pick<ComparisonFigures, 'a' | 'b'>): PairedFigure[] {
	return (Object.keys(FIGURE_NAMES) as (keyof typeof FIGURE_NAMES)[]).flatMap((key) => {
		const [before, after] = [a.metrics[key], b.metrics[key]]
		if (before === undefined || after === undefined) return []
		return [{ key, name: FIGURE_NAMES[key], before, after }]
	})
}

interface NamedReport {
	readonly name: string
	readonly report: StoredEvaluationReport
	/** Where the report is that of a twin. */
	readonly twin?: object | undefined
}

/** Two reports side by side: what can be said without the posts. */
export function compareReports(one: NamedReport, other: NamedReport): ComparisonFigures {
	const [nameA, nameB] = tellApart(one.name, other.name)
	const [a, b] = [
		{ ...one, name: nameA },
		{ ...other, name: nameB },
	]
	const subreddits = pairSubreddits(a.report, b.report)
	const [before, after] = [a, b].map(listSuggested) as [Set<string>, Set<string>]
	return {
		a: { name: a.name, metrics: a.report.metrics },
		b: { name: b.name, metrics: b.report.metrics },
		test: hasSamePosts(a, b)
			? describeTest(b.report)
			: `${describeTest(a.report)} (${a.name}), and ${describeTest(b.report)} (${b.name})`,
		twins: sayTwins([a, b].filter(({ twin }) => twin).map(({ name }) => name)),
		paired: null,
		minPosts: MIN_POSTS,
		subreddits,
		changes: spreadChanges(subreddits),
		chance: null,
		groups: [],
		came: [...after].filter((label) => !before.has(label)),
		went: [...before].filter((label) => !after.has(label)),
		churn: [],
		rules: null,
		warnings: hasSamePosts(a, b)
			? []
			: [
					'the two were measured on different posts, so a part of each difference comes from the posts',
				],
	}
}

function listSuggested({ report }: NamedReport): Set<string> {
	return new Set(
		report.subreddits.filter(({ predicted }) => predicted > 0).map(({ label }) => label),
	)
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

/** Changes of f1 of the subreddits with enough test posts. */
function spreadChanges(subreddits: readonly SubredditChange[]): Spread | null {
	const changes = subreddits.filter(({ posts }) => posts >= MIN_POSTS).map(({ a, b }) => b - a)
	return changes.length === 0 ? null : binChanges(changes)
}

function hasSamePosts({ report: a }: NamedReport, { report: b }: NamedReport): boolean {
	return (
		a.metrics.posts === b.metrics.posts && a.testFrom === b.testFrom && a.testUntil === b.testUntil
	)
}

/** More releases than these are told by the first and the last. */
const MOST_NAMED = 3

/** @param names the releases that were measured by their twins, newest first */
export function sayTwins(names: readonly string[]): string {
	const [first] = names
	if (first === undefined) return ''
	const which =
		names.length > MOST_NAMED
			? `${names.length} releases, from ${names.at(-1)} to ${first},`
			: LIST.format(names)
	return `The figures of ${which} are those of ${names.length > 1 ? 'twins' : 'its twin'}: a twin is the same recipe trained without the test posts, which the release itself has learnt, too`
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
