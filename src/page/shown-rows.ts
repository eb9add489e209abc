// Which subreddits of an answer are shown, and in which order. Pure.
import type { Answer, SubredditFacts } from '../shared/classifier-protocol.ts'
import type { Pick } from '../shared/feedback.ts'
import { formatPercent } from '../shared/numbers.ts'

const MOST_ROWS = 5

export interface ShownRow {
	/** Without `r/`. */
	readonly subreddit: string
	/** How sure, as in `42%`; null where it was not measured. */
	readonly sure: string | null
	/** False: known by name and description alone. */
	readonly isLearnt: boolean
	readonly facts: SubredditFacts | null
	/** What is kept where it is the right one. */
	readonly pick: Extract<Pick, { subreddit: string }>
}

/** An answer, or the part of it that a pick keeps. */
interface Suggested {
	readonly suggestions: Answer['suggestions']
	readonly unseen?: Answer['unseen']
}

/** At most five, most probable first; those whose probability was not measured come last. */
export function shownRows({ suggestions, unseen = [] }: Suggested): ShownRow[] {
	const learnt = suggestions.map(({ subreddit, probability, facts }, index) => ({
		probability,
		row: {
			subreddit,
			sure: formatPercent(probability),
			isLearnt: true,
			facts: facts ?? null,
			pick: { how: 'suggestion', rank: index + 1, subreddit } as const,
		},
	}))
	const others = unseen.map(({ subreddit, probability }) => ({
		probability,
		row: {
			subreddit,
			sure: probability > 0 ? formatPercent(probability) : null,
			isLearnt: false,
			facts: null,
			pick: { how: 'unseen', subreddit } as const,
		},
	}))
	return [...learnt, ...others]
		.sort((a, b) => b.probability - a.probability)
		.slice(0, MOST_ROWS)
		.map(({ row }) => row)
}

/** The rows of a new answer, of which those that say the same as before are the same objects: they are not drawn anew. */
export function keepSame(before: readonly ShownRow[], rows: readonly ShownRow[]): ShownRow[] {
	return rows.map((row) => {
		const known = before.find(({ subreddit }) => subreddit === row.subreddit)
		return known && JSON.stringify(known) === JSON.stringify(row) ? known : row
	})
}

/** The answer as a person saw it: without the suggestions that gave their place to likelier ones. */
export function asShown(answer: Answer): Answer {
	if (answer.unseen.length === 0) return answer
	const shown = new Set(shownRows(answer).map(({ subreddit }) => subreddit))
	const isShown = ({ subreddit }: { readonly subreddit: string }) => shown.has(subreddit)
	return {
		...answer,
		suggestions: answer.suggestions.filter(isShown),
		unseen: answer.unseen.filter(isShown),
	}
}
