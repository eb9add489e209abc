// The columns of a comparison's table of subreddits, and which of them a bar stands for. Pure.
import { formatCount } from '../../shared/numbers.ts'
import type { SubredditChange } from '../comparison-figures.ts'
import { formatSigned } from '../format.ts'
import type { Bin } from '../histogram.ts'
import type { Column } from '../table-rows.ts'

export const changeColumns: readonly Column<SubredditChange>[] = [
	{ name: 'subreddit', value: ({ label }) => label.toLowerCase(), format: ({ label }) => label },
	{ name: 'posts', value: ({ posts }) => posts, format: ({ posts }) => formatCount(posts) },
	{ name: 'f1 in A', value: ({ a }) => a, format: ({ a }) => a.toFixed(3) },
	{ name: 'f1 in B', value: ({ b }) => b, format: ({ b }) => b.toFixed(3) },
	{ name: 'change', value: ({ a, b }) => b - a, format: ({ a, b }) => formatSigned(b - a) },
]

export function isWithin({ a, b }: SubredditChange, { from, to }: Bin): boolean {
	const change = b - a
	return change >= from && change < to
}
