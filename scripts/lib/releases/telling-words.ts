// A few words that say what a subreddit is about: among the common words of its titles, those whose vectors speak most for it.
import { decodeRow, type FastTextModel, type Matrix } from '../../../src/model/fasttext/format.ts'
import { labelName } from '../../../src/model/training-text.ts'

/** Shorter words say little by themselves. */
const MIN_LETTERS = 3
/** Words that share this many first letters count as forms of one word. */
const STEM_LETTERS = 5
const ONLY_LETTERS = /^\p{L}+$/u

/** For each subreddit, in how many of its titles each word stands. */
export type WordsBySubreddit = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * The words by which a model recognises each subreddit, the strongest first.
 *
 * A word's score is what its vector adds to the subreddit beside what it adds to the average one, times the logarithm of the
 * titles that have it: a rare word may be a person's name or an accident.
 *
 * @param count how many words at most
 * @returns by name, without `r/`
 */
export function findTellingWords(
	model: FastTextModel,
	common: WordsBySubreddit,
	count: number,
): Map<string, readonly string[]> {
	const rows = new Map(model.words.map(({ bytes }, row) => [readUtf8(bytes), row]))
	const labels = readRows(model.output, model.labels.length)
	const mean = meanOf(labels)
	const word = new Float32Array(model.input.columns)
	const telling = new Map<string, readonly string[]>()
	for (const [place, { bytes }] of model.labels.entries()) {
		const subreddit = labelName(readUtf8(bytes))
		const label = (labels[place] as Float32Array).map((value, k) => value - (mean[k] as number))
		const scored = [...(common.get(subreddit) ?? [])].flatMap(([text, titles]) => {
			const row = rows.get(text)
			if (row === undefined || !isTelling(text, subreddit)) return []
			decodeRow(model.input, row, word)
			const score = dot(label, word) * Math.log1p(titles)
			return score > 0 ? [{ text, score }] : []
		})
		telling.set(subreddit, takeDistinct(scored, count))
	}
	return telling
}

// A word of the name says nothing that the name does not.
function isTelling(word: string, subreddit: string): boolean {
	return (
		word.length >= MIN_LETTERS &&
		ONLY_LETTERS.test(word) &&
		!subreddit.toLowerCase().includes(word.slice(0, STEM_LETTERS))
	)
}

function takeDistinct(
	scored: readonly { readonly text: string; readonly score: number }[],
	count: number,
): string[] {
	const taken: string[] = []
	const order = [...scored].sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : 1))
	for (const { text } of order) {
		if (taken.length === count) break
		const stem = text.slice(0, STEM_LETTERS)
		if (!taken.some((word) => word.startsWith(stem) || text.startsWith(word))) taken.push(text)
	}
	return taken
}

function readRows(matrix: Matrix, count: number): Float32Array[] {
	return Array.from({ length: count }, (_, row) => {
		const vector = new Float32Array(matrix.columns)
		decodeRow(matrix, row, vector)
		return vector
	})
}

function meanOf(vectors: readonly Float32Array[]): Float64Array {
	const mean = new Float64Array(vectors[0]?.length ?? 0)
	for (const vector of vectors)
		for (const [k, value] of vector.entries()) mean[k] = (mean[k] as number) + value
	return mean.map((sum) => sum / vectors.length)
}

function dot(a: Float32Array, b: Float32Array): number {
	let sum = 0
	for (const [k, value] of a.entries()) sum += value * (b[k] as number)
	return sum
}

function readUtf8(bytes: string): string {
	return Buffer.from(bytes, 'latin1').toString('utf8')
}
