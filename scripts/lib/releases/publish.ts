// A candidate becomes a release: a folder that is written aside, renamed, and listed in releases.json. Node.
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { readingVersion } from '../../../src/model/padding.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Manifest, NewManifest } from '../../../src/shared/manifest.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { Parameters } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import {
	findEvaluation,
	findModelExecution,
	refCandidate,
	snapshotOf,
} from '../evaluation/models.ts'
import {
	type CandidateEvaluation,
	evaluateCandidate,
	measureCandidate,
	readEvaluation,
} from '../evaluation/steps.ts'
import {
	type DescribedFile,
	makeFolder,
	storageError,
	temporaryPath,
	writeFileAtomic,
} from '../files.ts'
import { removeDataLeftovers, removeReleaseLeftovers } from '../leftovers.ts'
import { checkNormalizer } from '../models/release.ts'
import { readReleases } from '../models/releases-json.ts'
import { RELEASE_FILES } from '../pipeline/artifacts.ts'
import { type Execution, executionName, outputRef } from '../pipeline/execution-schema.ts'
import { latestExecution, readExecution } from '../pipeline/executions.ts'
import { codeVersion } from '../pipeline/machine.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { TrainParameters } from '../pipeline/recipes.ts'
import { runStep } from '../pipeline/run-step.ts'
import { declareStep } from '../pipeline/step.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { describeBytes, packServedFiles } from './pack.ts'
import { changeReleases } from './store.ts'

export interface PublishOptions {
	/** A quantized model, or an evaluation of one; the latest quantized model where it is not given. */
	readonly execution?: number | string | undefined
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
	readonly manifest: Omit<v.InferOutput<typeof NewManifest>, 'version'>
	/** The steps that ran with uncommitted code, as in `train #2`. */
	readonly dirtySteps: readonly string[]
}

/** A measured model becomes a release. */
export const publishStep = declareStep({
	name: 'publish',
	inputs: { model: { kinds: ['quantized'] }, evaluation: { kinds: ['evaluation'] } },
	output: 'release',
	section: null,
	parameters: v.strictObject({ why: v.optional(v.string(), '') }),
	indifferent: ['why'],
	entry: import.meta.filename,
	async work({ inputs }, effects) {
		const candidate = await readMaker(inputs.model, effects)
		const evaluation = await readMaker(inputs.evaluation, effects)
		const measured = await readEvaluation(evaluation, effects)
		const content = await packRelease({ candidate, evaluation, measured }, effects)
		warnOfDirtyCode(content, effects)
		const { files, manifest } = await writeRelease(content, effects)
		const { metrics } = measured.report
		return { files, name: manifest.version, metrics, result: manifest }
	},
})

/**
 * Publishes a candidate; one that was not evaluated yet is evaluated first. No channel changes.
 *
 * A kill at any moment leaves releases.json as it was, or with the whole release.
 *
 * @throws AppError `not-found`, `bad-input` for a model that was not quantized, `damaged`
 */
export async function publish(options: PublishOptions, effects: Effects): Promise<Publication> {
	const candidate = await findCandidate(options.execution, effects)
	const known = await findEvaluation(candidate, effects)
	if (options.dryRun) return rehearse(candidate, known, effects)
	await removeDataLeftovers(effects)
	await removeReleaseLeftovers(effects)
	const evaluation = known ?? (await evaluateCandidate(candidate, effects)).execution
	const inputs = {
		model: { ...refCandidate(candidate), kind: 'quantized' },
		evaluation: { ...outputRef(evaluation), kind: 'evaluation' },
	} as const
	const run = { inputs, parameters: { why: options.why } }
	const { execution, result: manifest } = await runStep(publishStep, run, effects)
	return { manifest, execution }
}

async function rehearse(
	candidate: Execution,
	evaluation: Execution | null,
	effects: Effects,
): Promise<Publication> {
	const measured = evaluation
		? await readEvaluation(evaluation, effects)
		: await measureCandidate(candidate, effects)
	const content = await packRelease({ candidate, evaluation, measured }, effects)
	warnOfDirtyCode(content, effects)
	return { manifest: sealManifest(content, await nextVersion(effects)), execution: null }
}

function warnOfDirtyCode({ dirtySteps }: Package, { err }: Pick<Effects, 'err'>): void {
	if (dirtySteps.length > 0)
		err(
			`careful: code was dirty (${dirtySteps.join(', ')}): this release cannot be made again from a commit; for one that can, commit and run these again`,
		)
}

