// Named groups of subreddits, before and after. Pure.

import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import type { GroupComparison } from '../../../src/shared/comparison-report.ts'
import { countHits, type PairedAnswers } from './paired-answers.ts'
import { comparePaired } from './paired-difference.ts'
import type { Groups } from './parameters.ts'

export interface ComparedGroups {
	readonly groups: GroupComparison[]
	/** Names of those without a test post. */
	readonly emptyGroups: string[]
}

/** Reddit takes names in any case: so do groups. */
export function compareGroups(answers: PairedAnswers, groups: Groups): ComparedGroups {
	const postsOf = postsByLabel(answers)
	const found = Object.entries(groups).map(([name, members]) => {
		const wanted = new Set(members.map((member) => member.toLowerCase()))
		const labels = [...postsOf.keys()].filter((label) => wanted.has(label.toLowerCase())).sort()
		return { name, labels, posts: labels.flatMap((label) => postsOf.get(label) ?? []) }
	})
	return {
		groups: found
			.filter(({ posts }) => posts.length > 0)
			.map(({ name, labels, posts }) => ({
				name,
				labels,
				posts: posts.length,
				'recall@1': compareRecall(answers, posts, 1),
				'recall@5': compareRecall(answers, posts, SUGGESTION_COUNT),
			})),
		emptyGroups: found.filter(({ posts }) => posts.length === 0).map(({ name }) => name),
	}
}

function compareRecall(answers: PairedAnswers, posts: readonly number[], depth: number) {
	const counts = countHits(answers, posts, depth)
	return {
		a: counts.hitsA / counts.posts,
		b: counts.hitsB / counts.posts,
		...comparePaired(counts),
	}
}

function postsByLabel({ actual, labels }: PairedAnswers): ReadonlyMap<string, number[]> {
	const posts = new Map<string, number[]>()
	for (const [post, place] of actual.entries()) {
		const label = labels[place]
		if (label === undefined) continue
		const list = posts.get(label) ?? []
		list.push(post)
		posts.set(label, list)
	}
	return posts
}
