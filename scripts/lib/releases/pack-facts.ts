// The facts that a release has about each subreddit that its model has learnt: members, and a few telling words.
import { readModel } from '../../../src/model/fasttext/read.ts'
import { isWord } from '../../../src/model/normalize.ts'
import { sortLabels } from '../../../src/model/sort-labels.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import {
	type FactsFile,
	SubredditFactsFile,
	TELLING_WORDS,
} from '../../../src/shared/subreddit-facts.ts'
import type { Effects } from '../effects.ts'
import { nullIfMissing } from '../null-if-missing.ts'
import { packGzip } from '../pack-gzip.ts'
import { type PolicyTerms, readPolicyTerms } from '../policy/terms.ts'
import { openExistingPosts } from '../posts/database.ts'
import { withProgress } from '../progress.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { findSnapshotFile, readSnapshot } from '../snapshot/read-snapshot.ts'
import { readSubredditSizes, type SubredditSizes } from '../subreddits/known.ts'
import { readTrainingText } from '../training-text.ts'
import { findTellingWords, type WordsBySubreddit } from './telling-words.ts'

const FACTS_FILE = 'facts.gzip'
/** This many titles of a subreddit are enough to tell its common words from its rare ones. */
const MAX_TITLES = 300
/** A word must stand in at least this many titles of a subreddit, and in at least this share of them. */
const MIN_TITLES = 2
const MIN_SHARE = 0.01
const DIGITS = 2

/** A model, and the snapshot that it was trained on. */
export interface FactsModel {
	readonly bytes: Uint8Array
	readonly labels: readonly string[]
	/** A snapshot's hash. */
	readonly snapshot: string
}

export interface PackedFacts {
	/** For the manifest. */
	readonly record: FactsFile
	readonly content: Uint8Array
}

export async function makeFacts(model: FactsModel, effects: Effects): Promise<PackedFacts> {
	const terms = await readPolicyTerms()
	const common = await countCommonWords(model.snapshot, terms, effects)
	const telling = findTellingWords(readModel(model.bytes), common, TELLING_WORDS)
	const sizes = await readSizes(effects)
	const labels = sortLabels(model.labels)
	const facts = parseWith(
		SubredditFactsFile,
		{
			schema: 1,
			members: labels.map((label) => round(sizes.get(label.toLowerCase()))),
			words: labels.map((label) => (telling.get(label) ?? []).join(' ')),
		},
		'facts of the subreddits',
	)
	return packGzip(FACTS_FILE, Buffer.from(JSON.stringify(facts)))
}

/** For each subreddit, the words that are common in its training titles and fit to be shown. */
async function countCommonWords(
	hash: string,
	terms: PolicyTerms,
	effects: Effects,
): Promise<WordsBySubreddit> {
	const found = await readSnapshot(effects, hash)
	const path = await checkRecordedFile(findSnapshotFile(found, 'train'))
	const total = found.snapshot.counts.train
	const options = { label: 'looking for telling words', total, unit: 'titles' }
	const counted = new Map<string, { titles: number; readonly words: Map<string, number> }>()
	const titles = withProgress(readTrainingText(path), options, effects)
	for await (const { subreddit, text } of titles) {
		const own = counted.get(subreddit) ?? { titles: 0, words: new Map<string, number>() }
		counted.set(subreddit, own)
		if (own.titles === MAX_TITLES) continue
		own.titles += 1
		for (const word of new Set(text.split(' ')))
			if (isWord(word)) own.words.set(word, (own.words.get(word) ?? 0) + 1)
	}
	const isFit = remember((word) => terms.isFitToShow(word))
	return new Map(
		[...counted].map(([subreddit, own]) => {
			const least = Math.max(MIN_TITLES, MIN_SHARE * own.titles)
			const isCommon = ([word, times]: readonly [string, number]) => times >= least && isFit(word)
			return [subreddit, new Map([...own.words].filter(isCommon))]
		}),
	)
}

/** Remembers the answer: the same word is common in many subreddits, and there are many terms. */
function remember(test: (word: string) => boolean): (word: string) => boolean {
	const known = new Map<string, boolean>()
	return (word) => {
		const before = known.get(word)
		if (before !== undefined) return before
		const now = test(word)
		known.set(word, now)
		return now
	}
}

async function readSizes(effects: Effects): Promise<SubredditSizes> {
	// A model that came from another machine can be published without its posts.
	const database = await openExistingPosts(effects).catch(nullIfMissing)
	if (!database) return new Map()
	try {
		return await readSubredditSizes(database)
	} finally {
		database.close()
	}
}

function round(members: number | undefined): number | null {
	return members === undefined ? null : Number(members.toPrecision(DIGITS))
}
