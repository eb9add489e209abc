// The columns of a comparison's table of subreddits, and which of them a bar stands for. Pure.
import { changeBin } from '../../shared/f1-changes.ts'
import { formatCount, formatSigned } from '../../shared/numbers.ts'
import type { GroupChange, SubredditChange } from '../comparison-figures.ts'
import type { Bin } from '../histogram.ts'
import { type Choice, type Column, POSTS } from '../table-rows.ts'

export const CHANGE = 'change'

export const changeColumns: readonly Column<SubredditChange>[] = [
	{ name: 'subreddit', value: ({ label }) => label.toLowerCase(), format: ({ label }) => label },
	{ name: POSTS, value: ({ posts }) => posts, format: ({ posts }) => formatCount(posts) },
	{ name: 'f1 before', value: ({ a }) => a, format: ({ a }) => a.toFixed(3) },
	{ name: 'f1 after', value: ({ b }) => b, format: ({ b }) => b.toFixed(3) },
	{ name: CHANGE, value: ({ a, b }) => b - a, format: ({ a, b }) => formatSigned(b - a) },
]

/** A bar of changes counts the subreddits with enough test posts. */
export function chooseChanged(
	bin: Bin | undefined,
	minPosts: number,
): Choice<SubredditChange> | null {
	if (!bin) return null
	const index = changeBin((bin.from + bin.to) / 2)
	return {
		says: `Change ${formatSigned(bin.from)} to ${formatSigned(bin.to)}`,
		test: ({ posts, a, b }) => posts >= minPosts && changeBin(b - a) === index,
	}
}

export function chooseGroup(group: GroupChange | undefined): Choice<SubredditChange> | null {
	if (!group) return null
	const labels = new Set(group.labels)
	return { says: `group ${group.name}`, test: ({ label }) => labels.has(label) }
}
