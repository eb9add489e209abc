// What the title box holds, as it is asked: one line of at most Reddit's 300 characters. Pure.
import { MAX_TITLE_CHARACTERS } from '../model/normalize.ts'

export interface AskedTitle {
	/** Well-formed, without control characters: what is asked and, with a pick, stored. */
	readonly title: string
	/** Characters beyond what a title can hold: they are not asked. */
	readonly surplus: number
}

// What a person sends without seeing it; half of a pair of surrogates is no character, and no URL can hold it.
const UNSEEN = /[\p{Cc}\u2028\u2029]+/gu
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Characters are code points, as Reddit counts them: an emoji is one or several, never half of one. */
export function readTitle(text: string): AskedTitle {
	const line = text.replace(UNSEEN, ' ').replace(LONE_SURROGATE, '\uFFFD')
	const characters = Array.from(line)
	return {
		title: characters.slice(0, MAX_TITLE_CHARACTERS).join(''),
		surplus: Math.max(0, characters.length - MAX_TITLE_CHARACTERS),
	}
}
