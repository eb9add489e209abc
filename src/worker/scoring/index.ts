// Entry of the WebAssembly module (AssemblyScript): a model of ours, asked where its file lies, to the last bit as fastText answers.
// Nothing of the file is copied but what is looked up: a page's worker holds it once.
import { findBest } from '../../model/kernels/best'
import { allocate } from '../../model/kernels/memory'
import { softmax } from '../../model/kernels/softmax'
import * as evidence from './evidence'
import { addRow, CENTROIDS, multiplyRows } from './matrix'
import * as model from './model'
import { pairRow } from './pairs'
import { compareWords, find, hashText, lengthOf, search, Words, wordAt } from './words'

export { allocate }

/** The caller's texts are written here. */
export const TEXT_BYTES: usize = 1 << 16
export let TEXT: usize = 0

const SPACE: u8 = 32

let hashes: usize = 0
let hidden: usize = 0
let products: usize = 0
let scores: usize = 0
let scratch: usize = 0
export let best: usize = 0

/** All words, of both parts of the model. */
const table = changetype<Words>(memory.data(8, 4))

/**
 * To be called first, once; afterwards the memory grows no more.
 *
 * @param evidenceLength 0: the model has no table of evidence
 * @returns whether it is a model that can be asked here
 */
export function open(fastText: usize, length: usize, evidenceAt: usize, evidenceLength: usize): bool {
	if (!model.readModel(fastText, length)) return false
	if (evidenceLength > 0 && !evidence.readEvidence(evidenceAt, evidenceLength)) return false
	const labels = <u64>model.labels.count
	TEXT = allocate(TEXT_BYTES)
	hashes = allocate((TEXT_BYTES / 2 + 1) << 2)
	hidden = allocate(model.input.columns << 2)
	products = allocate((model.input.columns * CENTROIDS) << 2)
	scores = allocate(labels << 2)
	best = allocate(labels << 3)
	scratch = allocate((labels + 1) << 3)
	MARKS = allocate(MOST_MARKS << 2)
	mergeWords()
	signs = allocate(<u64>table.count << 2)
	return true
}

/** Writes the best `count` labels for the text: places at `best`, then their probabilities. @returns how many; 0 for no known word */
export function predict(length: usize, count: usize): usize {
	memory.fill(hidden, 0, model.input.columns << 2)
	const rows = addTokens(length)
	if (rows == 0) return 0
	const share = <f32>(1.0 / <f64>rows)
	const end = hidden + (model.input.columns << 2)
	for (let h = hidden; h < end; h += 4) store<f32>(h, load<f32>(h) * share)
	multiplyRows(model.output, hidden, products, scores)
	const labels = model.labels.count
	softmax(scores, labels)
	const found = min(count, labels)
	findBest(scores, labels, found, best, scratch)
	return found
}

/** Sums up the rows of words, then those of their runs. @returns how many these are */
function addTokens(length: usize): usize {
	let rows: usize = 0
	let tokens: usize = 0
	let from: usize = 0
	for (let at: usize = 0; at <= length; at++) {
		if (at < length && load<u8>(TEXT + at) != SPACE) continue
		if (at > from) {
			const word = TEXT + from
			store<u32>(hashes + (tokens << 2), hashText(word, at - from))
			tokens++
			const row = find(model.words, word, at - from)
			if (row >= 0) {
				addRow(model.input, <usize>row, hidden)
				rows++
			}
		}
		from = at + 1
	}
	return rows + (model.wordNgrams > 1 ? addRuns(tokens) : 0)
}

/** Source: `Dictionary::addWordNgrams` of fastText 0.9.2. */
function addRuns(tokens: usize): usize {
	let rows: usize = 0
	for (let first: usize = 0; first < tokens; first++) {
		let mixed = <u64>(<i64>load<i32>(hashes + (first << 2)))
		const end = min(tokens, first + <usize>model.wordNgrams)
		for (let last = first + 1; last < end; last++) {
			mixed = mix(mixed, load<i32>(hashes + (last << 2)))
			const row = pairRow(<i32>(mixed % model.bucket))
			if (row < 0) continue
			addRow(model.input, model.words.count + <usize>row, hidden)
			rows++
		}
	}
	return rows
}

