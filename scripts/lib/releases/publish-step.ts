// The step `publish` makes a release of a candidate: a folder that is written under a temporary name, renamed, and listed in releases.json.
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { readingVersion } from '../../../src/model/padding.ts'
import type { Adjustment } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { type Manifest, NewManifest } from '../../../src/shared/manifest.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { Parameters } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { readModelMaker } from '../evaluation/adjust-step.ts'
import { readReport } from '../evaluation/evaluate-step.ts'
import { readAdjustment, snapshotOf } from '../evaluation/models.ts'
import {
	type DescribedFile,
	makeFolder,
	storageError,
	temporaryPath,
	writeFileAtomic,
} from '../files.ts'
import { RELEASE_FILES } from '../pipeline/artifacts.ts'
import { type Execution, executionName } from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { codeVersion } from '../pipeline/machine.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { declareStep } from '../pipeline/step.ts'
import { checkNormalizer } from '../release-files/release.ts'
import { readReleases } from '../release-files/releases-json.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { RecordedTraining } from '../trainer/parameters.ts'
import { changeReleases } from './change-releases.ts'
import { describeBytes, packServedFiles } from './pack.ts'

/** What was published or, in a dry run, would be. The manifest is complete either way. */
export interface Publication {
	readonly manifest: Manifest
	/** The record; null in a dry run. */
	readonly execution: Execution | null
}

/** Everything of a release but its version. */
export interface Package {
	readonly files: Readonly<Record<string, string | Uint8Array>>
	readonly manifest: Omit<v.InferOutput<typeof NewManifest>, 'version'>
	/** The steps that ran with uncommitted code, as in `train #2`. */
	readonly dirtySteps: readonly string[]
}

/** Makes a release of a candidate, with its own figures or those of its twin. */
export const publishStep = declareStep({
	name: 'publish',
	inputs: { candidate: { kinds: ['candidate'] }, evaluation: { kinds: ['evaluation'] } },
	output: 'release',
	section: null,
	parameters: v.strictObject({ why: v.optional(v.string(), '') }),
	indifferent: ['why'],
	entry: import.meta.filename,
	async work({ inputs }, effects) {
		const candidate = await readMaker(inputs.candidate, effects)
		const evaluation = await readMaker(inputs.evaluation, effects)
		const model = await readModelMaker(candidate, effects)
		const adjustment = await readAdjustment(candidate, effects)
		const report = await readReport(evaluation, effects)
		const made = { model, candidate, evaluation }
		const content = await packRelease({ ...made, adjustment, report }, effects)
		warnOfDirtyCode(content, effects)
		const { files, manifest } = await writeRelease(content, effects)
		return { files, name: manifest.version, metrics: report.metrics, result: manifest }
	},
})

/** Warns if a release can't be made again from a commit. */
export function warnOfDirtyCode({ dirtySteps }: Package, { err }: Pick<Effects, 'err'>): void {
	if (dirtySteps.length > 0)
		err(
			`warning: code was dirty (${dirtySteps.join(', ')}): this release cannot be made again from a commit; for one that can, commit and run these again`,
		)
}

/** What a release is made of; null if it is not recorded, as in a dry run. */
export interface ReleaseParts {
	readonly model: Execution
	readonly candidate: Execution | null
	readonly evaluation: Execution | null
}

export interface MeasuredParts extends ReleaseParts {
	readonly adjustment: Adjustment
	readonly report: StoredEvaluationReport
}

export async function packRelease(
	{ model: quantizing, candidate, evaluation, adjustment, report }: MeasuredParts,
	effects: Effects,
): Promise<Package> {
	const { calibration, prior, reranker } = adjustment
	const training = await readTraining(quantizing, effects)
	const recipe = parseWith(RecordedTraining, training.parameters, `parameters of #${training.id}`)
	const { snapshot, execution } = await readSnapshot(effects, snapshotOf(quantizing))
	checkNormalizer(snapshot.normalizer)
	const served = await packServedFiles(candidate ?? quantizing, effects)
	const reportText = `${JSON.stringify(report)}\n`
	const made = [training, quantizing, candidate, evaluation]
	const steps = made.filter((step) => step !== null)
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
			report: { file: RELEASE_FILES.report, ...describeBytes(reportText) },
			labels: served.labels,
			normalizer: readingVersion(recipe.dilution),
			loss: 'softmax',
			training: recipe,
			quantizing: parseWith(Parameters, quantizing.parameters, `parameters of #${quantizing.id}`),
			calibration,
			...(prior ? { prior } : {}),
			...(reranker ? { reranker } : {}),
			metrics: { ...report.metrics, ...whereMeasured(report) },
			data: {
				snapshot: snapshot.hash,
				// Picked titles and descriptions are not posts, however many lines they became.
				posts:
					snapshot.counts.train - snapshot.counts.feedbackLines - (snapshot.counts.aboutLines ?? 0),
				subreddits: snapshot.counts.labels,
				from: snapshot.from,
				until: snapshot.until,
			},
			code: { commit: training.code.commit, dirty: dirtySteps.length > 0 },
			executions: [...(execution === null ? [] : [execution]), ...steps.map(executionName)],
			...(await describeTwin({ candidate, evaluation }, effects)),
		},
	}
}

/** The candidate that the figures are of, if it is another one. */
async function describeTwin(
	{ candidate, evaluation }: Pick<ReleaseParts, 'candidate' | 'evaluation'>,
	effects: Effects,
): Promise<Pick<Manifest, 'twin'>> {
	const measured = evaluation?.inputs.model?.execution
	if (!evaluation || !measured || !candidate || measured === executionName(candidate)) return {}
	const twin = await readExecution(effects, measured)
	const { snapshot } = await readSnapshot(effects, snapshotOf(twin))
	const execution = executionName(evaluation)
	return { twin: { execution, snapshot: snapshot.hash, trainedUntil: snapshot.until } }
}

function whereMeasured({ testFrom, testUntil, ...report }: StoredEvaluationReport) {
	return { ...splitOf(report), testFrom, testUntil }
}

/** The training whose model was quantized. */
export async function readTraining(candidate: Execution, effects: Effects): Promise<Execution> {
	const maker = candidate.inputs.model?.execution
	if (maker) return readExecution(effects, maker)
	throw new AppError('bad-data', `execution #${candidate.id} names no training; quantize again`)
}

/** The written files, with names such as `20200602.0/manifest.json`. */
interface WrittenRelease {
	readonly files: DescribedFile[]
	readonly manifest: Manifest
}

async function writeRelease(content: Package, effects: Effects): Promise<WrittenRelease> {
	const { modelsDir } = effects
	return changeReleases(effects, async (before) => {
		const version = await nextVersion(effects)
		const manifest = sealManifest(content, version)
		const text = `${JSON.stringify(manifest, null, 2)}\n`
		const files = { ...content.files, [MANIFEST_FILE]: text }
		await writeFolder(join(modelsDir, version), files)
		const described = Object.entries(files).map(([name, bytes]) => ({
			name: `${version}/${name}`,
			...describeBytes(bytes),
		}))
		const entry = { version, manifest: describeBytes(text) }
		return {
			releases: { ...before, releases: [...before.releases, entry] },
			result: { manifest, files: described },
		}
	})
}

/** Today's date in UTC, and the first number that neither a folder nor releases.json has. */
export async function nextVersion({
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

export function sealManifest({ manifest }: Package, version: string): Manifest {
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
