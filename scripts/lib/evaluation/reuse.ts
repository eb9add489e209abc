// Whether a model was asked about a test set before: what it said then need not be asked for again.
import { isDeepStrictEqual } from 'node:util'
import type { Adjustment } from '../../../src/model/suggest.ts'
import type { Effects } from '../effects.ts'
import { type ArtifactRef, EVALUATION_FILES, MODEL_FILES } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { listExecutions } from '../pipeline/executions.ts'
import { codeVersion } from '../pipeline/machine.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { isOfThisProcess } from '../pipeline/run-step.ts'
import type { MeasurableModel } from './models.ts'
import { readAdjustment } from './models.ts'
import { type Measurement, measure, readMeasurement } from './steps.ts'
import type { RecordableSet } from './titles.ts'

/** Asks a model about each post of a test set, or reads what an evaluation by the same code has found. */
export async function measureOnce(
	model: MeasurableModel,
	testSet: RecordableSet,
	effects: Effects,
): Promise<Measurement> {
	const before = await findMeasurement(model, testSet, effects)
	return before ? readMeasurement(before, effects) : measure(model, testSet, effects)
}

/** The newest evaluation of the same model, with the same prior and calibration, on the same posts, by the same code. */
async function findMeasurement(
	model: MeasurableModel,
	testSet: RecordableSet,
	effects: Effects,
): Promise<Execution | null> {
	const posts = await testSet.describe()
	if (posts.sha256 === null) return null
	const candidates = (await listExecutions(effects)).filter(
		({ step, inputs, outputs }) =>
			step === 'evaluate' &&
			inputs.model &&
			modelDigest(inputs.model) === modelDigest(model.ref) &&
			inputs.posts?.sha256 === posts.sha256 &&
			outputs.some(({ name }) => name === EVALUATION_FILES.suggestions),
	)
	for (const evaluation of candidates.toReversed())
		if ((await isSameCode(evaluation)) && (await isSameModel(evaluation, model, effects)))
			return evaluation
	return null
}

/** Of its model's file alone. */
function modelDigest({ kind, files, sha256 }: ArtifactRef): string | null {
	if (kind !== 'candidate') return sha256
	const names = Object.values<string>(MODEL_FILES)
	return files.find(({ name }) => names.includes(name))?.sha256 ?? null
}

async function isSameCode(evaluation: Execution): Promise<boolean> {
	if (isOfThisProcess(evaluation)) return true
	const { commit, dirty } = await codeVersion()
	return !dirty && !evaluation.code.dirty && evaluation.code.commit === commit
}

// A release has the prior and the calibration of its manifest; the same bytes may stand in another release with others.
async function isSameModel(
	evaluation: Execution,
	{ ref, calibration, prior }: MeasurableModel,
	effects: Effects,
): Promise<boolean> {
	const { model } = evaluation.inputs
	if (model?.kind !== 'candidate') return model?.kind === 'release' && model.name === ref.name
	const own: Adjustment = await readAdjustment(await readMaker(model, effects), effects)
	return isDeepStrictEqual(own, { calibration, prior })
}
