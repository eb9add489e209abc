// Makes the title that is asked from what the title box holds: one line of at most Reddit's 300 characters. Pure.
import { MAX_TITLE_CHARACTERS } from '../model/normalize.ts'

export interface AskedTitle {
	/** Well-formed and without control characters: the title that the model is asked and that a pick stores. */
	readonly title: string
	/** How many characters are left out because a title can't be longer. */
	readonly surplus: number
}

// Characters that nobody sees. A lone surrogate is no character, and no URL can hold it.
const UNSEEN = /[\p{Cc}\u2028\u2029]+/gu
const LONE_SURROGATE = /\p{Surrogate}/gu

/** Characters are code points, as Reddit counts them: an emoji is one or several, never half of one. */
export function readTitle(text: string): AskedTitle {
	const line = text.replace(UNSEEN, ' ').replace(LONE_SURROGATE, '\uFFFD')
	const characters = Array.from(line)
	return {
		title: dropCutWord(
			characters.slice(0, MAX_TITLE_CHARACTERS).join(''),
			characters[MAX_TITLE_CHARACTERS],
		),
		surplus: Math.max(0, characters.length - MAX_TITLE_CHARACTERS),
	}
}

/** The beginning of a word is another word: a title that is cut ends before it, unless it has no other words. */
function dropCutWord(title: string, next: string | undefined): string {
	if (next === undefined || /\s/.test(next)) return title
	return title.replace(/(?<=\S)\s+\S+$/, '')
}
