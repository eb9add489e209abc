// Makes a model's table of evidence from training text: a naive Bayes classifier of words, pairs and beginnings of words, cut down to
// the entries that matter most in so many bytes. Node. What was measured: docs/training.md.
import {
	EVIDENCE_LEVELS,
	type Evidence,
	WORD_WEIGHT_STEPS,
	writeEvidence,
} from '../../../src/model/evidence/evidence-file.ts'
import { measureEvidence } from '../../../src/model/packed/packed-model.ts'
import { sortLabels } from '../../../src/model/sort-labels.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { countTerms, type TermCounts, type WeighedText } from './count-terms.ts'
import { kindsOf, weighTerms } from './weigh-terms.ts'

/** How much the table counts beside fastText's scores. */
const STRENGTH = 1.6
/** A label's counts are smoothed by so many titles that are like all titles. */
const SMOOTHING = 400
/**
 * How much an entry of each kind matters for the choice of entries: a pair, which has few labels, takes the bytes of its number for
 * each of them.
 */
const IMPORTANCE = { word: 1, pair: 0.175, beginning: 0.3 }
/** A word in fewer titles says nothing yet. */
const MIN_TITLES = 2
const MOST_WORD_WEIGHT = 255
/** A first guess, from which the size is found. */
const BYTES_AN_ENTRY = 2

export interface EvidenceJob {
	readonly texts: readonly WeighedText[]
	/** Of the model, without their prefix. */
	readonly labels: readonly string[]
	/** As packed. */
	readonly maxBytes: number
}

/** @throws AppError `bad-input` where not even the labels fit */
export async function buildEvidence({ texts, labels, maxBytes }: EvidenceJob): Promise<Uint8Array> {
	const places = new Map(sortLabels(labels).map((label, place) => [label, place]))
	const counts = await countTerms(texts, places)
	const kinds = kindsOf(counts)
	const { values, importance } = weighEntries(
		counts,
		kinds.map((kind) => IMPORTANCE[kind]),
	)
	const weights = weighTerms(counts, kinds)
	const order = importance.slice().sort()
	let entries = Math.min(order.length, Math.round(maxBytes / BYTES_AN_ENTRY))
	for (let round = 0; round < 8; round += 1) {
		const evidence = composeEvidence(
			counts,
			{ values, weights },
			keepBest(importance, order, entries),
		)
		const bytes = measureEvidence(evidence)
		const isClose = bytes > maxBytes * 0.99 || entries === order.length
		if (bytes <= maxBytes && (isClose || round > 4)) return writeEvidence(evidence)
		entries = Math.min(order.length, Math.floor((entries * maxBytes * 0.995) / bytes))
		if (entries < 1) break
	}
	throw new AppError(
		'bad-input',
		`evidence of ${labels.length} labels does not fit into ${maxBytes} bytes`,
	)
}

/**
 * What each entry adds to its label, in nats, and how much would be lost without it.
 *
 * @param factors how much an entry of each term matters
 */
function weighEntries(
	{ termTitles, termLines, titles, entryTerms, entryTitles }: TermCounts,
	factors: readonly number[],
) {
	const values = new Float64Array(entryTitles.length)
	const importance = new Float64Array(entryTitles.length)
	for (const [entry, count] of entryTitles.entries()) {
		const term = entryTerms[entry] ?? 0
		if ((termLines[term] ?? 0) < MIN_TITLES) continue
		const expected = (SMOOTHING * (termTitles[term] ?? 0)) / titles
		values[entry] = Math.log(1 + count / expected)
		importance[entry] = (values[entry] ?? 0) * Math.sqrt(count) * (factors[term] ?? 0)
	}
	return { values, importance }
}

/** @param said by each entry, and how much each term counts @param kept entries */
function composeEvidence(
	counts: TermCounts,
	{ values, weights }: { readonly values: Float64Array; readonly weights: Float64Array },
	kept: Uint32Array,
): Evidence {
	const { words, terms } = nameTerms(counts, kept)
	const places = new Int32Array(weights.length).fill(-1)
	for (const [place, term] of terms.entries()) places[term] = place
	const placeOf = (entry: number) => places[counts.entryTerms[entry] ?? 0] ?? -1
	const { starts, order } = sortByTerm(
		kept.filter((entry) => placeOf(entry) >= 0),
		placeOf,
		terms.length,
	)
	const levelValues = chooseLevels(Float64Array.from(order, (entry) => values[entry] ?? 0))
	const features = terms
		.slice(words.length)
		.map((term) => counts.features[term - counts.words.length] ?? 0)
	return {
		strength: STRENGTH,
		absent: Float32Array.from(counts.labelTitles, (count) => -Math.log(1 + count / SMOOTHING)),
		words,
		features: Uint32Array.from(features),
		weights: Uint8Array.from(terms, (term) =>
			Math.min(MOST_WORD_WEIGHT, Math.round((weights[term] ?? 0) * WORD_WEIGHT_STEPS)),
		),
		starts,
		labels: Uint16Array.from(order, (entry) => counts.entryLabels[entry] ?? 0),
		levels: Uint8Array.from(order, (entry) => levelOf(values[entry] ?? 0, levelValues)),
		levelValues,
	}
}

/** The `count` most important entries, in their order; of equals the first. @param ascending the importances, sorted */
function keepBest(importance: Float64Array, ascending: Float64Array, count: number): Uint32Array {
	const least = ascending[ascending.length - count] ?? Number.POSITIVE_INFINITY
	const firstEqual = ascending.findIndex((value) => value > least)
	const above = firstEqual === -1 ? 0 : ascending.length - firstEqual
	const kept = new Uint32Array(count)
	let equals = count - above
	let at = 0
	for (let entry = 0; entry < importance.length && at < count; entry += 1) {
		const value = importance[entry] ?? 0
		if (value < least || value === 0 || (value === least && equals === 0)) continue
		if (value === least) equals -= 1
		kept[at] = entry
		at += 1
	}
	return kept.subarray(0, at)
}

/** The terms of the kept entries: the words in the order of their bytes, which come beside them, then the features in theirs. */
function nameTerms({ words, features, entryTerms }: TermCounts, kept: Uint32Array) {
	const isKept = new Uint8Array(words.length + features.length)
	for (const entry of kept) isKept[entryTerms[entry] ?? 0] = 1
	const named = words
		.flatMap((text, term) =>
			isKept[term] ? [{ term, bytes: Buffer.from(text).toString('latin1') }] : [],
		)
		.filter(({ bytes }) => bytes.length < 256)
		.sort((a, b) => (a.bytes < b.bytes ? -1 : 1))
	const others = Array.from(features, (_, at) => words.length + at).filter((term) => isKept[term])
	return {
		words: named.map(({ bytes }) => bytes),
		terms: [...named.map(({ term }) => term), ...others],
	}
}

/** Entries come by label and then by term: in the order of their terms, the labels of each ascend. */
function sortByTerm(entries: Uint32Array, placeOf: (entry: number) => number, terms: number) {
	const starts = new Uint32Array(terms + 1)
	for (const entry of entries) starts[placeOf(entry) + 1] = (starts[placeOf(entry) + 1] ?? 0) + 1
	for (let term = 0; term < terms; term += 1)
		starts[term + 1] = (starts[term + 1] ?? 0) + (starts[term] ?? 0)
	const next = starts.slice()
	const order = new Uint32Array(entries.length)
	for (const entry of entries) {
		const term = placeOf(entry)
		order[next[term] ?? 0] = entry
		next[term] = (next[term] ?? 0) + 1
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
