// Chooses the training titles from the picks: one subreddit for each title, however often it was picked. Pure.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { Feedback } from '../../../src/shared/feedback.ts'

/** The rule, as help texts state it. */
export const CHOICE_RULE = `Picks that name a subreddit become training titles. Titles that are the same after normalising are merged into one, for
the subreddit that most sources name (a source is an imported file, or an address on a day), or the one picked last if
several are named equally often. A title weighs the same however often it was picked, and a source counts once for each
subreddit, so that nobody gains weight by repeating.`

export interface ChosenTitle {
	readonly subreddit: string
	/** As a person wrote it. */
	readonly title: string
	/** All that name this subreddit, by name. */
	readonly sources: readonly PickSource[]
}

/** What brought picks of a title: an imported file, or an address on a day. */
export interface PickSource {
	readonly name: string
	/** When it last picked the title, in milliseconds. */
	readonly time: number
}

/** A pick with what it came from. */
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
	/** When each source last picked it, in milliseconds. */
	readonly sources: Map<string, number>
	lastTime: number
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
		addVote(votes, { subreddit: pick.subreddit, title }, Date.parse(time), source)
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
	time: number,
	source: string,
): void {
	const key = chosen.subreddit.toLowerCase()
	const own = votes.get(key) ?? { sources: new Map(), lastTime: time, chosen }
	votes.set(key, own)
	own.sources.set(source, Math.max(time, own.sources.get(source) ?? time))
	if (time >= own.lastTime) Object.assign(own, { lastTime: time, chosen })
}

function toChosen({ chosen, sources }: Votes): ChosenTitle {
	const named = [...sources].map(([name, time]) => ({ name, time }))
	return { ...chosen, sources: named.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

// The name breaks a tie, so that the order of the lines never does.
function stronger(a: Votes, b: Votes): Votes {
	if (a.sources.size !== b.sources.size) return a.sources.size > b.sources.size ? a : b
	if (a.lastTime !== b.lastTime) return a.lastTime > b.lastTime ? a : b
	return a.chosen.subreddit.toLowerCase() < b.chosen.subreddit.toLowerCase() ? a : b
}
