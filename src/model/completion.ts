// A title whose last word is still being typed: the model is asked about the words that it may become, each as often as it is
// likely. Pure: browser and Node.
import type { Reading } from '../shared/reading.ts'
import { countKnown, type Knowledge } from './engine.ts'
import { ENDS_IN_CHARACTER, measureFamiliarity } from './familiarity.ts'
import { findLargest } from './largest.ts'
import { isWord } from './normalize.ts'
import { joinCopies } from './padding.ts'
import type { WordRange, Words } from './word-table.ts'

/** What a model is asked about a title, and how much of the title it knows. */
export interface TitleQuestion extends Knowledge {
	/** Without the padding at its end; where there are several copies of the title in it, with that between them. */
	readonly text: string
	/** How many copies of the title the text holds: what is counted in it counts so many times less. */
	readonly copies: number
	/** The words of the title that the model has not learnt, each once; not one that may become a word that it has. */
	readonly unknownWords: readonly string[]
	/** The last word is unfinished, and may become one that the model has learnt. */
	readonly isOpen: boolean
	/** See {@link measureFamiliarity}; a word that may become a known one is one. */
	readonly familiarity: number
}

/** What a model knows of words. */
export interface Vocabulary {
	/** Zero vectors in the mean of a title. */
	readonly padding: number
	readonly table: Words
	knows(word: string): boolean
	hasVector(word: string): boolean
}

/** Fewer letters begin too many words to say anything. */
const LEAST_LETTERS = 2
/** The title is asked about so many times at once, each time with one of the words that the last may become. */
const COPIES = 16
/** Words that may have a copy, the likeliest ones. */
const CANDIDATES = 64
/** A long title is repeated less often, so that one takes about as long as another. */
const MOST_TOKENS = 640
const LEAST_COPIES = 4
/** Words that follow the one before in the model's pairs are so many times as likely. */
const PAIR_FACTOR = 4
/**
 * Marks stand beside frequent words in any language. Measured: each pair of a word and one of these marks that a model has a vector
 * for, in either order, makes the word so many times as frequent in its training text.
 */
const MARKS = ['.', ',', '?', '!']
const MARK_FACTOR = 2.3

const ENDS_IN_WORD = /[\p{L}\p{M}\p{N}]$/u

/** Whether the next letter would change the last word of a title as a person writes it. */
export function endsInOpenWord(title: string): boolean {
	return ENDS_IN_WORD.test(title) && !ENDS_IN_CHARACTER.test(title)
}

/** @param normalized a title */
export function askAbout(
	normalized: string,
	reading: Reading,
	vocabulary: Vocabulary,
): TitleQuestion {
	return reading === 'typing' ? askOpen(normalized, vocabulary) : askWhole(normalized, vocabulary)
}

function askWhole(normalized: string, vocabulary: Vocabulary): TitleQuestion {
	const words = normalized.split(' ').filter(isWord)
	const knowledge = countKnown(words, vocabulary)
	const isKnown = knowledge.knownWords > 0
	return {
		text: normalized,
		copies: 1,
		...knowledge,
		unknownWords: [...new Set(words.filter((word) => !isKnown || !vocabulary.knows(word)))],
		isOpen: false,
		familiarity: measureFamiliarity(words, vocabulary),
	}
}

/**
 * Asks about many copies of a title at once, each with another word that the last may become. A model's score is of the mean of
 * a title's vectors, so that this asks about the expected vector. Words too unlikely for a copy of their own leave copies without
 * a last word.
 */
function askOpen(normalized: string, vocabulary: Vocabulary): TitleQuestion {
	const { table, padding } = vocabulary
	const tokens = normalized.split(' ')
	const open = tokens.pop() ?? ''
	const range = table.startingWith(open)
	if (!isWord(open) || range.until === range.from) return askWhole(normalized, vocabulary)
	const before = tokens.join(' ')
	const context = { ...askWhole(before, vocabulary), isOpen: true }
	if ([...open].length < LEAST_LETTERS) return context
	const copies = chooseCopies(tokens.length + 1 + padding)
	const ends = chooseEnds(range, tokens.at(-1), table, copies)
	const known = countKnown([...tokens, ...new Set(ends)].filter(isWord), vocabulary)
	if (known.knownWords === 0) return context
	const texts = ends.map((end) => [...tokens, end].join(' '))
	const rest = Array.from({ length: copies - texts.length }, () => before)
	const unknownWords = context.unknownWords.filter((word) => !vocabulary.knows(word))
	const words = [...tokens.filter(isWord), ends[0] ?? open]
	return {
		text: joinCopies([...texts, ...rest], padding),
		copies,
		words: context.words + 1,
		knownWords: tokens.filter((token) => isWord(token) && vocabulary.knows(token)).length + 1,
		unknownWords,
		isOpen: true,
		familiarity: measureFamiliarity(words, vocabulary),
	}
}

function chooseCopies(tokens: number): number {
	return Math.min(COPIES, Math.max(LEAST_COPIES, Math.floor(MOST_TOKENS / tokens)))
}

/** Words of a range for at most so many copies, each as often as its share of them all is. */
function chooseEnds(
	{ from, until }: WordRange,
	previous: string | undefined,
	table: Words,
	copies: number,
): string[] {
	const weights = weighWords({ from, until }, previous, table)
	const total = weights.reduce((sum, weight) => sum + weight, 0)
	const ends: string[] = []
	let due = 0
	for (const at of findLargest(weights, CANDIDATES)) {
		due += ((weights[at] ?? 0) / total) * copies
		const times = Math.round(due) - ends.length
		if (times > 0) ends.push(...Array.from({ length: times }, () => table.word(from + at)))
	}
	return ends
}

/**
 * How likely words are after another one: the more labels have one in the table of evidence, the more frequent it is, and the model's
 * pairs tell which words stand beside it.
 */
function weighWords(range: WordRange, previous: string | undefined, table: Words): Float64Array {
	const before = previous === undefined ? null : table.hash(previous)
	const signs = table.signsOf(
		range,
		MARKS.map((mark) => table.hash(mark)),
		before,
	)
	const weights = new Float64Array(signs.labels.length)
	for (let at = 0; at < weights.length; at += 1) {
		let weight = Math.max(1, signs.labels[at] as number)
		for (let left = signs.marks[at] as number; left > 0; left -= 1) weight *= MARK_FACTOR
		weights[at] = signs.follows[at] === 1 ? weight * PAIR_FACTOR : weight
	}
	return weights
}
