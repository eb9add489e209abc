// A candidate becomes a release: a folder that is written aside, renamed, and listed in releases.json. Node.
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { readingVersion } from '../../../src/model/padding.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { Manifest } from '../../../src/shared/manifest.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import {
	type CandidateEvaluation,
	evaluateCandidate,
	measureCandidate,
	readEvaluation,
} from '../evaluation/candidate.ts'
import {
	findEvaluation,
	findModelExecution,
	readExecutionModel,
	snapshotOf,
} from '../evaluation/models.ts'
import { makeFolder, sha256, storageError, temporaryPath, writeFileAtomic } from '../files.ts'
import { removeDataLeftovers, removeReleaseLeftovers } from '../leftovers.ts'
import { checkNormalizer, readManifest } from '../models/release.ts'
import { readReleases } from '../models/releases-json.ts'
import type { Artifact, Execution } from '../pipeline/execution-schema.ts'
import { codeVersion, latestExecution, readExecution, runStep } from '../pipeline/executions.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { changeReleases } from './store.ts'

// An extension that no server takes for a content encoding: the page decodes the file itself.
const MODEL_FILE = 'model.ftz.gzip'
const REPORT_FILE = 'report.json'

const pack = promisify(gzip)

/** Begins the names of a quantizer's parameters in a manifest. */
export const QUANTIZER_PREFIX = 'quantize.'

export interface PublishOptions {
	/** A quantized model, or an evaluation of one; the latest quantized model where it is not given. */
	readonly execution?: number | undefined
	readonly why: string
	readonly dryRun: boolean
}

/** What was published or, in a dry run, would be: its manifest is whole either way. */
export interface Publication {
	readonly manifest: Manifest
	/** The record; null in a dry run. */
	readonly execution: Execution | null
}

/** Everything of a release but its version. */
interface Package {
	readonly files: Readonly<Record<string, string | Uint8Array>>
	readonly manifest: Omit<Manifest, 'version'>
	/** The steps whose code was no commit's, as in `train #2`. */
	readonly dirtySteps: readonly string[]
}

/**
 * Publishes a candidate; one that was not evaluated yet is evaluated first. No channel changes.
 *
 * A kill at any moment leaves releases.json as it was, or with the whole release.
 *
 * @throws AppError `not-found`, `bad-input` for a model that was not quantized, `damaged`
 */
export async function publish(options: PublishOptions, effects: Effects): Promise<Publication> {
	const candidate = await findCandidate(options.execution, effects)
	if (options.dryRun) {
		const evaluation = await findEvaluation(candidate.id, effects)
		const measured = evaluation
			? await readEvaluation(evaluation, effects)
			: await measureCandidate(candidate, effects)
		const content = await packRelease({ candidate, evaluation, measured }, effects)
		warnOfDirtyCode(content, effects)
		return { manifest: sealManifest(content, await nextVersion(effects)), execution: null }
	}
	await removeDataLeftovers(effects)
	await removeReleaseLeftovers(effects)
	const evaluation =
		(await findEvaluation(candidate.id, effects)) ?? (await evaluateCandidate(candidate, effects))
	const measured = await readEvaluation(evaluation, effects)
	const content = await packRelease({ candidate, evaluation, measured }, effects)
	warnOfDirtyCode(content, effects)
	const plan = {
		step: 'publish',
		parameters: { why: options.why },
		parents: [evaluation.id],
	} as const
	const execution = await runStep(plan, effects, async () => ({
		inputs: [...candidate.outputs, ...evaluation.outputs],
		outputs: await writeRelease(content, effects),
		metrics: measured.report.metrics,
	}))
	return { manifest: await readPublished(execution, effects), execution }
}

function warnOfDirtyCode({ dirtySteps }: Package, { err }: Pick<Effects, 'err'>): void {
	if (dirtySteps.length > 0)
		err(
			`careful: code was dirty (${dirtySteps.join(', ')}): this release cannot be made again from a commit; for one that can, commit and run these again`,
		)
}

async function findCandidate(id: number | undefined, effects: Effects): Promise<Execution> {
	const candidate =
		id === undefined
			? await latestExecution(effects, 'quantize')
			: await findModelExecution(id, effects)
	if (candidate.step === 'quantize') return candidate
	throw new AppError(
		'bad-input',
		`execution #${candidate.id} is a ${candidate.step}; run: quantize --execution ${candidate.id}, and publish what comes out`,
	)
}

interface Candidate {
	readonly candidate: Execution
	readonly evaluation: Execution | null
	readonly measured: CandidateEvaluation
}

