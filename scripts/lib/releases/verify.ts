// Checks the files of releases, and the figures published beside them, against their digests, here or wherever they are kept.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import {
	FIGURES_FOLDER,
	type PublishedFigures,
	withoutTwin,
} from '../../../src/shared/published-figures.ts'
import { MANIFEST_FILE, type Releases } from '../../../src/shared/releases.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { exists } from '../files.ts'
import { formatBytes } from '../progress.ts'
import { checkRecordedFile, readRecordedFile } from '../recorded-files.ts'
import { type ReleasesPlace, readBack } from '../release-files/elsewhere.ts'
import {
	checkNormalizer,
	readManifest,
	readReleasedModel,
	requireKept,
} from '../release-files/release.ts'
import { findRelease, type ReleaseEntry, readReleases } from '../release-files/releases-json.ts'

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
	const found = await readManifest(modelsDir, entry, '').catch(problemOf)
	const manifestCheck = { file: manifestName, bytes: manifestBytes }
	if (typeof found === 'string') return [{ ...manifestCheck, problem: found }]
	const files = (await filesHere(entry, found, modelsDir)).map(async (file) => {
		const reading: Promise<unknown> =
			file === found.model
				? readReleasedModel(place, found, '')
				: checkFile(modelsDir, entry.version, file)
		const problem = await findProblem(reading)
		return { file: `${entry.version}/${file.file}`, bytes: file.bytes, problem }
	})
	const here = await Promise.all(files)
	const elsewhere = entry.location ? await checkElsewhere(entry.location, found, place) : []
	return [{ ...manifestCheck, problem: null }, ...here, ...elsewhere]
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
		const problem = await findProblem(readBack({ url, record: file, what }, place))
		if (place.signal) throwIfAborted({ signal: place.signal })
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

/** What is wrong, as text; null if nothing is. A bug is thrown again. */
async function findProblem(reading: Promise<unknown>): Promise<string | null> {
	return reading.then(() => null, problemOf)
}

function problemOf(error: unknown): string {
	if (error instanceof AppError) return error.message
	throw error
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

/**
 * Checks size and SHA-256 of every file of the named releases (default: all), wherever the files are, and of their published figures.
 *
 * @param onCheck called for each file
 * @returns how many releases were checked
 * @throws AppError `damaged` that names every damaged file
 */
export async function verifyReleases(
	versions: readonly string[],
	place: ReleasesPlace & Pick<Effects, 'err'>,
	onCheck: (check: FileCheck) => void,
): Promise<number> {
	const { modelsDir } = place
	const releases = await readReleases(modelsDir)
	const entries =
		versions.length === 0
			? releases.releases
			: versions.map((version) => findRelease(releases, version))
	const checked = new Set(entries.map(({ version }) => version))
	const figures = (releases.figures ?? []).filter((one) =>
		releasesOf(one).some((version) => versions.length === 0 || checked.has(version)),
	)
	const damaged: FileCheck[] = []
	const note = (check: FileCheck) => {
		onCheck(check)
		if (check.problem !== null) damaged.push(check)
	}
	for (const entry of entries) {
		const checks = await checkRelease(place, entry)
		checks.forEach(note)
		if (entry.location && checks.every(({ problem }) => problem === null))
			await warnOfUnreadable(entry.location, await readManifest(modelsDir, entry), place)
	}
	for (const one of figures) note(await checkFigures(modelsDir, one, releases))
	if (damaged.length > 0) throw damagedError(damaged)
	return entries.length
}

export function formatCheck({ file, bytes, problem }: FileCheck): string {
	return `${problem === null ? 'ok     ' : 'DAMAGED'}  ${file}  ${formatBytes(bytes)}`
}

function releasesOf(figures: PublishedFigures): readonly string[] {
	return figures.kind === 'comparison' ? [figures.a, figures.b] : [figures.release]
}

/** Checks a file of figures: its digest, its schema, whose figures it holds, and whether those releases are listed. */
async function checkFigures(
	modelsDir: string,
	figures: PublishedFigures,
	{ releases }: Pick<Releases, 'releases'>,
): Promise<FileCheck> {
	const file = `${FIGURES_FOLDER}/${figures.file}`
	const read = async () => {
		const path = join(modelsDir, file)
		const record = { path, record: figures, what: `${file} of the releases`, remedy: '' }
		checkSubject((await readRecordedFile(record)).toString('utf8'), path, figures)
		for (const version of releasesOf(figures))
			if (!releases.some((release) => release.version === version))
				throw new AppError('damaged', `${path} is about release ${version}, which is not listed`)
	}
	return { file, bytes: figures.bytes, problem: await findProblem(read()) }
}

/** @throws AppError `bad-data` for another schema, `damaged` for figures of other releases than releases.json says */
function checkSubject(text: string, path: string, figures: PublishedFigures): void {
	const listed = releasesOf(figures).map((version) => `release ${version}`)
	const held = readSubjects(text, path, figures)
	if (listed.join() === held.join()) return
	throw new AppError(
		'damaged',
		`${path} has figures of ${held.join(' and ')}, and releases.json says ${listed.join(' and ')}`,
	)
}

function readSubjects(text: string, path: string, { kind }: PublishedFigures): string[] {
	if (kind === 'drift') return [`release ${parseJsonWith(DriftReport, text, path).release}`]
	const { a, b } = parseJsonWith(ComparisonReport, text, path)
	return [a.name, b.name].map(withoutTwin)
}
