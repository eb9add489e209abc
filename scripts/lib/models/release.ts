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
	{ version, model }: Manifest,
	remedy = REMEDY,
): Promise<Uint8Array> {
	const what = `model of release ${version}`
	const { path, bytes } = await readServedFile(place, { version, file: model, what, remedy })
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
	readonly remedy: string
}

/** From the release's folder or, where that lacks it, from where the release lies. */
async function readServedFile(
	place: ReleasesPlace,
	{ version, file, what, remedy }: ServedFile,
): Promise<{ readonly path: string; readonly bytes: Buffer }> {
	const here = join(place.modelsDir, version, file.file)
	const location = (await exists(here)) ? undefined : await findLocation(place, version)
	const path = location
		? await fetchOnce({ url: new URL(file.file, location).href, record: file, what }, place)
		: here
	return { path, bytes: await readRecordedFile({ path, record: file, what, remedy }) }
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
	const { version, [which]: file } = manifest
	if (!file) return null
	const what = `${which === 'tail' ? 'long tail' : 'index'} of unseen subreddits of release ${version}`
	const { path, bytes } = await readServedFile(place, { version, file, what, remedy: REMEDY })
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
	const entry = findRelease(await readReleases(place.modelsDir), name)
	requireKept(entry)
	const manifest = await readManifest(place.modelsDir, entry)
	checkNormalizer(manifest.normalizer)
	return { manifest, model: await readReleasedModel(place, manifest) }
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
