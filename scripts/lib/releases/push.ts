// `release push` and `release publish --to` upload the files of a release to where everybody can read them, and releases.json says
// where. The manifest and the report also stay with the page.
import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { ReleaseLocation } from '../../../src/shared/release-location.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { exists } from '../files.ts'
import { formatBytes, Progress } from '../progress.ts'
import { checkRecordedFile, type FileRecord } from '../recorded-files.ts'
import { fetchOnce } from '../release-files/elsewhere.ts'
import { findUnreachable, readModelOrigins } from '../release-files/parameters.ts'
import { readManifest, requireKept } from '../release-files/release.ts'
import { findRelease, type ReleaseEntry, readReleases } from '../release-files/releases-json.ts'
import { openSharedPlace } from '../store/open-shared-place.ts'
import type { SharedFile, SharedPlace } from '../store/shared-place.ts'
import { formatTable } from '../table.ts'
import { changeEntry } from './change-releases.ts'
import { removeServedFiles } from './prune.ts'
import { checkElsewhere, type damagedError, servedFiles, warnOfUnreadable } from './verify.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'

export interface Destination {
	/** `s3://bucket/prefix`, or a folder that a web server publishes. */
	readonly to: string
	/** The address at which pages read that (default: the bucket's own). */
	readonly address?: string | undefined
}

export interface PushOptions extends Destination {
	/** A version or a channel. */
	readonly release: string
	/** Afterwards removes the local copies, as prune does. */
	readonly move?: boolean | undefined
	readonly dryRun: boolean
}

/** What was pushed or, in a dry run, would be checked. */
export interface Push {
	readonly version: string
	/** The folder that pages read. */
	readonly location: string
	readonly files: readonly {
		readonly name: string
		readonly bytes: number
		/** Null in a dry run. */
		readonly sent: boolean | null
	}[]
}

/**
 * Uploads what is not there yet, reads back what pages will read, and only then names it in releases.json. A kill at any moment leaves
 * releases.json as it was, and the next push continues with what the bucket has.
 *
 * @throws AppError `bad-input` if pages could not load it from there, `not-found`, `damaged`, `network`, `server`
 */
export async function pushRelease(options: PushOptions, effects: Effects): Promise<Push> {
	const { release, dryRun, move = false } = options
	const { modelsDir } = effects
	const entry = findRelease(await readReleases(modelsDir), release)
	requireKept(entry)
	const { version } = entry
	const target = openSharedPlace(options.to, effects)
	const location = await chooseLocation(version, { target, ...options }, effects)
	const manifest = await readManifest(modelsDir, entry)
	const files = listFiles(entry, manifest, modelsDir)
	const described = { version, location }
	if (dryRun) return { ...described, files: files.map((file) => describeFile(file, null)) }
	const sent = await sendFiles(files, { target, before: entry.location }, effects)
	const wrong = (await checkElsewhere(location, manifest, effects)).filter(
		({ problem }) => problem !== null,
	)
	if (wrong.length > 0) throw unreadable(location, target, wrong)
	await warnOfUnreadable(location, manifest, effects)
	await changeEntry(version, effects, (listed) => ({ ...listed, location }))
	if (move) await removeServedFiles(entry, modelsDir)
	return { ...described, files: sent }
}

/** Checks a destination before minutes of work. @throws AppError `bad-input` */
export async function checkDestination(destination: Destination, effects: Effects): Promise<void> {
	const target = openSharedPlace(destination.to, effects)
	await chooseLocation('20000101.0', { target, ...destination }, effects)
}

async function chooseLocation(
	version: string,
	{ target, address }: { readonly target: SharedPlace; readonly address?: string | undefined },
	effects: Pick<Effects, 'parametersFile' | 'modelsDir'>,
): Promise<string> {
	await refuseModelsFolder(version, target, effects)
	const base = address ?? target.address
	if (base === null)
		throw new AppError(
			'bad-input',
			`the address at which pages read ${target.location} is not known; give it with --address https://…`,
		)
	const location = parseWith(
		ReleaseLocation,
		`${base.replace(/\/+$/, '')}/${version}/`,
		'--address',
	)
	const origins = await readModelOrigins(effects)
	if (findUnreachable({ releases: [{ version, location }] }, origins).length > 0)
		throw new AppError(
			'bad-input',
			`pages may load nothing from ${new URL(location).origin}; name it in releases.origins of ${effects.parametersFile.path}, then build and deploy the page`,
		)
	return location
}