async function findCandidate(
	reference: number | string | undefined,
	effects: Effects,
): Promise<Execution> {
	const candidate =
		reference === undefined
			? await latestExecution(effects, 'quantize')
			: await findModelExecution(reference, effects)
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
	const recipe = parseWith(TrainParameters, training.parameters, `parameters of #${training.id}`)
	const { snapshot, execution } = await readSnapshot(effects, snapshotOf(candidate))
	checkNormalizer(snapshot.normalizer)
	const served = await packServedFiles(candidate, effects)
	const reportText = `${JSON.stringify(report)}\n`
	const steps = [training, candidate, ...(evaluation ? [evaluation] : [])]
	const dirtySteps = steps.filter(({ code }) => code.dirty).map(({ step, id }) => `${step} #${id}`)
	if ((await codeVersion()).dirty) dirtySteps.push('publish')
	return {
		dirtySteps,
		files: {
			...served.files,
			[RELEASE_FILES.report]: reportText,
		},
		manifest: {
			schema: 2,
			created: effects.now().toISOString(),
			...served.records,
			report: describeBytes(RELEASE_FILES.report, Buffer.from(reportText)),
			labels: served.labels,
			normalizer: readingVersion(recipe.dilution),
			loss: 'softmax',
			training: recipe,
			quantizing: parseWith(Parameters, candidate.parameters, `parameters of #${candidate.id}`),
			calibration,
			...(prior ? { prior } : {}),
			metrics: { ...report.metrics, ...whereMeasured(report) },
			data: {
				snapshot: snapshot.hash,
				// A picked title is not a post, however many lines it became, nor is a description.
				posts:
					snapshot.counts.train - snapshot.counts.feedbackLines - (snapshot.counts.aboutLines ?? 0),
				subreddits: snapshot.counts.labels,
				from: snapshot.from,
				until: snapshot.until,
			},
			code: { commit: training.code.commit, dirty: dirtySteps.length > 0 },
			executions: [...(execution === null ? [] : [execution]), ...steps.map(executionName)],
			...(await describeTwin(evaluation, snapshot.counts.test, effects)),
		},
	}
}

/** @param testPosts of the candidate's own snapshot: with some, the candidate itself was measured */
async function describeTwin(
	evaluation: Execution | null,
	testPosts: number,
	effects: Effects,
): Promise<Pick<Manifest, 'twin'>> {
	const twin = evaluation?.inputs.twin?.execution
	if (!twin || testPosts > 0) return {}
	const { snapshot } = await readSnapshot(
		effects,
		snapshotOf(await findModelExecution(twin, effects)),
	)
	return { twin: { execution: twin, snapshot: snapshot.hash, trainedUntil: snapshot.until } }
}

function whereMeasured({ testFrom, testUntil, ...report }: CandidateEvaluation['report']) {
	return { ...splitOf(report), testFrom, testUntil }
}

/** The training whose model was quantized. */
export async function readTraining(candidate: Execution, effects: Effects): Promise<Execution> {
	const maker = candidate.inputs.model?.execution
	if (maker) return readExecution(effects, maker)
	throw new AppError('bad-data', `execution #${candidate.id} names no training; quantize again`)
}

/** What was written: files by names like `20200602.0/manifest.json`. */
interface WrittenRelease {
	readonly files: DescribedFile[]
	readonly manifest: Manifest
}

async function writeRelease(content: Package, effects: Effects): Promise<WrittenRelease> {
	const { modelsDir } = effects
	const folderOf = (version: string) => {
		const manifest = sealManifest(content, version)
		const text = `${JSON.stringify(manifest, null, 2)}\n`
		return { manifest, files: { ...content.files, [MANIFEST_FILE]: text } }
	}
	const { releases } = await changeReleases(effects, async (before) => {
		const version = await nextVersion(effects)
		const { files } = folderOf(version)
		await writeFolder(join(modelsDir, version), files)
		const { file: _, ...digest } = describeBytes('', Buffer.from(files[MANIFEST_FILE] ?? ''))
		return { ...before, releases: [...before.releases, { version, manifest: digest }] }
	})
	// This command held the lock until this release was listed.
	const { manifest, files } = folderOf(releases.at(-1)?.version ?? '')
	return { manifest, files: describeFiles(manifest.version, files) }
}

function describeFiles(
	version: string,
	files: Readonly<Record<string, string | Uint8Array>>,
): DescribedFile[] {
	return Object.entries(files).map(([name, content]) => {
		const { file, ...digest } = describeBytes(`${version}/${name}`, Buffer.from(content))
		return { name: file, ...digest }
	})
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
	return parseWith(NewManifest, { ...manifest, version }, 'manifest')
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
