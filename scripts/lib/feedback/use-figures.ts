// How a number of picks went. Pure.
import type { Feedback } from '../../../src/shared/feedback.ts'
import { wilson } from '../../../src/shared/statistics.ts'
import type { PickFigures } from '../../../src/shared/use-report.ts'

/** @param lines one at least */
export function countPicks(name: string, lines: readonly Feedback[]): PickFigures {
	const share = (isCounted: (pick: Feedback['pick']) => boolean) =>
		wilson(lines.filter(({ pick }) => isCounted(pick)).length, lines.length)
	return {
		name,
		picks: lines.length,
		useful: share(({ how }) => how === 'suggestion'),
		first: share((pick) => pick.how === 'suggestion' && pick.rank === 1),
		named: share(({ how }) => how === 'search' || how === 'typed' || how === 'unseen'),
		none: share(({ how }) => how === 'none'),
	}
}
