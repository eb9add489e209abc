// What an evaluation's pictures need beside its report: f1 in bins, weeks with intervals. Pure.
import type {
	EvaluationReport,
	StoredEvaluationReport,
	WeekFigures,
} from '../../shared/evaluation-report.ts'
import { formatCount, formatShare } from '../../shared/numbers.ts'
import { estimateShare, recallEstimates } from '../findings/evaluation.ts'
import { type Histogram, toHistogram } from '../histogram.ts'

const F1_BINS = 20

/** Of the subreddits that have test posts. */
export function binF1(subreddits: StoredEvaluationReport['subreddits']): Histogram {
	const counts = new Array<number>(F1_BINS).fill(0)
	for (const { posts, f1 } of subreddits) {
		const bin = f1Bin(f1)
		if (posts > 0) counts[bin] = (counts[bin] ?? 0) + 1
	}
	return toHistogram('subreddits', { from: 0, to: 1, counts })
}

/** Which bar of {@link binF1} an f1 is in. */
export function f1Bin(f1: number): number {
	return Math.min(F1_BINS - 1, Math.floor(f1 * F1_BINS))
}

/** Both recalls by week. */
export function weekLines(weeks: readonly WeekFigures[]) {
	return (['recall@5', 'recall@1'] as const).map((key) => ({
		name: key,
		series: key === 'recall@5' ? ('b' as const) : ('a' as const),
		moments: weeks.map((week) => ({
			at: week.from,
			posts: week.posts,
			estimate: estimateShare(week[key], week.posts),
		})),
	}))
}

/** The figures of another split before those of the report's own: recalls have intervals, the others have none. */
export function splitRows(report: EvaluationReport, beside: Beside) {
	const [own, other] = [recallEstimates(report), recallEstimates(beside)]
	const n = `n = ${formatCount(report.metrics.posts)} and ${formatCount(beside.metrics.posts)} posts`
	const recall = (key: 'recall@5' | 'recall@1') => ({ name: key, a: other[key], b: own[key], n })
	const score = (name: string, key: 'macroF1' | 'ece', format: (value: number) => string) => ({
		name,
		a: { value: beside.metrics[key] },
		b: { value: report.metrics[key] },
		n,
		format,
	})
	return [
		recall('recall@5'),
		recall('recall@1'),
		score('macro F1', 'macroF1', (value) => value.toFixed(3)),
		score('calibration error', 'ece', formatShare),
	]
}
type Beside = NonNullable<EvaluationReport['beside']>
