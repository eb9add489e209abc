// `release restore`, and `executions rerun` of a publish, bring back the files of a pruned release, to the byte: from a copy in its
// folder, or by making them again from its records. The files of a release that is kept elsewhere are downloaded.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import type { Effects } from '../effects.ts'
import { linkFile, sha256, writeFileAtomic } from '../files.ts'
import {
	type AnyExecution,
	type Execution,
	executionName,
	isDone,
} from '../pipeline/execution-schema.ts'
import { listAllExecutions, readExecution } from '../pipeline/executions.ts'
import { fetchOnce } from '../release-files/elsewhere.ts'
import { readManifest } from '../release-files/release.ts'
import { findRelease, type ReleaseEntry, readReleases } from '../release-files/releases-json.ts'
import { changeEntry } from '../releases/change-releases.ts'
import { packServedFiles } from '../releases/pack.ts'
import { checkRelease, servedFiles } from '../releases/verify.ts'
import { remakeInput } from './remake.ts'

/** Where the files of a restored release came from. */
export interface Restoration {
	readonly version: string
	/** The publish whose candidate was packed again; null if the files were in the release's folder, or elsewhere. */
	readonly execution: Execution | null
	/** The address that they were downloaded from. */
	readonly location: string | null
}

/**
 * Brings back a pruned release, so that channels can serve it, or one that is kept elsewhere, so that it is served from here.
 *
 * @throws AppError `bad-input` for one that was not pruned, `not-found` where its record or the posts are not here, `damaged` where
 * other bytes come out than were released: by other posts, another list of subreddits or other code
 */
export async function restoreRelease(version: string, effects: Effects): Promise<Restoration> {
	const { modelsDir } = effects
	const entry = findRelease(await readReleases(modelsDir), version)
	const { pruned, location = null } = entry
	if (pruned === undefined && location === null)
		throw new AppError('bad-input', `release ${version} was not pruned: all of its files are kept`)
	const manifest = await readManifest(modelsDir, entry)
	if (location !== null) await downloadServedFiles(location, manifest, effects)
	const isThere = await hasServedFiles(entry, effects)
	const execution = isThere ? null : await findPublish(version, effects)
	if (execution) await makeServedFiles(execution, manifest, effects)
	await changeEntry(version, effects, withoutMark)
	return { version, execution, location }
}

async function downloadServedFiles(
	location: string,
	manifest: Manifest,
	effects: Effects,
): Promise<void> {
	const { version } = manifest
	for (const record of servedFiles(manifest)) {
		const what = `${record.file} of release ${version}`
		const url = new URL(record.file, location).href
		const path = await fetchOnce({ url, record, what }, effects)
		await linkFile(path, join(effects.modelsDir, version, record.file))
	}
}

/** The release that an execution published, if it was pruned since; null otherwise. */
export async function findPrunedRelease(
	execution: AnyExecution,
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): Promise<string | null> {
	const version = releaseOf(execution)
	const { releases } = await readReleases(modelsDir)
	const isPruned = releases.some((one) => one.version === version && one.pruned !== undefined)
	return isPruned ? version : null
}

function releaseOf(execution: AnyExecution): string | null {
	return execution.step === 'publish' && isDone(execution) ? execution.output.name : null
}

/** Whether the files are in the release's folder, as after `git checkout COMMIT -- public/models/VERSION`. */
async function hasServedFiles(entry: ReleaseEntry, effects: Effects): Promise<boolean> {
	const checks = await checkRelease(effects, withoutMark(entry))
	return checks.every(({ problem }) => problem === null)
}

async function findPublish(version: string, effects: Effects): Promise<Execution> {
	const found = (await listAllExecutions(effects)).findLast((one) => releaseOf(one) === version)
	if (found && isDone(found)) return found
	throw new AppError(
		'not-found',
		`no record says how release ${version} was made; put its files back from a copy, such as: git checkout COMMIT -- ${join(effects.modelsDir, version)}, and run this again`,
	)
}

async function makeServedFiles(
	{ inputs }: Execution,
	manifest: Manifest,
	effects: Effects,
): Promise<void> {
	const { version } = manifest
	// Older records name the model, because there were no candidates yet.
	const packed = inputs.candidate ?? inputs.model
	if (!packed) throw new AppError('bad-data', `the record of ${version} names no candidate`)
	const model = await remakeInput(packed, effects)
	const candidate = await readExecution(effects, model.execution ?? '')
	const { files } = await packServedFiles(candidate, effects)
	const wrong = servedFiles(manifest).filter(
		({ file, sha256: digest }) => sha256(files[file] ?? Buffer.alloc(0)) !== digest,
	)
	if (wrong.length > 0)
		throw new AppError(
			'damaged',
			`other bytes came out than release ${version} had: ${wrong.map(({ file }) => file).join(', ')}; its posts, its list of subreddits and its code (commit ${manifest.code.commit.slice(0, 12)}) must be here; nothing was changed`,
		)
	for (const { file } of servedFiles(manifest))
		await writeFileAtomic(join(effects.modelsDir, version, file), files[file] ?? '')
}

function withoutMark({ version, manifest }: ReleaseEntry): ReleaseEntry {
	return { version, manifest }
}

export function formatRestoration({ version, execution, location }: Restoration): string {
	const from = location
		? `its files came from ${location}, where pages look no more`
		: execution
			? `packed again from the inputs of #${executionName(execution)}`
			: 'its files lay in its folder'
	return `restored ${version}: ${from}, byte for byte what was released; channels can serve it again`
}
