// Leaves posts of subreddits that may not be suggested out of a snapshot. Pure.
import type { SuggestionPolicy } from '../policy/policy.ts'
import type { Snapshot } from './snapshot-schema.ts'
import type { Titles } from './split.ts'
import { keepRows, type Rows } from './title-table.ts'

export const POLICY_RULES = ['apply', 'off'] as const
export type PolicyRule = (typeof POLICY_RULES)[number]

export type LeftOutSubreddit = NonNullable<Snapshot['policy']>[number]

/** @returns the rows in their order, and the subreddits that were left out, by name */
export function applyPolicy(
	{ table, rows }: Titles,
	policy: Pick<SuggestionPolicy, 'refuse'>,
): { rows: Rows; leftOut: LeftOutSubreddit[] } {
	const leftOut = [...table.countLabels(rows)].flatMap((posts, label) => {
		const name = table.names[label] ?? ''
		const refusal = posts > 0 ? policy.refuse(name) : null
		return refusal ? [{ name, posts, ...refusal }] : []
	})
	const names = new Set(leftOut.map(({ name }) => name))
	const isOut = table.names.map((name) => names.has(name))
	return {
		rows: keepRows(rows, (row) => isOut[table.labels[row] ?? 0] !== true),
		leftOut: leftOut.sort((a, b) => (a.name < b.name ? -1 : 1)),
	}
}

/** By reason, that with the most subreddits first. */
export function groupByReason(
	leftOut: readonly LeftOutSubreddit[],
): { reason: string; posts: number; names: string[] }[] {
	const groups = new Map<string, { reason: string; posts: number; names: string[] }>()
	for (const { name, reason, posts } of leftOut) {
		const group = groups.get(reason) ?? { reason, posts: 0, names: [] }
		groups.set(reason, { ...group, posts: group.posts + posts, names: [...group.names, name] })
	}
	return [...groups.values()].sort((a, b) => b.names.length - a.names.length)
}
