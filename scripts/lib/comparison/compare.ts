// The step `compare`: two models on the same posts, what each subreddit gained or lost, and whether it is more than chance.
import * as v from 'valibot'
import type { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import type { Effects } from '../effects.ts'
import { measure, readMeasurement } from '../evaluation/evaluate-step.ts'
import { refuseLearnt } from '../evaluation/learnt-posts.ts'
import { loadModel, type MeasurableModel } from '../evaluation/models.ts'
import { EvaluationParameters } from '../evaluation/parameters.ts'
import { openTestSet } from '../evaluation/snapshot-sets.ts'
import type { RecordableSet, TestSet } from '../evaluation/titles.ts'
import { writeOutputs } from '../files.ts'
import { nullIfMissing } from '../null-if-missing.ts'
import { type ArtifactOf, COMPARISON_FILE } from '../pipeline/artifacts.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { declareStep } from '../pipeline/step.ts'
import { readManifest } from '../release-files/release.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { packForTransport } from '../release-files/transport.ts'
import { readSnapshot } from '../snapshot/read-snapshot.ts'
import { type AskedSet, type Contestant, composeReport } from './compose.ts'
import { endOfHistory, openHistory } from './history.ts'
import { ComparisonParameters, GateParameters, Groups } from './parameters.ts'

/** The parameters of a comparison, of several sections of the parameters file. */
export const CompareParameters = v.strictObject({
	minPosts: EvaluationParameters.entries.minPosts,
	...ComparisonParameters.entries,
	groups: Groups,
	/** Limits of the gate; null: it is not asked. */
	gate: v.optional(v.nullable(GateParameters), null),
})
export type CompareParameters = v.InferOutput<typeof CompareParameters>

/** The last two: twins of releases from before there were candidates. */
const MODELS = ['candidate', 'release', 'quantized', 'model'] as const

/** Two models on the same posts; the folder then holds the comparison. */
export const compareStep = declareStep({
	name: 'compare',
	inputs: {
		/** The one that is there. */
		a: { kinds: MODELS },
		/** The one that may replace it. */
		b: { kinds: MODELS },
		posts: { kinds: ['snapshot', 'dumps'] },
		/** What the two said to the posts; records from before name none. */
		evaluationOfA: { kinds: ['evaluation'], optional: true },
		evaluationOfB: { kinds: ['evaluation'], optional: true },
		/** Older posts, on which suggestions shall not be completely different. */
		history: { kinds: ['posts', 'dumps'], optional: true },
	},
	output: 'comparison',
	section: null,
	parameters: CompareParameters,
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs, parameters, dir }, effects) {
		const a = await loadModel(inputs.a, effects)
		const b = await loadModel(inputs.b, effects)
		const testSet = await openTestSet(inputs.posts, effects)
		const { evaluationOfA, evaluationOfB } = inputs
		const asked = { a: { model: a, by: evaluationOfA }, b: { model: b, by: evaluationOfB } }
		const contestants = await askBoth(asked, testSet, effects)
		const before = endOfHistory(contestants.b.report)
		const { sets, ref } = await openOlder(inputs.history, parameters, before, effects)
		const older = await askOlder(a, b, sets, effects)
		const { minPosts, groups, gate: limits } = parameters
		const gate = limits && {
			limits,
			downloadBytes: await downloadBytes(b, effects),
			refused: await readRefused(b, effects),
		}
		const options = { testSet: testSet.name, minPosts, groups, gate }
		const report = composeReport(contestants.a, contestants.b, older, options)
		return {
			files: await writeOutputs(dir, { [COMPARISON_FILE]: `${JSON.stringify(report)}\n` }),
			metrics: describeFigures(report),
			inputs: ref ? { history: ref } : {},
			result: report,
		}
	},
})

function describeFigures({ a, b, gate, ...comparison }: ComparisonReport): Record<string, number> {
	const recalls = (['recall@1', 'recall@5'] as const).flatMap((key) => [
		[`a.${key}`, a.metrics[key]] as const,
		[`b.${key}`, b.metrics[key]] as const,
		[`p.${key}`, comparison[key].p] as const,
	])
	const passed = gate ? { 'gate.passed': Number(gate.passed) } : {}
	return { posts: b.metrics.posts, ...Object.fromEntries(recalls), ...passed }
}

/** A model, and the evaluation that asked it already. */
interface Asked {
	readonly model: MeasurableModel
	readonly by: ArtifactOf<'evaluation'> | undefined
}

/** @throws AppError `bad-input` where one of them has learnt the posts */
async function askBoth(
	{ a, b }: { readonly a: Asked; readonly b: Asked },
	testSet: RecordableSet,
	effects: Effects,
): Promise<{ readonly a: Contestant; readonly b: Contestant }> {
	// When the posts of dumps were created is known once they were read.
	const isKnown = testSet.snapshot !== null
	if (isKnown) for (const { model } of [a, b]) refuseLearnt(model, testSet, testSet.window())
	const first = await askModel(a, testSet, effects)
	const { testFrom: from, testUntil: until } = first.report
	if (!isKnown) for (const { model } of [a, b]) refuseLearnt(model, testSet, { from, until })
	return { a: first, b: await askModel(b, testSet, effects) }
}

async function askModel(
	{ model, by }: Asked,
	testSet: RecordableSet,
	effects: Effects,
): Promise<Contestant> {
	const measurement = by
		? await readMeasurement(await readMaker(by, effects), effects)
		: await measure(model, testSet, effects)
	return { ...measurement, name: model.name, labels: model.labels }
}

async function openOlder(
	history: ArtifactOf<'posts'> | ArtifactOf<'dumps'> | undefined,
	parameters: CompareParameters,
	before: string,
	effects: Effects,
): Promise<{ readonly sets: readonly TestSet[]; readonly ref?: ArtifactOf<'posts'> }> {
	if (history === undefined) return { sets: [] }
	if (history.kind === 'dumps') return { sets: [await openTestSet(history, effects)] }
	return openHistory(parameters, before, effects)
}

async function askOlder(
	a: MeasurableModel,
	b: MeasurableModel,
	sets: readonly TestSet[],
	effects: Effects,
): Promise<AskedSet[]> {
	const asked: AskedSet[] = []
	for (const set of sets) {
		const { suggestions: ofA } = await measure(a, set, effects)
		const { suggestions: ofB } = await measure(b, set, effects)
		asked.push({ name: set.name, kind: 'history', ...set.window(), a: ofA, b: ofB })
	}
	return asked
}

/** What the policy left out of a model's snapshot, by name in lower case; nothing where the snapshot is not of this data folder. */
async function readRefused(
	{ snapshot: hash }: MeasurableModel,
	effects: Effects,
): Promise<ReadonlyMap<string, string>> {
	const found = await readSnapshot(effects, hash).catch(nullIfMissing)
	const refused = found?.snapshot.policy ?? []
	return new Map(refused.map(({ name, reason }) => [name.toLowerCase(), reason]))
}

/** Of the model's file as a page downloads it; of a candidate as `release publish` would pack it. */
async function downloadBytes(
	{ bytes, ref }: MeasurableModel,
	{ modelsDir }: Effects,
): Promise<number> {
	if (ref.kind !== 'release') return (await packForTransport(bytes)).bytes.length
	const entry = findRelease(await readReleases(modelsDir), ref.name)
	return (await readManifest(modelsDir, entry)).model.bytes
}
