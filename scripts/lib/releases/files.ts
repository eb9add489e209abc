// The files of a release: read them only as what their digests say they are. Node.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { isKnownReading, READING_VERSIONS } from '../../../src/model/padding.ts'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { MAX_DECODED_MODEL_BYTES, Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { checkRecordedBytes, checkRecordedFile, readRecordedFile } from '../recorded-files.ts'
import { findRelease, type ReleaseEntry, readReleases } from './store.ts'

const unzip = promisify(gunzip)

const REMEDY = 'restore it from a copy, or publish again'

/** One file of a release, and what is wrong with it, or null. */
export interface FileCheck {
	/** As in `20200602.0/manifest.json`. */
	readonly file: string
	readonly bytes: number
	readonly problem: string | null
}

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

/** The fastText file, decoded and checked. @throws AppError `damaged`, `not-found` */
export async function readModel(
	modelsDir: string,
	{ version, model }: Manifest,
	remedy = REMEDY,
): Promise<Uint8Array> {
	const path = join(modelsDir, version, model.file)
	const what = `model of release ${version}`
	const bytes = await readRecordedFile({ path, record: model, what, remedy })
	if (model.encoding === 'identity') return bytes
	const decoded = await decode(bytes, path)
	const record = { bytes: model.decodedBytes, sha256: model.decodedSha256 }
	checkRecordedBytes(decoded, { path: `${path}, decoded,`, record, remedy })
	return decoded
}

async function checkReport(modelsDir: string, { version, report }: Manifest): Promise<void> {
	const path = join(modelsDir, version, report.file)
	const what = `report of release ${version}`
	await checkRecordedFile({ path, record: report, what, remedy: '' })
}

/**
 * A release that can be asked: its manifest and its model.
 *
 * @param name a version or a channel
 * @throws AppError `damaged`, `not-found`, `unsupported`
 */
export async function openRelease(
	modelsDir: string,
	name: string,
): Promise<{ readonly manifest: Manifest; readonly model: Uint8Array }> {
	const manifest = await readManifest(modelsDir, findRelease(await readReleases(modelsDir), name))
	checkNormalizer(manifest.normalizer)
	return { manifest, model: await readModel(modelsDir, manifest) }
}

/** @throws AppError `unsupported` where a model reads titles in another form than this code gives them */
export function checkNormalizer(version: number): void {
	if (!isKnownReading(version))
		throw new AppError(
			'unsupported',
			`normaliser is version ${version}; this code has ${READING_VERSIONS.join(' and ')}: make a new snapshot and train on it`,
		)
}

/** Looks at every file of a release: the manifest against releases.json, the others against the manifest. */
export async function checkRelease(modelsDir: string, entry: ReleaseEntry): Promise<FileCheck[]> {
	const manifestName = `${entry.version}/${MANIFEST_FILE}`
	const { bytes: manifestBytes } = entry.manifest
	const found = await attempt(() => readManifest(modelsDir, entry, ''))
	if ('problem' in found)
		return [{ file: manifestName, bytes: manifestBytes, problem: found.problem }]
	const manifest = found.value
	const model = await attempt(() => readModel(modelsDir, manifest, ''))
	const report = await attempt(() => checkReport(modelsDir, manifest))
	const toCheck = (file: { file: string; bytes: number }, result: Attempt<unknown>): FileCheck => ({
		file: `${entry.version}/${file.file}`,
		bytes: file.bytes,
		problem: 'problem' in result ? result.problem : null,
	})
	return [
		{ file: manifestName, bytes: manifestBytes, problem: null },
		toCheck(manifest.model, model),
		toCheck(manifest.report, report),
	]
}

/** What can be wrong with a release as far as a glance tells: a file that is not there, of another length, or unreadable. */
export type ReleaseProblem = 'missing' | 'damaged' | 'damaged (size)'

/** Reads the manifest, and looks at the lengths of the files that it names: quick, however large they are. */
export async function glanceAtRelease(
	modelsDir: string,
	entry: ReleaseEntry,
): Promise<{ readonly manifest: Manifest | null; readonly problem: ReleaseProblem | null }> {
	try {
		const manifest = await readManifest(modelsDir, entry)
		const problems = [manifest.model, manifest.report].map(async ({ file, bytes }) => {
			const found = await stat(join(modelsDir, entry.version, file)).catch(() => null)
			if (!found?.isFile()) return 'missing'
			return found.size === bytes ? null : 'damaged (size)'
		})
		return { manifest, problem: (await Promise.all(problems)).find(Boolean) ?? null }
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		return { manifest: null, problem: error.code === 'not-found' ? 'missing' : 'damaged' }
	}
}

/** @throws AppError `damaged` that names every damaged file, `unsupported` for a release that the page would refuse */
export async function requireServable(modelsDir: string, entry: ReleaseEntry): Promise<void> {
	const damaged = (await checkRelease(modelsDir, entry)).filter(({ problem }) => problem !== null)
	if (damaged.length > 0) throw damagedError(damaged)
	checkNormalizer((await readManifest(modelsDir, entry)).normalizer)
}

export function damagedError(checks: readonly FileCheck[]): AppError {
	const problems = checks.map(({ problem }) => problem)
	return new AppError(
		'damaged',
		`${problems.join('; ')}; restore ${checks.length === 1 ? 'it' : 'them'} from a copy, or publish again`,
	)
}

type Attempt<T> = { readonly value: T } | { readonly problem: string }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
	try {
		return { value: await work() }
	} catch (error) {
		if (error instanceof AppError) return { problem: error.message }
		throw error
	}
}

async function decode(bytes: Uint8Array, path: string): Promise<Uint8Array> {
	try {
		return await unzip(bytes, { maxOutputLength: MAX_DECODED_MODEL_BYTES })
	} catch (error) {
		throw new AppError('damaged', `${path} is damaged: ${errorMessage(error)}; ${REMEDY}`, error)
	}
}
