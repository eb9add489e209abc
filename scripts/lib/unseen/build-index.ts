// Builds the index of subreddits that a model has not learnt, from what they say of themselves. Pure but for the model's answers.
import type { Prediction } from '../../../src/model/engine.ts'
import { isWord, normalizeTitle } from '../../../src/model/normalize.ts'
import { sortLabels } from '../../../src/model/sort-labels.ts'
import {
	LENGTH_STEPS,
	type Postings,
	RARITY_STEPS,
	SHARE_STEPS,
	SIZE_STEPS,
	type UnseenIndex,
} from '../../../src/model/unseen/index-file.ts'
import { foldWord } from '../../../src/model/unseen/words.ts'
import type { UnseenParameters } from '../../../src/shared/unseen.ts'
import { scoreAll } from '../evaluation/scoring.ts'
import type { DescribedSubreddit } from '../subreddits/list.ts'
import { NameSplitter, type WordCounts } from '../subreddits/split-name.ts'
import type { TitleWords } from './word-counts.ts'

/** A word of the name counts as often as this many of the description. */
const NAME_TIMES = 3
/** A word of more titles tells nothing: "the", "new". */
const MAX_TITLE_SHARE = 0.03
const MAX_WORD_LENGTH = 32
const MAX_COUNT = 255
/** Labels of the model that are kept for a description. */
const NEIGHBOURS = 4

/** Chosen on subreddits that were left out of a training: docs/unseen.md. */
export const UNSEEN_PARAMETERS: UnseenParameters = {
	k1: 1.2,
	b: 0.4,
	words: 0.25,
	coverage: 3,
	size: 0.2,
	half: 20_000,
	steep: 2,
	bridge: 0.6,
	bridgeFloor: 0.0003,
	threshold: 0.4,
	// Measured on the draw that the weights were chosen on, with known titles nine times as many.
	right: [
		[0.007, 0.002],
		[0.032, 0.007],
		[0.071, 0.01],
		[0.139, 0.013],
		[0.242, 0.019],
		[0.347, 0.037],
		[0.45, 0.044],
		[0.545, 0.046],
		[0.644, 0.077],
		[0.803, 0.08],
		[0.958, 0.118],
	],
}

/** What the long tail keeps of each subreddit, so that 150,000 fit into it; chosen with {@link UNSEEN_PARAMETERS}. */
const TAIL_WORDS = 5
const TAIL_NEIGHBOURS = 3

export interface DescribeOptions {
	/** A fastText file, and its labels. */
	readonly model: { readonly bytes: Uint8Array; readonly labels: readonly string[] }
	readonly words: TitleWords
	/** Called after each subreddit with how many there were. */
	onProgress?(done: number): void
}

/** A subreddit as the index has it. */
export interface UnseenEntry {
	readonly name: string
	readonly subscribers: number
	/** How often each word counts. */
	readonly counts: ReadonlyMap<string, number>
	readonly length: number
	readonly neighbours: readonly Prediction[]
}

/**
 * The subreddits of a list that a model has not learnt, in words and in the model's labels.
 *
 * @returns ascending by lower case of the name
 */
export async function describeUnseen(
	list: readonly DescribedSubreddit[],
	{ model, words, onProgress }: DescribeOptions,
): Promise<UnseenEntry[]> {
	const described = describeInWords(leaveOutKnown(list, model.labels), words)
	const entries: UnseenEntry[] = []
	for await (const { item, predictions } of scoreAll(model, described, NEIGHBOURS)) {
		const { text: _, ...entry } = item
		entries.push({ ...entry, neighbours: predictions })
		onProgress?.(entries.length)
	}
	return entries
}

interface InWords extends Omit<UnseenEntry, 'neighbours'> {
	/** What the model is asked: the words of name and description. */
	readonly text: string
}

async function* describeInWords(
	list: readonly DescribedSubreddit[],
	words: TitleWords,
): AsyncGenerator<InWords> {
	const splitter = new NameSplitter(words.counts)
	const titles = countFolded(words.counts)
	const isTelling = (word: string) => (titles.get(word) ?? 0) < MAX_TITLE_SHARE * words.titles
	for (const subreddit of list) yield toWords(subreddit, { splitter, isTelling })
}

/** What the long tail has of each subreddit: the words that tell most, and the labels that it is nearest to. */
export function trimForTail(entries: readonly UnseenEntry[], words: TitleWords): UnseenEntry[] {
	const titles = countFolded(words.counts)
	const telling = ([word, count]: readonly [string, number]) =>
		count * rarityOf(titles.get(word) ?? 0, words.titles)
	return entries.map((entry) => {
		const kept = [...entry.counts]
			.map((one) => ({ one, tells: telling(one) }))
			.sort((a, b) => b.tells - a.tells || (a.one[0] < b.one[0] ? -1 : 1))
			.slice(0, TAIL_WORDS)
		return {
			...entry,
			counts: new Map(kept.map(({ one }) => one)),
			neighbours: entry.neighbours.slice(0, TAIL_NEIGHBOURS),
		}
	})
}

