// How the words of a title are tinted by what each adds for a subreddit. Pure.
import { normalizeTitle } from '../model/normalize.ts'
import type { WordReason } from '../shared/classifier-protocol.ts'

/** From hardly to most; without a sign for words that say nothing. */
export type Tint = '' | `for-${1 | 2 | 3}` | `against-${1 | 2 | 3}`

export interface TintedText {
	/** As the box has it: words and the blanks between them. */
	readonly text: string
	readonly tint: Tint
}

/** Of what the strongest word adds: less than this is no reason. */
const LEAST = 0.12
const STEPS = [0.35, 0.7] as const
/** How many words are said. */
const SAID = 3

/** The whole text, piece by piece. */
export function tintText(text: string, words: readonly WordReason[]): TintedText[] {
	const adds = new Map(words.map(({ text: token, adds: number }) => [token, number]))
	const pieces = text.match(/\s+|\S+/g) ?? []
	const sums = pieces.map((piece) =>
		normalizeTitle(piece)
			.split(' ')
			.reduce((sum, token) => sum + (adds.get(token) ?? 0), 0),
	)
	const most = Math.max(...sums.map(Math.abs))
	return pieces.map((piece, at) => ({ text: piece, tint: tintOf((sums[at] ?? 0) / most) }))
}

/** For a screen reader, of the words of an answered title: those that speak most for a subreddit, and those that speak most against it. */
export function sayReasons(subreddit: string, words: readonly WordReason[]): string {
	const most = Math.max(...words.map(({ adds }) => Math.abs(adds)))
	const name = (sign: number) =>
		words
			.filter(({ adds }) => (sign * adds) / most > LEAST)
			.sort((a, b) => sign * (b.adds - a.adds))
			.slice(0, SAID)
			.map(({ text }) => text)
			.join(', ')
	const [speaksFor, against] = [name(1), name(-1)]
	if (!speaksFor && !against) return `No word of this title speaks for r/${subreddit} by itself.`
	return [
		speaksFor ? `For r/${subreddit}: ${speaksFor}.` : '',
		against ? `Against r/${subreddit}: ${against}.` : '',
	]
		.filter(Boolean)
		.join(' ')
}

function tintOf(share: number): Tint {
	const strength = Math.abs(share)
	if (!(strength > LEAST)) return ''
	const step = strength < STEPS[0] ? 1 : strength < STEPS[1] ? 2 : 3
	return share > 0 ? `for-${step}` : `against-${step}`
}
