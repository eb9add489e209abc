// How well unseen subreddits are found: a model is trained without some that it could learn, and asked about their posts.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import type { Engine } from '../../../src/model/engine.ts'
import { joinModelFile } from '../../../src/model/evidence/evidence-file.ts'
import { PRIOR_CANDIDATES } from '../../../src/model/prior.ts'
import { answerTitle } from '../../../src/model/suggest.ts'
import { type LabelledTitle, parseTrainingLine } from '../../../src/model/training-text.ts'
import { ColumnIndex } from '../../../src/model/unseen/columns.ts'
import { UnseenSearch } from '../../../src/model/unseen/search.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { UNSEEN_COUNT } from '../../../src/shared/unseen.ts'
import type { Effects } from '../effects.ts'
import { loadEngine } from '../engine.ts'
import { readLabels } from '../evaluation/scoring.ts'
import { buildEvidence } from '../evidence/build-evidence.ts'
import { withProgress } from '../progress.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { createRandom, shuffle } from '../snapshot/random.ts'
import {
	type FoundSnapshot,
	findSnapshotFile,
	hasSnapshotFile,
	readSnapshot,
} from '../snapshot/read-snapshot.ts'
import { OLDER_PARTS, type TextName } from '../snapshot/snapshot-schema.ts'
import type { DescribedSubreddit } from '../subreddits/list.ts'
import { findEvidenceTexts } from '../trainer/evidence-texts.ts'
import type { TrainParameters } from '../trainer/parameters.ts'
import { wasmTrainer } from '../trainer/wasm.ts'
import { readTrainingText } from '../training-text.ts'
import { assembleIndex, trimForTail } from './build-index.ts'
import { countSnapshotWords, describeList, readList } from './pack-index.ts'
import { tallyUnseen, type UnseenFigures, UnseenTally } from './tally.ts'

export interface MeasureOptions {
	/** A snapshot's hash. */
	readonly snapshot: string
	readonly recipe: TrainParameters
	/** How many subreddits are left out of the training. */
	readonly leaveOut: number
	readonly seed: number
	/** Size of the table of evidence that the model gets beside fastText's vectors, as quantize makes one; 0: none. */
	readonly evidenceBytes: number
	/** Told how long each search took, in milliseconds. */
	onSearch?(milliseconds: number): void
}

/** Of the posts of known subreddits so many are asked: one in this many. */
const KNOWN_SAMPLE = 10

/**
 * Trains on the snapshot without `leaveOut` of the list's subreddits, and searches for these with their test posts among all
 * subreddits of the list that the model does not know.
 *
 * @throws AppError `not-found` where there is no list, `bad-input` where it has too few of the snapshot's labels
 */
export async function measureUnseen(
	options: MeasureOptions,
	effects: Effects,
): Promise<UnseenFigures> {
	const found = await readSnapshot(effects, options.snapshot)
	const list = await readList(effects)
	const left = chooseLeftOut(found, list, options)
	const dir = await mkdtemp(join(effects.dataDir, 'unseen-'))
	try {
		const bytes = await trainWithout(left, found, { ...options, dir }, effects)
		const engine = await loadEngine(bytes)
		const labels = engine.labels()
		const words = await countSnapshotWords(options.snapshot, effects)
		// As the long tail has them: it is what is searched once it is there.
		const described = await describeList(list, { bytes, labels, words }, effects)
		const entries = trimForTail(described, words)
		const search = new UnseenSearch(new ColumnIndex(assembleIndex(entries, labels, words)), labels)
		const tally = await askTestPosts(
			{ engine, search, left, found, onSearch: options.onSearch },
			effects,
		)
		engine.dispose()
		return { ...tallyUnseen(tally), leftOut: left.size, candidates: entries.length }
	} finally {
		await rm(dir, { recursive: true, force: true })
	}
}

/** By lot among the labels that are in the list. */
function chooseLeftOut(
	{ snapshot }: FoundSnapshot,
	list: readonly DescribedSubreddit[],
	{ leaveOut, seed }: MeasureOptions,
): Set<string> {
	if (list.length === 0)
		throw new AppError(
			'not-found',
			'no list of subreddits in the database; run: subreddits import FILE',
		)
	const listed = new Set(list.map(({ name }) => name.toLowerCase()))
	const labels = snapshot.labels.map(({ name }) => name).filter((n) => listed.has(n.toLowerCase()))
	if (labels.length < leaveOut + 2)
		throw new AppError(
			'bad-input',
			`--leave-out ${leaveOut}: only ${labels.length} labels of the snapshot are in the list of subreddits`,
		)
	shuffle(labels, createRandom(seed))
	return new Set(labels.slice(0, leaveOut))
}

interface TrainOptions extends MeasureOptions {
	readonly dir: string
}

async function trainWithout(
	left: ReadonlySet<string>,
	found: FoundSnapshot,
	{ dir, evidenceBytes, recipe: parameters }: TrainOptions,
	effects: Effects,
): Promise<Uint8Array> {
	const withoutThem = async (part: TextName) => {
		const source = await checkRecordedFile(findSnapshotFile(found, part))
		const path = join(dir, `${part}.txt`)
		await pipeline(keepLines(source, left), createWriteStream(path))
		return path
	}
	const older = parameters.learnOlder
		? OLDER_PARTS.filter((part) => hasSnapshotFile(found, part))
		: []
	const texts = {
		trainFile: await withoutThem('train'),
		olderFiles: await Promise.all(older.map(withoutThem)),
	}
	const outputFile = join(dir, 'model.bin')
	await wasmTrainer.train({ ...texts, outputFile, parameters }, effects)
	const fastText = await readFile(outputFile)
	if (evidenceBytes === 0) return fastText
	const labels = await readLabels(fastText)
	// Counts only what is of these labels.
	const evidence = await buildEvidence({
		texts: await findEvidenceTexts(found),
		labels,
		maxBytes: evidenceBytes,
	})
	return joinModelFile({ fastText, evidence })
}

async function* keepLines(path: string, left: ReadonlySet<string>): AsyncGenerator<string> {
	for await (const line of createInterface({ input: createReadStream(path) }))
		if (!left.has(parseTrainingLine(line)?.subreddit ?? '')) yield `${line}\n`
}

interface Asked {
	readonly engine: Engine
	readonly search: UnseenSearch
	readonly left: ReadonlySet<string>
	readonly found: FoundSnapshot
	readonly onSearch: MeasureOptions['onSearch']
}

async function askTestPosts(
	{ engine, search, left, found, onSearch }: Asked,
	effects: Effects,
): Promise<UnseenTally> {
	const total = found.snapshot.counts.test
	const tally = new UnseenTally()
	const rank = ({ text }: LabelledTitle) => {
		const { predictions } = answerTitle(engine, text, PRIOR_CANDIDATES)
		const start = performance.now()
		const matches = search.rank(text, predictions, RANKS)
		onSearch?.(performance.now() - start)
		return matches
	}
	let read = 0
	const known = new Set(engine.labels())
	const posts = readTrainingText(await checkRecordedFile(findSnapshotFile(found, 'test')))
	const options = { label: 'searching', total, unit: 'posts' }
	for await (const post of withProgress(posts, options, effects)) {
		read += 1
		if (left.has(post.subreddit)) tally.addUnseen(post.subreddit, rank(post))
		else if (known.has(post.subreddit) && read % KNOWN_SAMPLE === 0) tally.addKnown(rank(post))
	}
	return tally
}

const RANKS = Math.max(5, UNSEEN_COUNT)
