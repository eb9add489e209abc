// `snapshot`: posts of the database as training, validation and test files for fastText, in a folder named by its content.
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NORMALIZER_VERSION } from '../../../src/model/normalize.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import type { Admission } from '../feedback/admit.ts'
import { chooseLimits } from '../feedback/parameters.ts'
import {
	type DescribedFile,
	exists,
	makeFolder,
	storageError,
	temporaryPath,
	writeFileAtomic,
} from '../files.ts'
import { codeVersion } from '../pipeline/machine.ts'
import { snapshotDir } from '../pipeline/outputs.ts'
import { readSuggestionPolicy } from '../policy/policy.ts'
import { openPosts } from '../posts/open-posts.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { type KnownSubreddits, readKnownSubreddits } from '../subreddits/known.ts'
import { writeTrainingText } from '../training-text.ts'
import { applyPolicy, type LeftOutSubreddit, type PolicyRule } from './apply-policy.ts'
import { type Composed, type ComposeOptions, composeFiles } from './compose.ts'
import { formatRows } from './format-rows.ts'
import { findSnapshotFile, hasSnapshotFile, readSnapshotRecord } from './read-snapshot.ts'
import { type ReadTitles, readTitles } from './read-titles.ts'
import { formatSnapshotReport } from './report.ts'
import {
	EVIDENCE_FILES,
	FEEDBACK_FILE,
	hashSnapshot,
	REPORT_FILE,
	SNAPSHOT_FILE,
	type Snapshot,
	SPLIT_FILES,
	type SplitName,
	TEXT_FILES,
	type TextName,
} from './snapshot-schema.ts'
import { isByTime, type Split, type SplitOptions, splitTitles } from './split.ts'
import type { Rows } from './title-table.ts'

/** Which posts, and which of them become lines; `seed` fixes the sides of a random split too. */
export interface SnapshotOptions extends SplitOptions, ComposeOptions {
	/** Whether subreddits that may not be suggested are left out. */
	readonly policy?: PolicyRule | undefined
}

/** What a snapshot became. */
export interface WrittenSnapshot {
	readonly snapshot: Snapshot
	readonly dir: string
	/** What became of the feedback. */
	readonly admission: Admission
}

/** Makes the folder of a snapshot. The same posts and options give the same bytes on any machine. */
export async function writeSnapshot(
	options: SnapshotOptions,
	effects: Effects,
): Promise<WrittenSnapshot> {
	// Before there is much in memory: starting git then takes a fifth of a second.
	const code = await codeVersion()
	const read = await readPosts(options, effects)
	const split = splitTitles(read, options)
	if (split.chosen) effects.err(split.chosen)
	const composed = composeFiles(read.table, split, spellAs(read.listed, options), read.listed)
	const temporary = temporaryPath(join(effects.dataDir, 'snapshots', 'snapshot'))
	await makeFolder(temporary)
	try {
		const files = await writeFiles(temporary, { ...composed, table: read.table }, effects)
		const content = describeSnapshot(options, split, read, composed, files)
		const snapshot = { ...content, code }
		const text = `${JSON.stringify(snapshot, null, '\t')}\n`
		await writeFileAtomic(join(temporary, REPORT_FILE), formatSnapshotReport(snapshot))
		await writeFileAtomic(join(temporary, SNAPSHOT_FILE), text)
		const dir = snapshotDir(effects, snapshot.hash)
		await putInPlace(temporary, dir, snapshot.hash, effects)
		return { snapshot, dir, admission: composed.admission }
	} catch (error) {
		throw storageError(error, temporary)
	} finally {
		await rm(temporary, { recursive: true, force: true })
	}
}

// The same hash is the same content: a whole snapshot stays where it is, as a training may be reading it.
async function putInPlace(
	temporary: string,
	dir: string,
	hash: string,
	{ err }: Pick<Effects, 'err'>,
): Promise<void> {
	const problem = (await exists(dir)) ? await findDamage(dir, hash) : null
	if (problem !== null) {
		err(`making ${dir} again: ${problem}`)
		const aside = temporaryPath(dir)
		await rename(dir, aside)
		await rm(aside, { recursive: true, force: true })
	}
	await rename(temporary, dir).catch(ignoreExisting)
}

/** What is wrong with the snapshot in a folder; null for a whole one. */
async function findDamage(dir: string, hash: string): Promise<string | null> {
	try {
		const snapshot = await readSnapshotRecord(dir, hash)
		for (const part of Object.keys(TEXT_FILES) as TextName[])
			if (part in SPLIT_FILES || hasSnapshotFile({ snapshot }, part))
				await checkRecordedFile(findSnapshotFile({ snapshot, dir }, part))
		return null
	} catch (error) {
		if (error instanceof AppError) return error.message
		throw error
	}
}

// Another process made the same snapshot at the same time.
function ignoreExisting(error: NodeJS.ErrnoException): void {
	if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
}

