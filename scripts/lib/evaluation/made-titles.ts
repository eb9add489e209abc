// Titles as people type them: the page suggests before a title is whole, and knows few words of some. Made from real ones. Pure.
import { isWord } from '../../../src/model/normalize.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { createRandom } from '../snapshot/random.ts'

/** A prefix, and one with words made unknown. */
export const MADE_PER_TITLE = 2

/** Lengths of the prefixes, in words; the longer ones, because a long title that breaks off is right less often than a whole one. */
const PREFIXES = [1, 2, 3, 4, 6, 8, 10, 12, 16]

/** No vocabulary has it: letters of a script that was never spoken on Reddit. */
const UNKNOWN_WORD = '\u{10A60}\u{10A61}\u{10A62}'

const SEED = 1

export interface MadeTitle extends LabelledTitle {
	/** Whether it is the title as its author wrote it. */
	readonly isWhole: boolean
}

/** Each title, then those made of it; the same ones for the same titles. */
export async function* addMadeTitles(
	titles: AsyncIterable<LabelledTitle>,
): AsyncGenerator<MadeTitle> {
	const random = createRandom(SEED)
	for await (const title of titles) {
		yield { ...title, isWhole: true }
		yield { ...title, isWhole: false, text: makePrefix(title.text, random) }
		yield { ...title, isWhole: false, text: hideWords(title.text, random) }
	}
}

/** The first words of a title: a random one of {@link PREFIXES}, or all where it has fewer. */
export function makePrefix(text: string, random: () => number): string {
	return takeFirst(text, PREFIXES[Math.floor(random() * PREFIXES.length)])
}

/** The first words of a title, marks counted as words; all where it has no more. */
export function takeFirst(text: string, words: number | undefined): string {
	return text.split(' ').slice(0, words).join(' ')
}

/** Replaces each word by an unknown one with a probability that is itself drawn for each title. */
export function hideWords(text: string, random: () => number): string {
	const share = random()
	return text
		.split(' ')
		.map((token) => (isWord(token) && random() < share ? UNKNOWN_WORD : token))
		.join(' ')
}
