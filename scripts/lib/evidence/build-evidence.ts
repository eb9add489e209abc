// Makes a model's table of evidence from training text: a naive Bayes classifier of single words, cut down to the entries that
// matter most in so many bytes. Node. What was measured: docs/training.md.
import {
	EVIDENCE_LEVELS,
	type Evidence,
	WORD_WEIGHT_STEPS,
	writeEvidence,
} from '../../../src/model/evidence/evidence-file.ts'
import { sortLabels } from '../../../src/model/sort-labels.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { countPairs, type PairCounts, type WeighedText } from './count-pairs.ts'
import { weighWords } from './weigh-words.ts'

/** How much the table counts beside fastText's scores. */
const STRENGTH = 1.8
/** A label's counts are smoothed by so many titles that are like all titles. */
const SMOOTHING = 400
/** A word in fewer titles says nothing yet. */
const MIN_TITLES = 2
const MOST_WORD_WEIGHT = 255
/** A first guess, from which the size is found. */
const BYTES_AN_ENTRY = 1.9

export interface EvidenceJob {
	readonly texts: readonly WeighedText[]
	/** Of the model, without their prefix. */
	readonly labels: readonly string[]
	readonly maxBytes: number
}

/** @throws AppError `bad-input` where not even the labels fit */
export async function buildEvidence({ texts, labels, maxBytes }: EvidenceJob): Promise<Uint8Array> {
	const places = new Map(sortLabels(labels).map((label, place) => [label, place]))
	const pairs = await countPairs(texts, places)
	const { values, importance } = weighPairs(pairs)
	const weights = weighWords(pairs)
	const order = importance.slice().sort()
	let entries = Math.min(order.length, Math.round(maxBytes / BYTES_AN_ENTRY))
	for (let round = 0; round < 8; round += 1) {
		const bytes = writeEvidence(
			composeEvidence(pairs, { values, weights }, keepBest(importance, order, entries)),
		)
		const isClose = bytes.length > maxBytes * 0.99 || entries === order.length
		if (bytes.length <= maxBytes && (isClose || round > 4)) return bytes
		entries = Math.min(order.length, Math.floor((entries * maxBytes * 0.995) / bytes.length))
		if (entries < 1) break
	}
	throw new AppError(
		'bad-input',
		`evidence of ${labels.length} labels does not fit into ${maxBytes} bytes`,
	)
}

/** What each pair adds to its label, in nats, and how much would be lost without it. */
function weighPairs({ wordTitles, wordLines, titles, pairWords, pairTitles }: PairCounts) {
	const values = new Float64Array(pairTitles.length)
	const importance = new Float64Array(pairTitles.length)
	for (const [pair, count] of pairTitles.entries()) {
		const word = pairWords[pair] ?? 0
		if ((wordLines[word] ?? 0) < MIN_TITLES) continue
		const expected = (SMOOTHING * (wordTitles[word] ?? 0)) / titles
		values[pair] = Math.log(1 + count / expected)
		importance[pair] = (values[pair] ?? 0) * Math.sqrt(count)
	}
	return { values, importance }
}

/** @param said by each pair, and how much each word counts */
function composeEvidence(
	pairs: PairCounts,
	{ values, weights }: { readonly values: Float64Array; readonly weights: Float64Array },
	kept: Uint32Array,
): Evidence {
	const names = nameWords(pairs, kept)
	const numbers = new Int32Array(pairs.words.length).fill(-1)
	for (const [number, { word }] of names.entries()) numbers[word] = number
	const { starts, order } = sortByWord(
		kept.filter((pair) => (numbers[pairs.pairWords[pair] ?? 0] ?? -1) >= 0),
		(pair) => numbers[pairs.pairWords[pair] ?? 0] ?? 0,
		names.length,
	)
	const levelValues = chooseLevels(Float64Array.from(order, (pair) => values[pair] ?? 0))
	return {
		strength: STRENGTH,
		absent: Float32Array.from(pairs.labelTitles, (count) => -Math.log(1 + count / SMOOTHING)),
		words: names.map(({ bytes }) => bytes),
		wordWeights: Uint8Array.from(names, ({ word }) =>
			Math.min(MOST_WORD_WEIGHT, Math.round((weights[word] ?? 0) * WORD_WEIGHT_STEPS)),
		),
		starts,
		labels: Uint16Array.from(order, (pair) => pairs.pairLabels[pair] ?? 0),
		levels: Uint8Array.from(order, (pair) => levelOf(values[pair] ?? 0, levelValues)),
		levelValues,
	}
}

/** The `count` most important pairs, in their order; of equals the first. @param ascending the importances, sorted */
function keepBest(importance: Float64Array, ascending: Float64Array, count: number): Uint32Array {
	const least = ascending[ascending.length - count] ?? Number.POSITIVE_INFINITY
	const firstEqual = ascending.findIndex((value) => value > least)
	const above = firstEqual === -1 ? 0 : ascending.length - firstEqual
	const kept = new Uint32Array(count)
	let equals = count - above
	let at = 0
	for (let pair = 0; pair < importance.length && at < count; pair += 1) {
		const value = importance[pair] ?? 0
		if (value < least || value === 0 || (value === least && equals === 0)) continue
		if (value === least) equals -= 1
		kept[at] = pair
		at += 1
	}
	return kept.subarray(0, at)
}

/** The words of the kept pairs, in the order of their bytes. */
function nameWords({ words, pairWords }: PairCounts, kept: Uint32Array) {
	const isKept = new Uint8Array(words.length)
	for (const pair of kept) isKept[pairWords[pair] ?? 0] = 1
	return words
		.flatMap((text, word) =>
			isKept[word] ? [{ word, bytes: Buffer.from(text).toString('latin1') }] : [],
		)
		.filter(({ bytes }) => bytes.length < 256)
		.sort((a, b) => (a.bytes < b.bytes ? -1 : 1))
}

/** Pairs come by label and then by word: in the order of their words, the labels of each ascend. */
function sortByWord(pairs: Uint32Array, wordOf: (pair: number) => number, words: number) {
	const starts = new Uint32Array(words + 1)
	for (const pair of pairs) starts[wordOf(pair) + 1] = (starts[wordOf(pair) + 1] ?? 0) + 1
	for (let word = 0; word < words; word += 1)
		starts[word + 1] = (starts[word + 1] ?? 0) + (starts[word] ?? 0)
	const next = starts.slice()
	const order = new Uint32Array(pairs.length)
	for (const pair of pairs) {
		const word = wordOf(pair)
		order[next[word] ?? 0] = pair
		next[word] = (next[word] ?? 0) + 1
	}
	return { starts, order }
}

/** Levels in equal steps of their logarithm, between the 0.1% and 99.9% of the values. */
function chooseLevels(values: Float64Array): Float32Array {
	const sorted = values.slice().sort()
	const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 1
	const [low, high] = [at(0.001), Math.max(at(0.999), at(0.001) * 1.01)]
	const step = Math.log(high / low) / (EVIDENCE_LEVELS - 1)
	return Float32Array.from({ length: EVIDENCE_LEVELS }, (_, level) => low * Math.exp(level * step))
}

function levelOf(value: number, levels: Float32Array): number {
	const [low = 1, second = 1] = levels
	const level = Math.round(Math.log(value / low) / Math.log(second / low))
	return Math.min(EVIDENCE_LEVELS - 1, Math.max(0, level))
}
