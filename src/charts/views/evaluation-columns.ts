// The columns of an evaluation's table of subreddits. Pure.
import type { StoredEvaluationReport } from '../../shared/evaluation-report.ts'
import { formatCount } from '../../shared/numbers.ts'
import type { Column } from '../table-rows.ts'

type Figures = StoredEvaluationReport['subreddits'][number]

const score = (name: string, of: (row: Figures) => number): Column<Figures> => ({
	name,
	value: of,
	format: (row) => of(row).toFixed(3),
})
const count = (name: string, of: (row: Figures) => number): Column<Figures> => ({
	name,
	value: of,
	format: (row) => formatCount(of(row)),
})

export const subredditColumns: readonly Column<Figures>[] = [
	{ name: 'subreddit', value: ({ label }) => label.toLowerCase(), format: ({ label }) => label },
	count('posts', ({ posts }) => posts),
	score('f1', ({ f1 }) => f1),
	score('precision', ({ precision }) => precision),
	score('recall@1', ({ recall }) => recall),
	score('recall@5', ({ hits5, posts }) => (posts === 0 ? 0 : hits5 / posts)),
	count('suggested first', ({ predicted }) => predicted),
]