/** Picks of subreddits without a post are written as the newest list writes them, too. */
function spellAs(listed: KnownSubreddits, { feedback = [], ...options }: SnapshotOptions) {
	const name = (subreddit: string) => listed.get(subreddit.toLowerCase())?.name ?? subreddit
	return {
		...options,
		feedback: feedback.map((title) => ({ ...title, subreddit: name(title.subreddit) })),
	}
}

/** The posts, and what is known of their subreddits. */
interface ReadPosts extends ReadTitles {
	readonly listed: KnownSubreddits
	readonly policy: readonly LeftOutSubreddit[]
}

async function readPosts(options: SnapshotOptions, effects: Effects): Promise<ReadPosts> {
	const store = await openPosts(effects)
	try {
		if (await store.isEmpty())
			throw new AppError('bad-input', `no posts in ${store.location}; run ingest or collect first`)
		const until = isByTime(options) ? options.testUntil : options.until
		const { from, seed } = options
		const listed = await readKnownSubreddits(store.database)
		// Beside the titles: it looks at all posts, too.
		const asked = options.policy === 'apply' ? readSuggestionPolicy(store, effects, listed) : null
		// Where reading fails, nobody awaits it.
		asked?.catch(() => {})
		const read = await readTitles(store, { from, until, seed, listed }, effects)
		const policy = await asked
		if (!policy) return { ...read, listed, policy: [] }
		const { leftOut, ...kept } = applyPolicy(read, policy)
		return { ...read, listed, ...kept, policy: leftOut }
	} finally {
		store.close()
	}
}

async function writeFiles(
	dir: string,
	{ table, lines, about, older, feedback }: Composed & Pick<ReadTitles, 'table'>,
	effects: Effects,
): Promise<DescribedFile[]> {
	const files: DescribedFile[] = []
	const write = async (name: string, rows: Rows) => {
		throwIfAborted(effects)
		files.push(await writeTrainingText(join(dir, name), formatRows(table, rows)))
	}
	for (const part of Object.keys(SPLIT_FILES) as SplitName[])
		await write(SPLIT_FILES[part], lines[part])
	const extra = {
		[EVIDENCE_FILES.about]: about,
		[EVIDENCE_FILES.pastYear]: older.pastYear,
		[EVIDENCE_FILES.older]: older.before,
		[FEEDBACK_FILE]: feedback,
	}
	for (const [name, rows] of Object.entries(extra)) if (rows.length > 0) await write(name, rows)
	return files
}

function describeSnapshot(
	options: SnapshotOptions,
	{ kind, windows: { from, until, testFrom, testUntil } }: Split,
	{ emptyTitles, profilePosts, database, policy }: ReadPosts,
	{ counts, labels, months, testDays }: Composed,
	files: DescribedFile[],
): Omit<Snapshot, 'code'> {
	const content: Omit<Snapshot, 'hash' | 'code'> = {
		schema: 1,
		split: kind,
		flags: describeFlags(options, kind),
		normalizer: NORMALIZER_VERSION,
		from: formatInstant(from),
		until: formatInstant(until),
		testFrom: formatInstant(testFrom),
		testUntil: formatInstant(testUntil),
		counts: { ...counts, emptyTitles, ...(profilePosts > 0 ? { profilePosts } : {}) },
		months,
		testDays,
		database,
		// Only where it took something out: other snapshots keep their hashes.
		...(policy.length > 0 ? { policy: [...policy] } : {}),
		labels,
		files,
	}
	const { schema, ...rest } = content
	return { schema, hash: hashSnapshot(content), ...rest }
}

/** What was asked for, with instants as text: the part of the options that another run needs. */
function describeFlags(
	options: SnapshotOptions,
	kind: Split['kind'],
): Record<string, string | number | boolean | null> {
	const instant = (seconds: number | null) => (seconds === null ? null : formatInstant(seconds))
	return {
		split: options.split,
		from: instant(options.from),
		until: instant(options.until),
		testFrom: instant(options.testFrom),
		testUntil: instant(options.testUntil),
		testShare: options.testShare,
		validationShare: options.validationShare,
		// Those that count in this split only: other snapshots keep their hashes.
		...(kind === 'newest'
			? { testPosts: options.testPosts, validationPosts: options.validationPosts }
			: {}),
		minPosts: options.minPosts,
		maxPosts: options.maxPosts ?? null,
		maxShare: options.maxShare ?? null,
		...(options.olderPosts ? { olderPosts: options.olderPosts } : {}),
		...(options.about ? { about: true } : {}),
		reposts: options.reposts ?? 'keep',
		feedbackTestShare: options.feedbackTestShare ?? 0,
		...describeLimits(options),
		// Recorded only if it was given, like every other optional flag.
		...(options.labelsFromFeedback ? { labelsFromFeedback: true } : {}),
		seed: options.seed,
	}
}

/** Only where there is feedback to limit. */
function describeLimits({
	feedback = [],
	...options
}: SnapshotOptions): Record<string, string | number> {
	if (feedback.length === 0) return {}
	const limits = chooseLimits(options)
	return { ...limits, feedbackInclude: limits.feedbackInclude.join(' ') }
}

function formatInstant(seconds: number): string {
	return new Date(seconds * 1000).toISOString()
}
