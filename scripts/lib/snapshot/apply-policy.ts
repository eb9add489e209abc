// Leaves posts of subreddits that may not be suggested out of a snapshot. Pure.
import type { SuggestionPolicy } from '../policy/policy.ts'
import type { Snapshot } from './snapshot-schema.ts'

export const POLICY_RULES = ['apply', 'off'] as const
export type PolicyRule = (typeof POLICY_RULES)[number]

export type LeftOutSubreddit = NonNullable<Snapshot['policy']>[number]

/** @returns the titles in their order, and the subreddits that were left out, by name */
export function applyPolicy<Title extends { readonly subreddit: string }>(
	titles: readonly Title[],
	policy: Pick<SuggestionPolicy, 'refuse'>,
): { titles: Title[]; leftOut: LeftOutSubreddit[] } {
	const counts = new Map<string, number>()
	for (const { subreddit } of titles) counts.set(subreddit, (counts.get(subreddit) ?? 0) + 1)
	const leftOut = [...counts].flatMap(([name, posts]) => {
		const refusal = policy.refuse(name)
		return refusal ? [{ name, posts, ...refusal }] : []
	})
	const names = new Set(leftOut.map(({ name }) => name))
	return {
		titles: titles.filter(({ subreddit }) => !names.has(subreddit)),
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
