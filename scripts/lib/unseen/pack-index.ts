// The subreddits that a candidate's model has not learnt as files of a release, packed, each at most so large: an index of those
// that matter most, and the long tail with all.
import type { UnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { MAX_TAIL_BYTES, MAX_UNSEEN_BYTES, type UnseenFile } from '../../../src/shared/unseen.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { nullIfMissing } from '../null-if-missing.ts'
import { packGzip } from '../pack-gzip.ts'
import { readSuggestibleSubreddits } from '../policy/policy.ts'
import { openPosts } from '../posts/open-posts.ts'
import { formatBytes, formatCount, Progress } from '../progress.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { findSnapshotFile, readSnapshot } from '../snapshot/read-snapshot.ts'
import type { DescribedSubreddit } from '../subreddits/list.ts'
import { assembleIndex, describeUnseen, trimForTail, type UnseenEntry } from './build-index.ts'
import { countTitleWords, type TitleWords } from './word-counts.ts'
import { writeUnseenIndex } from './write-index.ts'
import { writeTail } from './write-tail.ts'

/** `most`: a few more than fit into the bytes that there are. */
const INDEX = { file: 'unseen.gzip', write: writeUnseenIndex, most: 25_000 }
const TAIL = { file: 'tail.gzip', write: writeTail, most: 200_000 }

/** A model, and the snapshot whose titles say how rare words are. */
export interface UnseenModel {
	readonly bytes: Uint8Array
	readonly labels: readonly string[]
	/** A snapshot's hash. */
	readonly snapshot: string
}

export interface PackedUnseen {
	/** For the manifest. */
	readonly record: UnseenFile
	readonly content: Uint8Array
	readonly index: UnseenIndex
	/** Left out so that the file is not too large: those with the fewest subscribers. */
	readonly leftOut: number
}

export interface PackedFiles {
	readonly index: PackedUnseen
	/** Null where the index holds all of them. */
	readonly tail: PackedUnseen | null
}

/** Bytes on the wire. */
interface PackLimits {
	readonly index: number
	readonly tail: number
}

/**
 * The files for a release of a model.
 *
 * @returns null where the database has no list of subreddits, or one without any that the model has not learnt
 */
export async function packUnseen(
	model: UnseenModel,
	effects: Effects,
): Promise<PackedFiles | null> {
	const list = await readList(effects)
	if (list.length === 0) return null
	const words = await countSnapshotWords(model.snapshot, effects)
	const entries = await describeList(takeLargest(list, model.labels), { ...model, words }, effects)
	if (entries.length === 0) return null
	const { labels } = model
	const packed = await packEntries(
		{ entries, words, labels },
		{ index: MAX_UNSEEN_BYTES, tail: MAX_TAIL_BYTES },
	)
	const leftOut = packed.tail?.leftOut ?? 0
	if (leftOut > 0)
		effects.err(
			`left out of the long tail of unseen subreddits: the ${formatCount(leftOut)} with the fewest subscribers, so that it has at most ${formatBytes(MAX_TAIL_BYTES)}`,
		)
	return packed
}

/** Of those that the model has not learnt, as many as could ever fit: asking the model about each takes minutes. */
function takeLargest(
	list: readonly DescribedSubreddit[],
	labels: readonly string[],
): DescribedSubreddit[] {
	const known = new Set(labels.map((label) => label.toLowerCase()))
	return list
		.filter(({ name }) => !known.has(name.toLowerCase()))
		.sort((a, b) => b.subscribers - a.subscribers)
		.slice(0, TAIL.most)
}

/** What the index has no room for is in the long tail, with all subreddits of the index. */
export async function packEntries(described: Described, limits: PackLimits): Promise<PackedFiles> {
	const index = await packWithin(described, INDEX, limits.index)
	if (index.leftOut === 0) return { index, tail: null }
	const trimmed = { ...described, entries: trimForTail(described.entries, described.words) }
	const tail = await packWithin(trimmed, TAIL, limits.tail)
	return { index, tail }
}

/** Empty where there is none. */
export async function readList(effects: Effects): Promise<DescribedSubreddit[]> {
	// A model that came from another machine can be published without its posts.
	const posts = await openPosts(effects).catch(nullIfMissing)
	if (!posts) return []
	try {
		return await readSuggestibleSubreddits(posts, effects)
	} finally {
		posts.close()
	}
}

export async function countSnapshotWords(hash: string, effects: Effects): Promise<TitleWords> {
	const found = await readSnapshot(effects, hash)
	const path = await checkRecordedFile(findSnapshotFile(found, 'train'))
	return countTitleWords(path, found.snapshot.counts.train, effects)
}

export async function describeList(
	list: readonly DescribedSubreddit[],
	{ words, ...model }: Omit<UnseenModel, 'snapshot'> & { readonly words: TitleWords },
	effects: Effects,
): Promise<UnseenEntry[]> {
	const progress = new Progress(
		{ label: 'describing subreddits', total: list.length, unit: 'subreddits' },
		effects,
	)
	try {
		const onProgress = (done: number) => {
			throwIfAborted(effects)
			progress.update(done)
		}
		return await describeUnseen(list, { model, words, onProgress })
	} finally {
		progress.finish()
	}
}

interface Described {
	readonly entries: readonly UnseenEntry[]
	readonly words: TitleWords
	readonly labels: readonly string[]
}

/** As many as fit, the largest first. */
async function packWithin(
	{ entries, words, labels }: Described,
	{ file, write, most }: typeof INDEX,
	maxBytes: number,
): Promise<PackedUnseen> {
	const sizes = entries.map(({ subscribers }) => subscribers).sort((a, b) => b - a)
	let kept = Math.min(entries.length, most)
	for (;;) {
		const least = sizes[kept - 1] ?? 0
		const chosen = entries.filter(({ subscribers }) => subscribers >= least).slice(0, kept)
		const index = assembleIndex(chosen, labels, words)
		const { record, content } = await packGzip(file, write(index))
		if (content.length <= maxBytes) {
			const counted = { ...record, subreddits: chosen.length }
			return { record: counted, content, index, leftOut: entries.length - chosen.length }
		}
		// A little less than what would fit if all were as long.
		kept = Math.floor(kept * Math.min(0.99, (maxBytes / content.length) * 0.995))
	}
}
