// Finding a subreddit by its name among those that the release knows: those that it has learnt, and those of its index.
import * as v from 'valibot'
import type { Pick } from '../shared/feedback.ts'
import { SubredditName } from '../shared/schema-parts.ts'

export const MAX_MATCHES = 6

/** Names of subreddits: learnt by the model, and not learnt but in the index. */
export interface KnownNames {
	readonly learnt: readonly string[]
	readonly unseen: readonly string[]
}
/** What the schema of a subreddit's name admits. */
const MIN_NAME = 2
const MAX_NAME = 50

/** What of a text names are searched by; empty where nothing is. */
export function wantedName(text: string): string {
	return joinWords(cleanName(text)).toLowerCase()
}

/** At most six names that hold the text: those that begin with it first, short before long, learnt before others. */
export function searchNames({ learnt, unseen }: KnownNames, text: string): readonly string[] {
	const wanted = wantedName(text)
	if (wanted === '') return []
	return [...learnt, ...unseen]
		.filter((label) => label.toLowerCase().includes(wanted))
		.map((label) => ({ label, place: label.toLowerCase().indexOf(wanted) }))
		.sort((a, b) => Math.sign(a.place) - Math.sign(b.place) || a.label.length - b.label.length)
		.slice(0, MAX_MATCHES)
		.map(({ label }) => label)
}

/** Six names: those that were found among the release's, then others of the long tail, each once. */
export function joinNames(found: readonly string[], others: readonly string[]): readonly string[] {
	const keys = new Set(found.map((name) => name.toLowerCase()))
	return [...found, ...others.filter((name) => !keys.has(name.toLowerCase()))].slice(0, MAX_MATCHES)
}

/** The pick that a typed name stands for; null where it is no subreddit's name: {@link explainName} says why. */
export function nameToPick({ learnt, unseen }: KnownNames, text: string): Pick | null {
	const name = cleanName(text)
	if (name === '') return { how: 'none' }
	const wanted = joinWords(name).toLowerCase()
	const isWanted = (known: string) => known.toLowerCase() === wanted
	const label = learnt.find(isWanted)
	if (label) return { how: 'search', subreddit: label }
	const other = unseen.find(isWanted)
	if (other) return { how: 'unseen', subreddit: other }
	return v.is(SubredditName, name) ? { how: 'typed', subreddit: name } : null
}

/** Why a text is no subreddit's name, as a sentence. */
export function explainName(text: string): string {
	const name = cleanName(text)
	if (/\s/.test(name))
		return `A subreddit's name has no spaces, and the model knows no r/${joinWords(name)}: if you mean that one, write it as one word.`
	if (/[^\w.:-]/.test(name))
		return "A subreddit's name has letters, digits and underscores only, as in r/AskHistorians."
	if (name.length < MIN_NAME) return `A subreddit's name has at least ${MIN_NAME} characters.`
	if (name.length > MAX_NAME) return `A subreddit's name has at most ${MAX_NAME} characters.`
	return "A subreddit's name begins with a letter, a digit or an underscore."
}

// People paste "/r/pics", "r/pics/", "https://www.reddit.com/r/pics/comments/1a2b3c/?x=1".
function cleanName(text: string): string {
	const address = /^(?:https?:\/\/)?(?:(?:[a-z0-9-]+\.)*reddit\.com)?\/?r\/([^/?#]*)(?:[/?#].*)?$/i
	const name = text.trim()
	return (address.exec(name)?.[1] ?? name.replace(/^\/?r\//i, '')).replace(/\/+$/, '').trim()
}

function joinWords(name: string): string {
	return name.replace(/\s+/g, '')
}