// In there each file would be its own copy, and the only one would be removed as not needed.
async function refuseModelsFolder(
	version: string,
	{ folder }: SharedPlace,
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): Promise<void> {
	if (folder === null) return
	const path = relative(await findRealPath(modelsDir), await findRealPath(join(folder, version)))
	if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) return
	throw new AppError(
		'bad-input',
		`${folder} is the models folder, or lies in it; name another, which is served from elsewhere`,
	)
}

/** A path with its links resolved, even if it does not exist yet. */
async function findRealPath(path: string): Promise<string> {
	try {
		return await realpath(path)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error
		return join(await findRealPath(dirname(path)), basename(path))
	}
}

function listFiles(entry: ReleaseEntry, manifest: Manifest, modelsDir: string): SharedFile[] {
	const { version } = entry
	const toPublic = (file: string, record: FileRecord): SharedFile => ({
		path: join(modelsDir, version, file),
		name: `${version}/${file}`,
		record,
		headers: {
			'content-type': file.endsWith('.json') ? 'application/json' : 'application/octet-stream',
			'cache-control': FOR_EVER,
		},
	})
	// The manifest comes last, so that whoever finds it finds everything that it names.
	return [
		...[...servedFiles(manifest), manifest.report].map((one) => toPublic(one.file, one)),
		toPublic(MANIFEST_FILE, entry.manifest),
	]
}

function describeFile({ name, record: { bytes } }: SharedFile, sent: boolean | null) {
	return { name, bytes, sent }
}

async function sendFiles(
	files: readonly SharedFile[],
	{
		target,
		before: location,
	}: { readonly target: SharedPlace; readonly before: string | undefined },
	effects: Effects,
): Promise<Push['files']> {
	const total = files.reduce((sum, { record }) => sum + record.bytes, 0)
	const options = { label: 'pushing', total, unit: 'there', format: formatBytes }
	const progress = new Progress(options, effects)
	const sent: Push['files'][number][] = []
	let before = 0
	try {
		for (const file of files) {
			throwIfAborted(effects)
			const path = await findWhole(file, location, effects)
			const wasSent = await target.put({ ...file, path }, (bytes) =>
				progress.update(before + bytes, file.name),
			)
			sent.push(describeFile(file, wasSent))
			before += file.record.bytes
		}
	} finally {
		progress.finish()
	}
	return sent
}

/** @returns the path of a file with the released bytes; a release that is kept elsewhere may have none here */
async function findWhole(
	{ path, name, record }: SharedFile,
	location: string | undefined,
	effects: Effects,
): Promise<string> {
	if (location && !(await exists(path))) {
		const url = new URL(basename(path), location).href
		return fetchOnce({ url, record, what: name }, effects)
	}
	const remedy = 'restore it from a copy, or with: release restore'
	return checkRecordedFile({ path, record, what: name, remedy })
}

function unreadable(
	location: string,
	{ location: to }: SharedPlace,
	wrong: Parameters<typeof damagedError>[0],
): AppError {
	const problems = wrong.map(({ problem }) => problem).join('; ')
	return new AppError(
		'server',
		`the files are in ${to}, but pages could not read them at ${location}: ${problems}; let everybody read the bucket, or name its public address with --address, and run this again`,
	)
}

export function formatPush(
	{ version, location, files }: Push,
	{ dryRun, move = false }: Pick<PushOptions, 'dryRun' | 'move'>,
): string {
	const rows = files.map(({ name, bytes, sent }) => [
		name,
		formatBytes(bytes),
		sent === null ? '' : sent ? 'sent' : 'was there',
	])
	return [
		dryRun
			? `would push ${version}; pages would load it from ${location}`
			: `pushed ${version}, and read it back; pages load it from ${location}`,
		formatTable(rows, { lastIsText: true }),
		...(dryRun || move
			? []
			: ['  its files here are not needed any more; to remove them: release prune']),
	].join('\n')
}