async function packRelease(
	{ candidate, evaluation, measured }: Candidate,
	effects: Effects,
): Promise<Package> {
	const { report, adjustment } = measured
	const { calibration, prior } = adjustment
	const training = await readTraining(candidate, effects)
	const { snapshot, execution } = await readSnapshot(effects, snapshotOf(candidate))
	checkNormalizer(snapshot.normalizer)
	const { bytes: model, labels } = await readExecutionModel(candidate, effects)
	const packed = await pack(model, { level: 9 })
	const reportText = `${JSON.stringify(report)}\n`
	const steps = [training, candidate, ...(evaluation ? [evaluation] : [])]
	const dirtySteps = steps.filter(({ code }) => code.dirty).map(({ step, id }) => `${step} #${id}`)
	if ((await codeVersion()).dirty) dirtySteps.push('publish')
	return {
		dirtySteps,
		files: { [MODEL_FILE]: packed, [REPORT_FILE]: reportText },
		manifest: {
			schema: 1,
			created: effects.now().toISOString(),
			model: {
				...describeBytes(MODEL_FILE, packed),
				encoding: 'gzip',
				decodedBytes: model.length,
				decodedSha256: sha256(model),
			},
			report: describeBytes(REPORT_FILE, Buffer.from(reportText)),
			labels: labels.length,
			// A training of before there was dilution names none.
			normalizer: readingVersion(Number(training.parameters.dilution ?? 0)),
			loss: parseWith(Manifest.entries.loss, training.parameters.loss, `loss of #${training.id}`),
			parameters: mergeParameters(training, candidate),
			calibration,
			...(prior ? { prior } : {}),
			metrics: { ...report.metrics, ...whereMeasured(report) },
			data: {
				snapshot: snapshot.hash,
				// A picked title is none, however many lines it became.
				posts: snapshot.counts.train - snapshot.counts.feedbackLines,
				subreddits: snapshot.counts.labels,
				from: snapshot.from,
				until: snapshot.until,
			},
			code: { commit: training.code.commit, dirty: dirtySteps.length > 0 },
			executions: [...(execution === null ? [] : [execution]), ...steps.map(({ id }) => id)],
		},
	}
}

function whereMeasured({ split, testFrom, testUntil }: CandidateEvaluation['report']) {
	return { split, testFrom, testUntil }
}

/** The training whose model was quantized. */
export async function readTraining(candidate: Execution, effects: Effects): Promise<Execution> {
	const parent = candidate.parents[0]
	if (parent === undefined)
		throw new AppError('bad-data', `execution #${candidate.id} names no training; quantize again`)
	return readExecution(effects, parent)
}

/** Those of the training as they are, those of the quantizer with {@link QUANTIZER_PREFIX}. */
export function mergeParameters(
	training: Execution,
	candidate: Execution,
): Execution['parameters'] {
	const ofQuantizer = Object.entries(candidate.parameters)
		.filter(([name]) => name !== 'snapshot' && name !== 'engine')
		.map(([name, value]) => [`${QUANTIZER_PREFIX}${name}`, value] as const)
	const { snapshot: _, ...ofTraining } = training.parameters
	return { ...ofTraining, ...Object.fromEntries(ofQuantizer) }
}

function describeBytes(file: string, bytes: Uint8Array) {
	return { file, bytes: bytes.length, sha256: sha256(bytes) }
}

/** @returns what was written, by names like `20200602.0/manifest.json` */
async function writeRelease(content: Package, effects: Effects): Promise<Artifact[]> {
	const { modelsDir } = effects
	const written: Artifact[] = []
	await changeReleases(modelsDir, async (releases) => {
		const version = await nextVersion(effects)
		const manifest = `${JSON.stringify(sealManifest(content, version), null, 2)}\n`
		const files = { ...content.files, [MANIFEST_FILE]: manifest }
		await writeFolder(join(modelsDir, version), files)
		for (const [name, bytes] of Object.entries(files)) {
			const { file, ...digest } = describeBytes(`${version}/${name}`, Buffer.from(bytes))
			written.push({ name: file, ...digest })
		}
		const { file: _, ...digest } = describeBytes(MANIFEST_FILE, Buffer.from(manifest))
		return { ...releases, releases: [...releases.releases, { version, manifest: digest }] }
	})
	return written
}

/** Today's day and the first number that neither a folder nor releases.json has; in UTC. */
async function nextVersion({
	modelsDir,
	now,
}: Pick<Effects, 'modelsDir' | 'now'>): Promise<string> {
	const day = now().toISOString().slice(0, 10).replaceAll('-', '')
	const { releases } = await readReleases(modelsDir)
	const folders = await readdir(modelsDir).catch(() => [])
	const numbers = [...folders, ...releases.map(({ version }) => version)]
		.filter((name) => name.startsWith(`${day}.`))
		.map((name) => Number(name.slice(day.length + 1)))
		.filter(Number.isSafeInteger)
	return `${day}.${Math.max(-1, ...numbers) + 1}`
}

function sealManifest({ manifest }: Package, version: string): Manifest {
	return parseWith(Manifest, { ...manifest, version }, 'manifest')
}

async function writeFolder(
	dir: string,
	files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
	const aside = temporaryPath(dir)
	try {
		await makeFolder(aside)
		for (const [name, content] of Object.entries(files))
			await writeFileAtomic(join(aside, name), content)
		await rename(aside, dir)
	} catch (error) {
		await rm(aside, { recursive: true, force: true })
		throw storageError(error, dir)
	}
}

/** The manifest as a page will read it. */
async function readPublished({ outputs }: Execution, { modelsDir }: Effects): Promise<Manifest> {
	const { releases } = await readReleases(modelsDir)
	const entry = releases.find(({ manifest }) =>
		outputs.some(({ sha256: digest }) => digest === manifest.sha256),
	)
	if (!entry) throw new AppError('conflict', 'what was published is gone from releases.json')
	return readManifest(modelsDir, entry)
}
