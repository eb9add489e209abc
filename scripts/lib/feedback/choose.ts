// Chooses the training titles from the picks: one subreddit for each title, however often it was picked. Pure.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { Feedback } from '../../../src/shared/feedback.ts'

/** The rule, as help texts state it. */
export const CHOICE_RULE = `Picks that name a subreddit become training titles. Titles that are the same after normalising are merged into one, for
the subreddit that most of their picks name, or the one picked last if several are named equally often. A title weighs the
same however often it was picked, so that nobody gains weight by repeating.`

export interface ChosenTitle {
	readonly subreddit: string
	/** As a person wrote it. */
	readonly title: string
	/** The imported file that all of its picks came from; null where several files agree. */
	readonly source: string | null
	/** When it was picked last, in milliseconds. */
	readonly time: number
}

/** A pick with the imported file that it came from. */
export interface SourcedFeedback {
	readonly line: Feedback
	readonly source: string
}

export interface Choice {
	/** In the order in which the titles were first picked. */
	readonly titles: readonly ChosenTitle[]
	/** Picks that name no subreddit, or whose title has nothing left after normalising. */
	readonly unusable: number
	/** Titles whose picks name different subreddits. */
	readonly conflicts: number
}

interface Votes {
	count: number
	lastTime: string
	source: string | null
	chosen: { readonly subreddit: string; readonly title: string }
}

/** Chooses by {@link CHOICE_RULE}. @param lines in any order */
export function chooseTitles(lines: Iterable<SourcedFeedback>): Choice {
	const byText = new Map<string, Map<string, Votes>>()
	let unusable = 0
	for (const { line, source } of lines) {
		const { title, pick, time } = line
		const text = normalizeTitle(title)
		if (pick.how === 'none' || text === '') {
			unusable += 1
			continue
		}
		const votes = byText.get(text) ?? new Map<string, Votes>()
		byText.set(text, votes)
		addVote(votes, { subreddit: pick.subreddit, title }, time, source)
	}
	const groups = [...byText.values()].map((votes) => [...votes.values()])
	return {
		titles: groups.map((votes) => toChosen(votes.reduce(stronger))),
		unusable,
		conflicts: groups.filter((votes) => votes.length > 1).length,
	}
}

// Reddit's names are the same in any case.
function addVote(
	votes: Map<string, Votes>,
	chosen: Votes['chosen'],
	time: string,
	source: string,
): void {
	const key = chosen.subreddit.toLowerCase()
	const before = votes.get(key)
	const isNewer = !before || time >= before.lastTime
	votes.set(key, {
		count: (before?.count ?? 0) + 1,
		lastTime: isNewer ? time : before.lastTime,
		chosen: isNewer ? chosen : before.chosen,
		source: !before || before.source === source ? source : null,
	})
}

function toChosen({ chosen, source, lastTime }: Votes): ChosenTitle {
	return { ...chosen, source, time: Date.parse(lastTime) }
}

// The name breaks a tie, so that the order of the lines never does.
function stronger(a: Votes, b: Votes): Votes {
	if (a.count !== b.count) return a.count > b.count ? a : b
	if (a.lastTime !== b.lastTime) return a.lastTime > b.lastTime ? a : b
	return a.chosen.subreddit.toLowerCase() < b.chosen.subreddit.toLowerCase() ? a : b
}
