// From the figures of two samples of posts to how far they are apart. Pure.
import { type DriftReport, type DriftWindow, MAX_MOVED } from '../../../src/shared/drift-report.ts'
import type { EvaluationReport } from '../../../src/shared/evaluation-report.ts'
import type { Sample, ShareChange } from '../../../src/shared/report-parts.ts'
import { differenceOfShares, wilson } from '../../../src/shared/statistics.ts'
import { chooseEdges, ksDistance, stabilityIndex } from '../statistics/distances.ts'
import { meanP1, withoutHits } from '../statistics/p1-tally.ts'
import { totalVariation } from '../statistics/total-variation.ts'
import { fitF1Curve, fitRecallCurve } from './curves.ts'
import { type Basis, estimateMacroF1, estimateRecall } from './estimate.ts'

/** Figures of posts; where `labelled` is false, those that labels decide are void, and nothing reads them. */
export interface Measured {
	readonly sample: Sample
	readonly labelled: boolean
	readonly figures: Pick<
		EvaluationReport,
		'metrics' | 'p1' | 'words' | 'subreddits' | 'unknownTitlePosts'
	>
}

/** The reference, and what is read off it once. */
export interface Baseline extends Basis {
	readonly sample: Sample
	readonly reference: EvaluationReport
	readonly psiEdges: readonly number[]
}

export function makeBaseline(reference: EvaluationReport, name: string): Baseline {
	const { testFrom: from, testUntil: until, metrics, p1, subreddits } = reference
	return {
		sample: { name, from, until, posts: metrics.posts },
		reference,
		psiEdges: chooseEdges(p1.bins),
		curves: { 'recall@1': fitRecallCurve(p1.bins), f1: fitF1Curve(subreddits) },
	}
}

/** How far posts are from the reference's. */
export function measureWindow(
	baseline: Baseline,
	{ sample, labelled, figures }: Measured,
): DriftWindow {
	const { reference, psiEdges } = baseline
	const { bins } = figures.p1
	return {
		...sample,
		meanP1: meanP1(bins),
		psi: stabilityIndex(reference.p1.bins, bins, psiEdges),
		ks: ksDistance(reference.p1.bins, bins),
		unknownWords: figures.words.unknownShare,
		predicted: totalVariation(countPredicted(reference), countPredicted(figures)),
		estimate: { 'recall@1': estimateRecall(baseline, bins, sample) },
		actual: labelled ? actualScores(figures) : null,
	}
}

/** Everything that a report says of all current posts. @param total how many there are, measured or not */
export function measureAll(
	baseline: Baseline,
	current: Measured,
	total: number,
): Pick<DriftReport, 'reference' | 'current' | 'p1' | 'psiEdges' | 'curves' | 'moved'> {
	const { reference, sample, curves, psiEdges } = baseline
	const { bins } = reference.p1
	const measured = measureWindow(baseline, current)
	const macroF1 = estimateMacroF1(baseline, current.figures)
	const { actual } = measured
	const scores = actualScores(reference)
	return {
		reference: {
			...sample,
			meanP1: meanP1(bins),
			'recall@1': scores['recall@1'],
			unknownLabels: scores.unknownLabels,
			macroF1: reference.metrics.macroF1,
			unknownWords: reference.words.unknownShare,
		},
		current: {
			...measured,
			total,
			estimate: { ...measured.estimate, macroF1 },
			actual: actual && { ...actual, macroF1: current.figures.metrics.macroF1 },
		},
		p1: {
			reference: bins,
			current: current.labelled ? current.figures.p1.bins : withoutHits(current.figures.p1.bins),
		},
		psiEdges: [...psiEdges],
		curves,
		moved: listMoved(reference, current.figures),
	}
}

function actualScores({ metrics }: Measured['figures']) {
	const recall = (key: 'recall@1' | 'recall@5') =>
		wilson(Math.round(metrics[key] * metrics.posts), metrics.posts)
	const unknownLabels = wilson(metrics.unknownLabelPosts, metrics.posts)
	return { 'recall@1': recall('recall@1'), 'recall@5': recall('recall@5'), unknownLabels }
}

/** What titles without a known word count as: no subreddit has this name. */
const NOTHING = ''

function countPredicted({
	subreddits,
	unknownTitlePosts,
}: Measured['figures']): Map<string, number> {
	const counts = subreddits.map(({ label, predicted }) => [label, predicted] as const)
	return new Map([...counts, [NOTHING, unknownTitlePosts]])
}

function listMoved(before: Measured['figures'], now: Measured['figures']): ShareChange[] {
	const [was, is] = [countPredicted(before), countPredicted(now)]
	const [n, m] = [before.metrics.posts, now.metrics.posts]
	const labels = [...new Set([...was.keys(), ...is.keys()])].filter((label) => label !== NOTHING)
	const moved = labels.map((label) => {
		const [a, b] = [was.get(label) ?? 0, is.get(label) ?? 0]
		return { label, a, b, change: Math.abs(b / m - a / n) }
	})
	return moved
		.sort((one, other) => other.change - one.change || (one.label < other.label ? -1 : 1))
		.slice(0, MAX_MOVED)
		.filter(({ change }) => change > 0)
		.map(({ label, a, b }) => ({
			label,
			before: a / n,
			after: b / m,
			change: differenceOfShares(wilson(a, n), wilson(b, m)),
		}))
}