// fastText keeps a word's hash as int32_t and mixes it as uint64_t.
// @ts-ignore
@inline
function mix(mixed: u64, hash: i32): u64 {
	return mixed * 116049371 + <u64>(<i64>hash)
}

/** Whether the text is a word with a vector. */
export function hasVector(length: usize): bool {
	return find(model.words, TEXT, length) >= 0
}

export function labelCount(): usize {
	return model.labels.count
}

/** Where the addresses of labels are. */
export function labelList(): usize {
	return model.labels.list
}

/** The place of the text among the words of the table of evidence; -1: it is none. */
export function findEvidence(length: usize): i32 {
	return find(evidence.words, TEXT, length)
}

export function evidenceWords(): usize {
	return evidence.words.count
}

export function evidenceFeatures(): usize {
	return evidence.features
}

export function evidenceFeatureCount(): u32 {
	return evidence.featureCount
}

export function evidenceLabels(): u32 {
	return evidence.labelCount
}

export function evidenceEntries(): u32 {
	return evidence.entryCount
}

export function evidenceNumbers(): usize {
	return evidence.numbers
}

export function evidenceWeights(): usize {
	return evidence.weights
}

export function evidenceStarts(): usize {
	return evidence.starts
}

export function evidenceLists(): usize {
	return evidence.labels
}

export function evidenceLevels(): usize {
	return evidence.levels
}

/** Places of both lists' words in one order, each word once. */
function mergeWords(): void {
	const a = model.words
	const b = evidence.words
	table.list = allocate(<u64>(a.count + b.count) << 2)
	let atA: usize = 0
	let atB: usize = 0
	let count: usize = 0
	while (atA < a.count || atB < b.count) {
		const order = atA == a.count ? 1 : atB == b.count ? -1 : compareWords(wordAt(a, atA), wordAt(b, atB))
		const word = order <= 0 ? wordAt(a, atA) : wordAt(b, atB)
		store<u32>(table.list + (count << 2), <u32>word)
		count++
		if (order <= 0) atA++
		if (order >= 0) atB++
	}
	table.count = count
}

/** Where words begin that begin with the text, or behind them. */
export function searchTable(length: usize, behind: bool): usize {
	return search(table, TEXT, length, behind)
}

export function tableWord(place: usize): usize {
	return wordAt(table, place)
}

export function textHash(length: usize): i32 {
	return <i32>hashText(TEXT, length)
}

/** Hashes of at most so many marks are written at `MARKS`. */
export const MOST_MARKS: usize = 8
export let MARKS: usize = 0
/** Of each word of the last range (u32): its labels from bit 8 on, below them its pairs with marks, and in bit 0 whether it follows the token before. */
export let signs: usize = 0

/** Writes the signs of words at `signs`. @param hasPrevious whether there is a token before, with this hash */
export function findSigns(from: usize, until: usize, marks: usize, hasPrevious: bool, previous: i32): void {
	if (from == until) return
	const first = wordAt(table, from)
	let known = search(evidence.words, first, lengthOf(first), false)
	for (let place = from; place < until; place++) {
		const word = wordAt(table, place)
		const hash = <i32>hashText(word, lengthOf(word))
		let labels: u32 = 0
		if (known < evidence.words.count && compareWords(wordAt(evidence.words, known), word) == 0) {
			labels = evidence.labelsOf(known)
			known++
		}
		let pairs: u32 = 0
		for (let mark = MARKS; mark < MARKS + (marks << 2); mark += 4) {
			pairs += <u32>hasPair(hash, load<i32>(mark))
			pairs += <u32>hasPair(load<i32>(mark), hash)
		}
		const follows = <u32>(hasPrevious && hasPair(previous, hash))
		store<u32>(signs + ((place - from) << 2), (labels << 8) | (pairs << 1) | follows)
	}
}

/** Whether two neighbours with these hashes have a vector of their own. */
function hasPair(first: i32, second: i32): bool {
	if (model.wordNgrams < 2) return false
	return pairRow(<i32>(mix(<u64>(<i64>first), second) % model.bucket)) >= 0
}
