// Which releases `bench -- quality` measures, and by which model: one that has not learnt the posts.
import { join } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'
import type { Manifest } from '../../src/shared/manifest.ts'
import type { Effects } from '../lib/effects.ts'
import { formatInstant } from '../lib/evaluation/format.ts'
import {
	findModelExecution,
	loadModel,
	loadTwin,
	type MeasurableModel,
	refRelease,
} from '../lib/evaluation/models.ts'
import { remake } from '../lib/executions/remake.ts'
import { exists } from '../lib/files.ts'
import type { Execution } from '../lib/pipeline/execution-schema.ts'
import { findCopy } from '../lib/pipeline/outputs.ts'
import { ingest } from '../lib/posts/ingest.ts'
import { readManifest } from '../lib/release-files/release.ts'
import { findRelease, readReleases } from '../lib/release-files/releases-json.ts'
import { importSubreddits } from '../lib/subreddits/import.ts'
import { dumpsBeside, sampleSubreddits } from './sample-posts.ts'

/** A release, and what can be measured of it on posts. */
export interface Subject {
	readonly manifest: Manifest
	/** Null: the model that has not learnt the posts is not here. */
	readonly model: MeasurableModel | null
	/** Which model is measured, or why none is. */
	readonly says: string
}

/** What production serves, and what it served before that. @throws AppError `not-found` */
export async function readProduction({ modelsDir }: Effects): Promise<Manifest[]> {
	const releases = await readReleases(modelsDir)
	const { channels, history } = releases
	const { production } = channels
	if (production === null) throw new AppError('not-found', 'production serves no release')
	const change = history.findLast(
		({ channel, to }) => channel === 'production' && to === production,
	)
	const versions = [production, ...(change?.from ? [change.from] : [])]
	return Promise.all(
		versions.map((version) => readManifest(modelsDir, findRelease(releases, version))),
	)
}

/** Whether a model that was trained until an instant can't have learnt posts from another one on. */
export function isBefore(trainedUntil: string, postsFrom: string): boolean {
	return Date.parse(trainedUntil) <= Date.parse(postsFrom)
}

/**
 * The release itself or, where it has learnt posts from that instant on, its twin.
 *
 * @param options `makeTwins`: a twin that is not in the data folder is made again, by its records
 */
export async function openSubject(
	manifest: Manifest,
	{ makeTwins, postsFrom }: { readonly makeTwins: boolean; readonly postsFrom: string },
	effects: Effects,
): Promise<Subject> {
	const { version, twin, data } = manifest
	if (!twin || isBefore(data.until, postsFrom)) {
		const model = await loadModel(await refRelease(version, effects), effects)
		return { manifest, model, says: `measured itself; ${formatTraining(model)}` }
	}
	const recorded = await findModelExecution(twin.execution, effects)
	const found = await findTwin(recorded, makeTwins, effects)
	if (!found)
		return {
			manifest,
			model: null,
			says: `not measured: it has learnt these posts, and its twin (execution #${recorded.id}) is not in ${effects.dataDir}; --make-twins makes it again`,
		}
	const isSame = found.output.sha256 === recorded.output.sha256
	const twinModel = await loadTwin(found, manifest, effects)
	// The figure of the manifest is that of the twin as it was.
	const model = isSame ? twinModel : { ...twinModel, unseenRecall: undefined }
	const made = isSame ? '' : '; made again by other code or posts, it has other bytes than the twin'
	return {
		manifest,
		model,
		says: `has learnt these posts: measured by its twin (execution #${found.id}); ${formatTraining(model)}${made}`,
	}
}

function formatTraining({ trainedUntil }: MeasurableModel): string {
	return `trained until ${formatInstant(trainedUntil)}`
}

/** The twin's execution in the data folder; null where it is not there. */
async function findTwin(
	recorded: Execution,
	makeTwins: boolean,
	effects: Effects,
): Promise<Execution | null> {
	const copy = await findCopy(recorded, effects)
	if (copy || !makeTwins) return copy
	await ensurePosts(effects)
	return remake(recorded, effects)
}

/** A fresh data folder gets the posts and the list of subreddits that lie beside the checkout. */
async function ensurePosts(effects: Effects): Promise<void> {
	if (await exists(join(effects.dataDir, 'posts.db'))) return
	const files = await dumpsBeside()
	// Without posts the snapshot says what is missing.
	if (files.length === 0) return
	await ingest({ files, over18: false }, effects)
	const list = await sampleSubreddits()
	if (list !== null) await importSubreddits({ file: list }, effects)
}
