// Finding a subreddit by its name among those that the release knows.
import * as v from 'valibot'
import type { Pick } from '../shared/feedback.ts'
import { SubredditName } from '../shared/schema-parts.ts'

const MAX_MATCHES = 6

/** At most six labels that hold the text: those that begin with it first, short before long. */
export function searchLabels(labels: readonly string[], text: string): readonly string[] {
	const wanted = cleanName(text).toLowerCase()
	if (wanted === '') return []
	return labels
		.filter((label) => label.toLowerCase().includes(wanted))
		.map((label) => ({ label, place: label.toLowerCase().indexOf(wanted) }))
		.sort((a, b) => Math.sign(a.place) - Math.sign(b.place) || a.label.length - b.label.length)
		.slice(0, MAX_MATCHES)
		.map(({ label }) => label)
}

/** The pick that a typed name stands for; null where it is no subreddit's name. */
export function nameToPick(labels: readonly string[], text: string): Pick | null {
	const name = cleanName(text)
	if (name === '') return { how: 'none' }
	const label = labels.find((known) => known.toLowerCase() === name.toLowerCase())
	if (label) return { how: 'search', subreddit: label }
	return v.is(SubredditName, name) ? { how: 'typed', subreddit: name } : null
}

// People paste "/r/pics", "r/pics/", "https://www.reddit.com/r/pics/".
function cleanName(text: string): string {
	return text
		.trim()
		.replace(/^(?:https?:\/\/)?(?:[a-z]+\.)?(?:reddit\.com)?\/?r\//i, '')
		.replace(/\/+$/, '')
}
