// The files of a release, read only as what their digests say they are.
import { join } from 'node:path'
import { isKnownReading, READING_VERSIONS } from '../../../src/model/padding.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { exists } from '../files.ts'
import { checkRecordedBytes, readRecordedFile } from '../recorded-files.ts'
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

/** A file of a release that is packed for the way to pages. */
interface ServedFile {
	readonly version: string
	readonly what: string
	readonly file: Manifest['model'] | NonNullable<Manifest['unseen' | 'tail']>
}

const UNSEEN = { unseen: 'index', tail: 'long tail' } as const

function servedModel({ version, model: file }: Manifest): ServedFile {
	return { version, what: `model of release ${version}`, file }
}

function servedUnseen(
	{ version, ...manifest }: Manifest,
	which: keyof typeof UNSEEN,
): ServedFile | null {
	const what = `${UNSEEN[which]} of unseen subreddits of release ${version}`
	const { [which]: file } = manifest
	return file ? { version, what, file } : null
}

/**
 * The fastText file, decoded and checked.
 *
 * @throws AppError `damaged`, `not-found`; what a download throws where the release lies elsewhere
 */
export function readReleasedModel(
	place: ReleasesPlace,
	manifest: Manifest,
	remedy = REMEDY,
): Promise<Uint8Array> {
	return readServedFile(place, servedModel(manifest), remedy)
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
	which: keyof typeof UNSEEN = 'unseen',
): Promise<Uint8Array | null> {
	const served = servedUnseen(manifest, which)
	return served && readServedFile(place, served, REMEDY)
}

/** From the release's folder or, where that lacks it, from where the release lies. */
async function readServedFile(
	place: ReleasesPlace,
	served: ServedFile,
	remedy: string,
): Promise<Uint8Array> {
	const { file: record, what } = served
	const path = await findServedFile(place, served)
	const bytes = await readRecordedFile({ path, record, what, remedy })
	if (record.encoding === 'identity') return bytes
	const decoded = await unpackFromTransport(bytes, record, { path, remedy: REMEDY })
	const unpacked = { bytes: record.decodedBytes, sha256: record.decodedSha256 }
	checkRecordedBytes(decoded, { path: `${path}, decoded,`, record: unpacked, remedy })
	return decoded
}

/** @returns its path, once it is on this machine */
async function findServedFile(
	place: ReleasesPlace,
	{ version, file, what }: ServedFile,
): Promise<string> {
	const here = join(place.modelsDir, version, file.file)
	if (await exists(here)) return here
	const { releases } = await readReleases(place.modelsDir)
	const location = releases.find((release) => release.version === version)?.location
	if (!location) return here
	return fetchOnce({ url: new URL(file.file, location).href, record: file, what }, place)
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
	for (const served of [servedModel(manifest), servedUnseen(manifest, 'unseen')])
		if (served) await findServedFile(place, served)
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
