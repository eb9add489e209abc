// The step `adjust`: a model becomes a candidate, with the reranker, the prior and the calibration that its suggestions need.
import { join } from 'node:path'
import * as v from 'valibot'
import type { Adjustment } from '../../../src/model/suggest.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { describeFile, linkFile, writeOutputs } from '../files.ts'
import { type ArtifactOf, CANDIDATE_FILES, MODEL_FILES } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { findOutput, readMaker } from '../pipeline/outputs.ts'
import { declareStep } from '../pipeline/step.ts'
import { checkRecordedFile } from '../recorded-files.ts'
import { readSnapshotOf } from '../snapshot/read-snapshot.ts'
import { adoptAdjustment } from './adjust.ts'
import { adjustCandidate, readAdjustment, readExecutionModel } from './models.ts'

export const adjustStep = declareStep({
	name: 'adjust',
	inputs: {
		model: { kinds: ['quantized', 'model'] },
		/** The one that the model was trained on: its validation posts are what reranker, prior and calibration are chosen on. */
		snapshot: { kinds: ['snapshot'] },
		/** A candidate of the same recipe, whose reranker, prior and calibration are taken over in place of choosing some. */
		twin: { kinds: ['candidate'], optional: true },
	},
	output: 'candidate',
	section: null,
	parameters: v.object({}),
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { model, snapshot, twin }, dir }, effects) {
		const maker = await readMaker(model, effects)
		const asked = await readExecutionModel(maker, effects)
		const { snapshot: found } = await readSnapshotOf(snapshot, effects)
		const adjustment = twin
			? adoptAdjustment(await readTwin(maker, twin, effects), asked.labels, found.labels)
			: await adjustCandidate(asked, found.hash, effects)
		const file = MODEL_FILES[model.kind]
		const from = await checkRecordedFile(findOutput(maker, file, effects))
		await linkFile(from, join(dir, file))
		const described = await writeOutputs(dir, formatAdjustment(adjustment))
		const files = [await describeFile(join(dir, file)), ...described]
		const { prior, reranker } = adjustment
		const temperature = reranker ? { 'reranker.temperature': reranker.temperature } : {}
		return { files, metrics: { ...describePrior(prior), ...temperature }, result: adjustment }
	},
})

function formatAdjustment(adjustment: Adjustment): Record<string, string> {
	const parts = Object.entries(CANDIDATE_FILES) as [keyof Adjustment, string][]
	const made = parts.filter(([part]) => adjustment[part] !== undefined)
	return Object.fromEntries(
		made.map(([part, file]) => [file, `${JSON.stringify(adjustment[part])}\n`]),
	)
}

function describePrior(prior: Adjustment['prior']): Record<string, number> {
	if (!prior) return {}
	const times = (prior.short ?? []).map(({ knownWords, times }) => [
		`prior.times.${knownWords}`,
		times,
	])
	const { alpha, beta, gamma, order } = prior
	const bySize = beta === undefined ? { 'prior.alpha': alpha } : { 'prior.beta': beta }
	const byOrder = order === undefined ? {} : { 'prior.order': order }
	return { ...bySize, 'prior.gamma': gamma, ...byOrder, ...Object.fromEntries(times) }
}

/** @throws AppError `bad-input` where it is of another recipe */
async function readTwin(
	model: Execution,
	twin: ArtifactOf<'candidate'>,
	effects: Effects,
): Promise<Adjustment> {
	const candidate = await readMaker(twin, effects)
	const other = await readModelMaker(candidate, effects)
	const refuse = (why: string) => {
		throw new AppError(
			'bad-input',
			`execution #${model.id} is no twin of #${other.id}: ${why}; name a candidate with the same recipe`,
		)
	}
	if (other.step !== model.step) refuse(`one is a ${model.step}, the other a ${other.step}`)
	const recipes = await Promise.all([model, other].map((one) => recipeOf(one, effects)))
	if (recipes[0] !== recipes[1]) refuse('they were made with different parameters')
	return readAdjustment(candidate, effects)
}

/** The train or quantize execution whose model a candidate has. */
export async function readModelMaker(candidate: Execution, effects: Effects): Promise<Execution> {
	const { model } = candidate.inputs
	if (model) return readMaker(model, effects)
	throw new AppError('bad-data', `execution #${candidate.id} names no model; adjust it again`)
}

/**
 * All parameters that a model was made with, as text. How many threads shared the work changes nothing. Records from before December
 * 2026 name engine, loss and hash buckets, too: of each there is one left.
 */
async function recipeOf(execution: Execution, effects: Effects): Promise<string> {
	const { threads: _, engine: _engine, loss: _loss, bucket: _bucket, ...own } = execution.parameters
	const { model } = execution.inputs
	const before = model?.execution ? await readMaker(model, effects) : null
	return JSON.stringify([own, before && (await recipeOf(before, effects))])
}
