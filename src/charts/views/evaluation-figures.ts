// What an evaluation's pictures need beside its report: f1 in bins, weeks with intervals. Pure.
import type { StoredEvaluationReport, WeekFigures } from '../../shared/evaluation-report.ts'
import { wilson } from '../../shared/statistics.ts'
import { type Histogram, toHistogram } from '../histogram.ts'

const F1_BINS = 20

/** Of the subreddits that have test posts. */
export function binF1(subreddits: StoredEvaluationReport['subreddits']): Histogram {
	const counts = new Array<number>(F1_BINS).fill(0)
	for (const { posts, f1 } of subreddits) {
		const bin = Math.min(F1_BINS - 1, Math.floor(f1 * F1_BINS))
		if (posts > 0) counts[bin] = (counts[bin] ?? 0) + 1
	}
	return toHistogram('subreddits', { from: 0, to: 1, counts })
}

/** Both recalls by week. */
export function weekLines(weeks: readonly WeekFigures[]) {
	return (['recall@5', 'recall@1'] as const).map((key) => ({
		name: key,
		series: key === 'recall@5' ? ('b' as const) : ('a' as const),
		moments: weeks.map((week) => ({
			at: week.from,
			posts: week.posts,
			estimate: wilson(Math.round(week[key] * week.posts), week.posts),
		})),
	}))
}
