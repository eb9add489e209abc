// The columns of an evaluation's table of subreddits, and which of them a bar stands for. Pure.
import type { Confusion, StoredEvaluationReport } from '../../shared/evaluation-report.ts'
import { formatCount } from '../../shared/numbers.ts'
import { formatTick } from '../format.ts'
import { type Bin, isInBin } from '../histogram.ts'
import { type Choice, type Column, POSTS } from '../table-rows.ts'
import { f1Bin } from './evaluation-figures.ts'

type Figures = StoredEvaluationReport['subreddits'][number]

const score = (name: string, read: (row: Figures) => number): Column<Figures> => ({
	name,
	value: read,
	format: (row) => read(row).toFixed(3),
})
const count = (name: string, read: (row: Figures) => number): Column<Figures> => ({
	name,
	value: read,
	format: (row) => formatCount(read(row)),
})

export const F1 = 'f1'

export const subredditColumns: readonly Column<Figures>[] = [
	{ name: 'subreddit', value: ({ label }) => label.toLowerCase(), format: ({ label }) => label },
	count(POSTS, ({ posts }) => posts),
	score(F1, ({ f1 }) => f1),
	score('precision', ({ precision }) => precision),
	score('recall@1', ({ recall }) => recall),
	score('recall@5', ({ hits5, posts }) => (posts === 0 ? 0 : hits5 / posts)),
	count('suggested first', ({ predicted }) => predicted),
]

/** Of the subreddits that have test posts. */
export function chooseF1(bin: Bin | undefined): Choice<Figures> | null {
	if (!bin) return null
	const index = f1Bin((bin.from + bin.to) / 2)
	return {
		says: `f1 from ${bin.from.toFixed(2)} to ${bin.to.toFixed(2)}`,
		test: ({ posts, f1 }) => posts > 0 && f1Bin(f1) === index,
	}
}

/** A bar counts titles: behind it are the subreddits that are suggested with such a p@1 on average. */
export function chooseClaimed(bin: Bin | undefined): Choice<Figures> | null {
	if (!bin) return null
	return {
		says: `mean p@1 from ${formatTick(bin.from)} to ${formatTick(bin.to)}, where suggested first`,
		test: (row) => 'meanP1' in row && row.predicted > 0 && isInBin(row.meanP1, bin, 1),
		isBehind: ({ p1 }) => isInBin(p1, bin, 1),
	}
}

export function chooseConfused(pair: Confusion | undefined): Choice<Figures> | null {
	if (!pair) return null
	const { actual, predicted } = pair
	return {
		says: `r/${actual} and r/${predicted}`,
		test: ({ label }) => label === actual || label === predicted,
		isBehind: ({ subreddit, first }) => subreddit === actual && first === predicted,
	}
}