/** @param entries ascending by lower case of the name */
export function assembleIndex(
	entries: readonly UnseenEntry[],
	labels: readonly string[],
	words: TitleWords,
	parameters: UnseenParameters = UNSEEN_PARAMETERS,
): UnseenIndex {
	const postings = collectWords(entries)
	const titles = countFolded(words.counts)
	return {
		parameters,
		names: entries.map(({ name }) => name),
		sizes: codes(entries, ({ subscribers }) => Math.log(subscribers + 1) * SIZE_STEPS),
		lengths: codes(entries, ({ length }) => Math.log(length + 1) * LENGTH_STEPS),
		labels: joinPostings(collectNeighbours(entries, labels)),
		words: [...postings.keys()],
		rarities: codes([...postings.keys()], (word) =>
			Math.round(rarityOf(titles.get(word) ?? 0, words.titles) * RARITY_STEPS),
		),
		postings: joinPostings([...postings.values()]),
	}
}

function codes<T>(items: readonly T[], measure: (one: T) => number): Uint8Array {
	return Uint8Array.from(items, (one) => Math.min(255, Math.round(measure(one))))
}

/** Ascending by lower case; of two names that differ in case only the larger subreddit. */
function leaveOutKnown(
	list: readonly DescribedSubreddit[],
	labels: readonly string[],
): DescribedSubreddit[] {
	const known = new Set(labels.map((label) => label.toLowerCase()))
	const byName = new Map<string, DescribedSubreddit>()
	for (const subreddit of list) {
		const key = subreddit.name.toLowerCase()
		const other = byName.get(key)
		if (known.has(key) || (other && other.subscribers >= subreddit.subscribers)) continue
		byName.set(key, subreddit)
	}
	return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subreddit]) => subreddit)
}

/** "cats" and "cat's" are "cat" to the search: at least the most frequent of them has so many titles. */
function countFolded(counts: WordCounts): Map<string, number> {
	const folded = new Map<string, number>()
	for (const [word, count] of counts) {
		const key = foldWord(word)
		folded.set(key, (folded.get(key) ?? 0) + count)
	}
	return folded
}

/** The inverse document frequency of BM25. */
function rarityOf(titles: number, total: number): number {
	return Math.log(1 + (total - titles + 0.5) / (titles + 0.5))
}

interface Tools {
	readonly splitter: NameSplitter
	isTelling(word: string): boolean
}

function toWords(
	{ name, subscribers, description }: DescribedSubreddit,
	{ splitter, isTelling }: Tools,
): InWords {
	const text = normalizeTitle(description)
	const own = text.split(' ').filter(isWord)
	const split = splitter.split(name, new Set(own))
	const counts = new Map<string, number>()
	const add = (word: string, times: number) => {
		const folded = foldWord(word)
		if (folded.length < 2 || folded.length > MAX_WORD_LENGTH || !isTelling(folded)) return
		counts.set(folded, Math.min(MAX_COUNT, (counts.get(folded) ?? 0) + times))
	}
	for (const word of own) add(word, 1)
	for (const word of split) add(word, NAME_TIMES)
	const whole = name.toLowerCase()
	// Some write the name as it is: "breakingbad". A name with marks is several words to the normaliser.
	if (split.length > 1 && /^[a-z0-9]+$/.test(whole)) add(whole, NAME_TIMES)
	return {
		name,
		subscribers,
		counts,
		length: own.length + NAME_TIMES * split.length,
		text: `${split.join(' ')} ${text}`.trim(),
	}
}

interface Posting {
	readonly subreddit: number
	readonly value: number
}

/** A row for each label, in ascending order. */
function collectNeighbours(
	entries: readonly UnseenEntry[],
	labels: readonly string[],
): Posting[][] {
	const rows = new Map(sortLabels(labels).map((label) => [label, [] as Posting[]]))
	for (const [subreddit, { neighbours }] of entries.entries())
		for (const { label, score } of neighbours) {
			const value = Math.round(Math.sqrt(score) * SHARE_STEPS)
			if (value > 1) rows.get(label)?.push({ subreddit, value })
		}
	return [...rows.values()]
}

/** By word, ascending. */
function collectWords(entries: readonly UnseenEntry[]): ReadonlyMap<string, Posting[]> {
	const rows = new Map<string, Posting[]>()
	for (const [subreddit, { counts }] of entries.entries())
		for (const [word, value] of counts) {
			const row = rows.get(word) ?? []
			row.push({ subreddit, value })
			rows.set(word, row)
		}
	return new Map([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function joinPostings(rows: readonly (readonly Posting[])[]): Postings {
	const from = new Uint32Array(rows.length + 1)
	for (const [index, row] of rows.entries()) from[index + 1] = (from[index] as number) + row.length
	const flat = rows.flat()
	return {
		from,
		subreddits: Uint32Array.from(flat, ({ subreddit }) => subreddit),
		values: Uint8Array.from(flat, ({ value }) => value),
	}
}
