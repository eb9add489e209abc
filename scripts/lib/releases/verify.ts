// Checks the files of a release against their digests, here or wherever they are kept.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { exists } from '../files.ts'
import { type ReleasesPlace, readBack } from '../models/elsewhere.ts'
import { checkNormalizer, readManifest, readReleasedModel, requireKept } from '../models/release.ts'
import type { ReleaseEntry } from '../models/releases-json.ts'
import { checkRecordedFile } from '../recorded-files.ts'

/** How long to wait for a server's answer about other origins. */
const HEAD_MS = 30_000

/** One file of the releases, and its problem, or null. */
export interface FileCheck {
	/** Such as `20200602.0/manifest.json` or `figures/drift-20200602.0-1a2b3c4d.json`; for a file that is kept elsewhere, its address. */
	readonly file: string
	readonly bytes: number
	readonly problem: string | null
}

/**
 * Checks every file of a release: the manifest against releases.json, the others against the manifest. If the release is kept
 * elsewhere, its files are read there, and local copies are checked, too.
 */
export async function checkRelease(
	place: ReleasesPlace,
	entry: ReleaseEntry,
): Promise<FileCheck[]> {
	const { modelsDir } = place
	const manifestName = `${entry.version}/${MANIFEST_FILE}`
	const { bytes: manifestBytes } = entry.manifest
	const found = await attempt(() => readManifest(modelsDir, entry, ''))
	if ('problem' in found)
		return [{ file: manifestName, bytes: manifestBytes, problem: found.problem }]
	const manifest = found.value
	const files = await Promise.all(
		(await filesHere(entry, manifest, modelsDir)).map(async (file): Promise<FileCheck> => {
			const isModel = file === manifest.model
			const result = await attempt<unknown>(() =>
				isModel
					? readReleasedModel(place, manifest, '')
					: checkFile(modelsDir, entry.version, file),
			)
			const problem = 'problem' in result ? result.problem : null
			return { file: `${entry.version}/${file.file}`, bytes: file.bytes, problem }
		}),
	)
	const elsewhere = entry.location ? await checkElsewhere(entry.location, manifest, place) : []
	return [{ file: manifestName, bytes: manifestBytes, problem: null }, ...files, ...elsewhere]
}

/** Reads the files that serve a release from wherever they are, one after the other, with progress. @throws AppError `aborted` */
export async function checkElsewhere(
	location: string,
	manifest: Manifest,
	place: Partial<ReleasesPlace>,
): Promise<FileCheck[]> {
	const checks: FileCheck[] = []
	for (const file of servedFiles(manifest)) {
		const url = new URL(file.file, location).href
		const what = `${file.file} of release ${manifest.version}`
		const result = await attempt(() => readBack({ url, record: file, what }, place))
		if (place.signal) throwIfAborted({ signal: place.signal })
		const problem = 'problem' in result ? result.problem : null
		checks.push({ file: url, bytes: file.bytes, problem })
	}
	return checks
}

/** Problems that a quick look at a release finds: a file that is missing, unreadable, or of another length. */
export type ReleaseProblem = 'missing' | 'damaged' | 'damaged (size)'

/**
 * Warns if a server lets no page of another origin read a release's files, which commands would not notice. A bucket or CDN may allow
 * one page and not tell others.
 *
 * @throws AppError `aborted`
 */
export async function warnOfUnreadable(
	location: string,
	manifest: Manifest,
	{ err, signal }: Pick<Effects, 'err'> & Partial<Pick<Effects, 'signal'>>,
): Promise<void> {
	const url = new URL(manifest.model.file, location).href
	const headers = { Origin: 'https://page.example' }
	const response = await fetch(url, {
		method: 'HEAD',
		headers,
		redirect: 'manual',
		signal: AbortSignal.any([AbortSignal.timeout(HEAD_MS), ...(signal ? [signal] : [])]),
	}).catch(() => null)
	if (signal) throwIfAborted({ signal })
	const { origin } = new URL(url)
	if (response && response.status >= 300 && response.status < 400)
		err(`warning: ${origin} redirects ${url} to another address, and no page follows that`)
	else if (response?.ok && !response.headers.has('access-control-allow-origin'))
		err(
			`warning: ${origin} sends no Access-Control-Allow-Origin with ${url}: pages can read it only if its rules (CORS) name their address`,
		)
}

/** Reads the manifest, and compares only the lengths of the files that it names, which is quick however large they are. */
export async function glanceAtRelease(
	modelsDir: string,
	entry: ReleaseEntry,
): Promise<{ readonly manifest: Manifest | null; readonly problem: ReleaseProblem | null }> {
	try {
		const manifest = await readManifest(modelsDir, entry)
		const problems = filesKept(entry, manifest).map(async ({ file, bytes }) => {
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

/**
 * @throws AppError `damaged` that names every damaged file, `unsupported` for a release that the page would refuse, `not-found`
 * for one that was pruned
 */
export async function requireServable(place: ReleasesPlace, entry: ReleaseEntry): Promise<void> {
	requireKept(entry)
	const damaged = (await checkRelease(place, entry)).filter(({ problem }) => problem !== null)
	if (damaged.length > 0) throw damagedError(damaged)
	checkNormalizer((await readManifest(place.modelsDir, entry)).normalizer)
}

export function damagedError(checks: readonly FileCheck[]): AppError {
	const problems = checks.map(({ problem }) => problem)
	return new AppError(
		'damaged',
		`${problems.join('; ')}; restore ${checks.length === 1 ? 'it' : 'them'} from a copy, or publish again`,
	)
}

/** The result, or its problem as text; a bug is thrown again. */
type Attempt<T> = { readonly value: T } | { readonly problem: string }

export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
	try {
		return { value: await work() }
	} catch (error) {
		if (error instanceof AppError) return { problem: error.message }
		throw error
	}
}

async function checkFile(
	modelsDir: string,
	version: string,
	record: Manifest['report'],
): Promise<void> {
	const path = join(modelsDir, version, record.file)
	const what = `${record.file} of release ${version}`
	await checkRecordedFile({ path, record, what, remedy: '' })
}

/** The files that serve a release, the model first. Pruning removes them. */
export function servedFiles({ model, unseen, tail, facts }: Manifest) {
	return [model, ...[unseen, tail, facts].filter((file) => file !== undefined)]
}

/** The files of a manifest that must be here. */
function filesKept({ pruned, location }: ReleaseEntry, manifest: Manifest) {
	const isServedHere = pruned === undefined && location === undefined
	return [...(isServedHere ? servedFiles(manifest) : []), manifest.report]
}

/** Those, and local copies of files that are kept elsewhere. */
async function filesHere(entry: ReleaseEntry, manifest: Manifest, modelsDir: string) {
	if (entry.location === undefined) return filesKept(entry, manifest)
	const copies = await Promise.all(
		servedFiles(manifest).map(async (file) =>
			(await exists(join(modelsDir, entry.version, file.file))) ? [file] : [],
		),
	)
	return [...copies.flat(), ...filesKept(entry, manifest)]
}
