// The index of unseen subreddits as a file of a release: built for a candidate's model, packed, at most so large. Node.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { UnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { MAX_UNSEEN_BYTES, type UnseenFile } from '../../../src/shared/unseen.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { loadEngine } from '../engine.ts'
import { sha256 } from '../files.ts'
import { readSuggestibleSubreddits } from '../policy/policy.ts'
import { openExistingPosts } from '../posts/database.ts'
import { formatCount, Progress } from '../progress.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { findSnapshotFile, readSnapshot } from '../snapshot/read-snapshot.ts'
import type { DescribedSubreddit } from '../subreddits/list.ts'
import { assembleIndex, describeUnseen, type UnseenEntry } from './build-index.ts'
import { countTitleWords, type TitleWords } from './word-counts.ts'
import { writeUnseenIndex } from './write-index.ts'

const UNSEEN_FILE = 'unseen.gzip'
/** Some 15,000 fit into the bytes that there are. */
const MAX_DESCRIBED = 25_000

const pack = promisify(gzip)

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

/**
 * The index for a release of a model.
 *
 * @returns null where the database has no list of subreddits, or one without any that the model has not learnt
 */
export async function makeUnseenIndex(
	model: UnseenModel,
	effects: Effects,
): Promise<PackedUnseen | null> {
	const list = await readList(effects)
	if (list.length === 0) return null
	const words = await countSnapshotWords(model.snapshot, effects)
	const entries = await describeList(takeLargest(list, model.labels), { ...model, words }, effects)
	if (entries.length === 0) return null
	const packed = await packWithin(entries, model.labels, words)
	if (packed.leftOut > 0)
		effects.err(
			`left out of the index of unseen subreddits: the ${formatCount(packed.leftOut)} with the fewest subscribers, so that it has at most ${MAX_UNSEEN_BYTES / 1000} kB`,
		)
	return packed
}

/** Of those that the model has not learnt, as many as could ever fit: describing one takes as long as a suggestion. */
function takeLargest(
	list: readonly DescribedSubreddit[],
	labels: readonly string[],
): DescribedSubreddit[] {
	const known = new Set(labels.map((label) => label.toLowerCase()))
	return list
		.filter(({ name }) => !known.has(name.toLowerCase()))
		.sort((a, b) => b.subscribers - a.subscribers)
		.slice(0, MAX_DESCRIBED)
}

/** Empty where there is none. */
export async function readList(effects: Effects): Promise<DescribedSubreddit[]> {
	const database = await openExistingPosts(effects).catch((error: unknown) => {
		// A model that came from another machine can be published without its posts.
		if (error instanceof AppError && error.code === 'not-found') return null
		throw error
	})
	if (!database) return []
	try {
		return await readSuggestibleSubreddits(database, effects)
	} finally {
		database.close()
	}
}

export async function countSnapshotWords(hash: string, effects: Effects): Promise<TitleWords> {
	const found = await readSnapshot(effects, hash)
	const path = await checkRecordedFile(findSnapshotFile(found, 'train'))
	return countTitleWords(path, found.snapshot.counts.train, effects)
}

export async function describeList(
	list: readonly DescribedSubreddit[],
	{ bytes, labels, words }: Omit<UnseenModel, 'snapshot'> & { readonly words: TitleWords },
	effects: Effects,
): Promise<UnseenEntry[]> {
	const engine = await loadEngine(bytes)
	const progress = new Progress(
		{ label: 'describing subreddits', total: list.length, unit: 'subreddits' },
		effects,
	)
	try {
		const onProgress = (done: number) => {
			throwIfAborted(effects)
			progress.update(done)
		}
		return describeUnseen(list, labels, { engine, words, onProgress })
	} finally {
		progress.finish()
		engine.dispose()
	}
}

/** As many as fit, the largest first. */
async function packWithin(
	entries: readonly UnseenEntry[],
	labels: readonly string[],
	words: TitleWords,
): Promise<PackedUnseen> {
	const sizes = entries.map(({ subscribers }) => subscribers).sort((a, b) => b - a)
	let kept = entries.length
	for (;;) {
		const least = sizes[kept - 1] ?? 0
		const chosen = entries.filter(({ subscribers }) => subscribers >= least).slice(0, kept)
		const index = assembleIndex(chosen, labels, words)
		const decoded = writeUnseenIndex(index)
		const content = await pack(decoded, { level: 9 })
		if (content.length <= MAX_UNSEEN_BYTES) {
			const record = describeIndex(content, decoded, chosen.length)
			return { record, content, index, leftOut: entries.length - chosen.length }
		}
		// A little less than what would fit if all were as long.
		kept = Math.floor(kept * Math.min(0.99, (MAX_UNSEEN_BYTES / content.length) * 0.995))
	}
}

function describeIndex(content: Uint8Array, decoded: Uint8Array, subreddits: number): UnseenFile {
	return {
		file: UNSEEN_FILE,
		bytes: content.length,
		sha256: sha256(content),
		encoding: 'gzip',
		decodedBytes: decoded.length,
		decodedSha256: sha256(decoded),
		subreddits,
	}
}
