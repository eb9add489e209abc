// Titles as the page sees them letter by letter: what suggestions are worth while the last word is unfinished, and how often the
// first one changes and changes back.
import { isWord } from '../../src/model/normalize.ts'
import type { Suggestion } from '../../src/model/suggest.ts'
import type { LabelledTitle } from '../../src/model/training-text.ts'
import type { Reading } from '../../src/shared/reading.ts'
import type { Effects } from '../lib/effects.ts'
import { suggestForAll } from '../lib/evaluation/evaluate.ts'
import type { MeasurableModel } from '../lib/evaluation/models.ts'
import { type Claims, ClaimTally, nameCount } from './claim-tally.ts'

/** Titles that are typed: about sixteen key presses each. */
const TYPED_TITLES = 1_500
/** Words of each title that are typed letter by letter, the last ones. */
const TYPED_WORDS = 3
/** A first suggestion that comes back within so many further key presses should not have changed. */
const PATIENCE = 4

/** A title after one more key. */
export interface KeyPress {
	/** Normalised. */
	readonly text: string
	/** The same with the word that it ends in finished; null after a space: no word is open. */
	readonly finished: string | null
}

/** What a model is worth while a title is typed. */
export interface TypingQuality {
	/** After each letter, and with the word that this letter belongs to finished. */
	readonly 'recall@5': { readonly open: number; readonly finished: number }
	/** Shares of key presses that change the first suggestion, and that change it only for a few letters. */
	readonly changes: number
	readonly flicker: number
	/** The last one, were unfinished words read as they stand. */
	readonly flickerAsTheyStand: number
	/** By how many words are known, the open one among them. */
	readonly claims: ReadonlyMap<string, Claims>
}

/** The key presses of a title's last words, each word with the space or the marks after it. */
export function typeTitle(text: string): KeyPress[] {
	const tokens = text.split(' ')
	const words = tokens.flatMap((token, place) => (isWord(token) ? [place] : []))
	const first = words.at(-TYPED_WORDS) ?? tokens.length
	return tokens.slice(first).flatMap((token, at): KeyPress[] => {
		const before = tokens.slice(0, first + at)
		const finished = [...before, token].join(' ')
		const closing = { text: finished, finished: null }
		if (!isWord(token)) return [closing]
		const letters = Array.from(token)
		const open = letters.map((_, last) => ({
			text: [...before, letters.slice(0, last + 1).join('')].join(' '),
			finished,
		}))
		return [...open, closing]
	})
}

interface Asked extends LabelledTitle {
	readonly reading: Reading
}

/** @param titles in a random order; the first ones are typed */
export async function measureTyping(
	model: MeasurableModel,
	titles: readonly LabelledTitle[],
	effects: Effects,
): Promise<TypingQuality> {
	const typed = titles.slice(0, TYPED_TITLES).map(({ subreddit, text }) => ({
		subreddit,
		presses: typeTitle(text),
	}))
	const answers = await askEach(model, typed, effects)
	const claims = new ClaimTally()
	const hits = { open: 0, finished: 0, letters: 0 }
	const isHit = (subreddit: string, { suggestions }: JudgedText) =>
		suggestions.some((suggestion) => suggestion.subreddit === subreddit)
	for (const { subreddit, presses } of typed)
		for (const { text, finished } of presses) {
			if (finished === null) continue
			const open = answers.get('typing', text)
			hits.letters += 1
			hits.open += isHit(subreddit, open) ? 1 : 0
			hits.finished += isHit(subreddit, answers.get('whole', finished)) ? 1 : 0
			claims.add(nameCount(open), subreddit, open.suggestions)
		}
	const firstsBy = (reading: Reading) =>
		typed.map(({ presses }) =>
			presses.map(({ text, finished }) => {
				const { suggestions } = answers.get(finished === null ? 'whole' : reading, text)
				return suggestions[0]?.subreddit ?? null
			}),
		)
	const now = countChanges(firstsBy('typing'))
	return {
		'recall@5': { open: hits.open / hits.letters, finished: hits.finished / hits.letters },
		changes: now.changes,
		flicker: now.flicker,
		flickerAsTheyStand: countChanges(firstsBy('whole')).flicker,
		claims: claims.finish(),
	}
}

/** @param titles the first suggestion after each key press of each title */
export function countChanges(titles: readonly (readonly (string | null)[])[]): {
	readonly changes: number
	readonly flicker: number
} {
	let [presses, changes, flicker] = [0, 0, 0]
	for (const firsts of titles)
		for (let at = 1; at < firsts.length; at += 1) {
			presses += 1
			const before = firsts[at - 1]
			if (firsts[at] === before) continue
			changes += 1
			if (firsts.slice(at + 1, at + 1 + PATIENCE).includes(before ?? null)) flicker += 1
		}
	return { changes: changes / presses, flicker: flicker / presses }
}

interface JudgedText {
	readonly words: number
	readonly knownWords: number
	readonly suggestions: readonly Suggestion[]
}

class Answers {
	readonly #found = new Map<string, JudgedText>()

	add({ reading, text, ...answer }: JudgedText & Pick<Asked, 'reading' | 'text'>): void {
		this.#found.set(`${reading} ${text}`, answer)
	}

	get(reading: Reading, text: string): JudgedText {
		const found = this.#found.get(`${reading} ${text}`)
		if (!found) throw new RangeError('a text that was not asked about')
		return found
	}
}

/** Each text is asked about once, read whole and, where a word is open, as being typed. */
async function askEach(
	model: MeasurableModel,
	typed: readonly { readonly presses: readonly KeyPress[] }[],
	effects: Effects,
): Promise<Answers> {
	const asked = new Map<string, { readonly text: string; readonly reading: Reading }>()
	const add = (text: string, reading: Reading) => asked.set(`${reading} ${text}`, { text, reading })
	for (const { presses } of typed)
		for (const { text, finished } of presses) {
			add(text, 'whole')
			if (finished === null) continue
			add(finished, 'whole')
			add(text, 'typing')
		}
	const answers = new Answers()
	const questions = (async function* () {
		yield* asked.values()
	})()
	for await (const answer of suggestForAll(model, { questions, total: asked.size }, effects))
		answers.add(answer)
	return answers
}
