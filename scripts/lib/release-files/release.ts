// The files of a release, read only as what their digests say they are.
import { join } from 'node:path'
import { isKnownReading, READING_VERSIONS } from '../../../src/model/padding.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { exists } from '../files.ts'
import { checkRecordedBytes, type FileRecord, readRecordedFile } from '../recorded-files.ts'
import { fetchOnce, type ReleasesPlace } from './elsewhere.ts'
import { findRelease, type ReleaseEntry, readReleases } from './releases-json.ts'
import { unpackFromTransport } from './transport.ts'

const REMEDY = 'restore it from a copy, or publish again'

/**
 * @param remedy what an error tells people to do
 * @throws AppError `damaged` where it is not the file that releases.json lists, `not-found`
 */
export async function readManifest(
	modelsDir: string,
	{ version, manifest }: ReleaseEntry,
	remedy = REMEDY,
): Promise<Manifest> {
	const path = join(modelsDir, version, MANIFEST_FILE)
	const what = `manifest of release ${version}`
	const bytes = await readRecordedFile({ path, record: manifest, what, remedy })
	const parsed = parseJsonWith(Manifest, bytes.toString('utf8'), path)
	if (parsed.version === version) return parsed
	throw new AppError('damaged', `${path} is of release ${parsed.version}; ${REMEDY}`)
}

/**
 * The fastText file, decoded and checked.
 *
 * @throws AppError `damaged`, `not-found`; what a download throws where the release lies elsewhere
 */
export async function readReleasedModel(
	place: ReleasesPlace,
	manifest: Manifest,
	remedy = REMEDY,
): Promise<Uint8Array> {
	const { model } = manifest
	const { path, bytes } = await readServedFile(place, { ...servedModel(manifest), remedy })
	if (model.encoding === 'identity') return bytes
	const decoded = await unpackFromTransport(bytes, model, { path, remedy: REMEDY })
	const record = { bytes: model.decodedBytes, sha256: model.decodedSha256 }
	checkRecordedBytes(decoded, { path: `${path}, decoded,`, record, remedy })
	return decoded
}

interface ServedFile {
	readonly version: string
	readonly file: FileRecord & { readonly file: string }
	readonly what: string
	readonly remedy?: string
}

function servedModel({ version, model: file }: Manifest): ServedFile {
	return { version, file, what: `model of release ${version}` }
}

function servedUnseen({ version, ...manifest }: Manifest, which: 'unseen' | 'tail'): ServedFile[] {
	const file = manifest[which]
	const name = which === 'tail' ? 'long tail' : 'index'
	return file ? [{ version, file, what: `${name} of unseen subreddits of release ${version}` }] : []
}

/** From the release's folder or, where that lacks it, from where the release lies. */
async function readServedFile(
	place: ReleasesPlace,
	served: ServedFile,
): Promise<{ readonly path: string; readonly bytes: Buffer }> {
	const { file: record, what, remedy = REMEDY } = served
	const path = await findServedFile(place, served)
	return { path, bytes: await readRecordedFile({ path, record, what, remedy }) }
}

/** @returns its path, once it is on this machine */
async function findServedFile(
	place: ReleasesPlace,
	{ version, file, what }: ServedFile,
): Promise<string> {
	const here = join(place.modelsDir, version, file.file)
	const location = (await exists(here)) ? undefined : await findLocation(place, version)
	if (!location) return here
	return fetchOnce({ url: new URL(file.file, location).href, record: file, what }, place)
}

async function findLocation({ modelsDir }: ReleasesPlace, version: string) {
	const { releases } = await readReleases(modelsDir)
	return releases.find((release) => release.version === version)?.location
}

/**
 * A file of the subreddits that a release has not learnt, unpacked: the index of them, or the long tail.
 *
 * @returns null where the release has none
 * @throws AppError `damaged`, `not-found`
 */
export async function readReleasedUnseen(
	place: ReleasesPlace,
	manifest: Manifest,
	which: 'unseen' | 'tail' = 'unseen',
): Promise<Uint8Array | null> {
	const [served] = servedUnseen(manifest, which)
	const { [which]: file } = manifest
	if (!served || !file) return null
	const { path, bytes } = await readServedFile(place, served)
	const decoded = await unpackFromTransport(bytes, file, { path, remedy: REMEDY })
	const record = { bytes: file.decodedBytes, sha256: file.decodedSha256 }
	checkRecordedBytes(decoded, { path: `${path}, decoded,`, record, remedy: REMEDY })
	return decoded
}

/** The evaluation that lies beside a release. @throws AppError `damaged`, `not-found`, `bad-data` */
export async function readReleaseReport(
	modelsDir: string,
	{ version, report }: Manifest,
): Promise<StoredEvaluationReport> {
	const path = join(modelsDir, version, report.file)
	const what = `report of release ${version}`
	const bytes = await readRecordedFile({ path, record: report, what, remedy: REMEDY })
	return parseJsonWith(StoredEvaluationReport, bytes.toString('utf8'), path)
}

/**
 * A release that can be asked: its manifest and its model.
 *
 * @param name a version or a channel
 * @throws AppError `damaged`, `not-found`, `unsupported`
 */
export async function openRelease(
	place: ReleasesPlace,
	name: string,
): Promise<{ readonly manifest: Manifest; readonly model: Uint8Array }> {
	const manifest = await readUsableManifest(place, name)
	return { manifest, model: await readReleasedModel(place, manifest) }
}

/**
 * Brings what is asked of a release onto this machine where it lies elsewhere, for threads that then open it.
 *
 * @throws AppError as of {@link openRelease}
 */
export async function fetchRelease(place: ReleasesPlace, name: string): Promise<void> {
	const manifest = await readUsableManifest(place, name)
	for (const served of [servedModel(manifest), ...servedUnseen(manifest, 'unseen')])
		await findServedFile(place, served)
}

async function readUsableManifest(place: ReleasesPlace, name: string): Promise<Manifest> {
	const entry = findRelease(await readReleases(place.modelsDir), name)
	requireKept(entry)
	const manifest = await readManifest(place.modelsDir, entry)
	checkNormalizer(manifest.normalizer)
	return manifest
}

/** @throws AppError `not-found` where only manifest and report of a release are kept */
export function requireKept({ version, pruned }: ReleaseEntry): void {
	if (pruned !== undefined)
		throw new AppError(
			'not-found',
			`release ${version} was pruned on ${pruned.slice(0, 10)}: its model is not kept here; to make it again, run: release restore ${version}`,
		)
}

/** @throws AppError `unsupported` where a model reads titles in another form than this code gives them */
export function checkNormalizer(version: number): void {
	if (!isKnownReading(version))
		throw new AppError(
			'unsupported',
			`normaliser is version ${version}; this code has ${READING_VERSIONS.join(' and ')}: make a new snapshot and train on it`,
		)
}
