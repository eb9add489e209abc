// The validation and test posts of a snapshot, as sets to measure on.
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { type ArtifactOf, pathsOf } from '../pipeline/artifacts.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { findSnapshotFile, readSnapshot, refSnapshot } from '../snapshot/read-snapshot.ts'
import { type Snapshot, SPLIT_FILES } from '../snapshot/snapshot-schema.ts'
import { readTrainingText } from '../training-text.ts'
import { type DatedTitle, openDumps, type RecordableSet, type TestSet } from './titles.ts'
import { dayOf } from './week-tally.ts'

/** @param ref a snapshot's hash, the first digits of one, or `latest` */
export async function openSnapshotSet(
	ref: string,
	part: 'valid' | 'test',
	effects: Effects,
): Promise<RecordableSet> {
	const found = await readSnapshot(effects, ref)
	const { snapshot } = found
	const file = findSnapshotFile(found, part)
	const name = `${part === 'test' ? 'test' : 'validation'} posts of snapshot ${snapshot.hash.slice(0, 8)}`
	return {
		name,
		...partedAs(snapshot),
		snapshot: snapshot.hash,
		total: snapshot.counts[part],
		sizes: new Map(
			snapshot.labels.flatMap(({ name, subscribers }) =>
				subscribers === undefined ? [] : [[name, subscribers] as const],
			),
		),
		describe: async () => ({
			...refSnapshot(found),
			files: [{ name: SPLIT_FILES[part], ...file.record }],
		}),
		async *read() {
			const titles = readTrainingText(await checkRecordedFile(file))
			yield* part === 'test' ? dateTitles(titles, snapshot.testDays ?? []) : titles
		},
		window: () => ({ from: snapshot.testFrom, until: snapshot.testUntil }),
	}
}

function partedAs({ split, flags: { testPosts } }: Snapshot): Pick<TestSet, 'split' | 'newest'> {
	if (split === 'newest') return { split, newest: Number(testPosts) }
	// Without test posts there is nothing that the split could flatter.
	return { split: split === 'random' ? 'random' : 'time' }
}

/**
 * The test posts of the snapshot that a model was trained on.
 *
 * @throws AppError `not-found` with another way: a release may come from another machine, without its snapshot
 */
export async function openOwnTestSet(
	{ name, snapshot }: { readonly name: string; readonly snapshot: string },
	effects: Effects,
): Promise<RecordableSet> {
	try {
		return await openSnapshotSet(snapshot, 'test', effects)
	} catch (error) {
		if (!(error instanceof AppError) || error.code !== 'not-found') throw error
		throw new AppError(
			'not-found',
			`snapshot ${snapshot.slice(0, 8)} of ${name} is not in ${effects.dataDir}; name dumps with --posts`,
			error,
		)
	}
}

/** The posts that a step measures on. @throws AppError `not-found`, `damaged` where they are no longer what they were */
export async function openTestSet(
	posts: ArtifactOf<'snapshot'> | ArtifactOf<'dumps'>,
	effects: Effects,
): Promise<RecordableSet> {
	if (posts.kind === 'dumps') return openDumps(pathsOf(posts), effects)
	return openSnapshotSet(posts.sha256 ?? posts.name, 'test', effects)
}

/** @param days how many of the titles are of each, oldest first; those beyond have none */
async function* dateTitles(
	titles: AsyncIterable<LabelledTitle>,
	days: NonNullable<Snapshot['testDays']>,
): AsyncGenerator<DatedTitle> {
	const left = days.map(({ day, posts }) => ({ day: dayOf(Date.parse(day) / 1000), posts }))
	for await (const title of titles) {
		while (left[0]?.posts === 0) left.shift()
		const [current] = left
		if (!current) yield title
		else {
			current.posts -= 1
			yield { ...title, day: current.day }
		}
	}
}
