// `retrain`: makes a candidate from the posts and picks of today, and puts it on `staging` if nothing looks poisoned. It never touches
// `production`.
import { AppError } from '../../../src/shared/app-error.ts'
import type { ComparisonReport, FirstShare } from '../../../src/shared/comparison-report.ts'
import type { Manifest } from '../../../src/shared/manifest.ts'
import type { Effects } from '../effects.ts'
import { openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { UNSEEN_DRAW, UNSEEN_METRIC } from '../evaluation/unseen-figure.ts'
import type { Admission } from '../feedback/admit.ts'
import type { Choice } from '../feedback/choose.ts'
import { describeAdmission } from '../feedback/format.ts'
import { readChosenTitles } from '../feedback/stored-feedback.ts'
import { adjustModel, evaluateCandidate } from '../nodes/candidates.ts'
import { type CompareOptions, recordComparison, refuseLearntBy } from '../nodes/compare.ts'
import { publish } from '../nodes/publish.ts'
import { resolve } from '../nodes/resolve.ts'
import { makeSnapshot, type SnapshotRun } from '../nodes/snapshot.ts'
import { quantizeModel, trainSnapshot } from '../nodes/train.ts'
import { recordUnseen } from '../nodes/unseen.ts'
import { nullIfMissing } from '../null-if-missing.ts'
import { type Execution, executionName } from '../pipeline/execution-schema.ts'
import { readReleases } from '../release-files/releases-json.ts'
import { promote } from '../releases/channels.ts'
import type { Snapshot } from '../snapshot/snapshot-schema.ts'
import { DEFAULTS, findRecipe, type Recipe } from './recipe.ts'

export interface RetrainOptions {
	readonly snapshot: SnapshotRun
	/** How far a subreddit's share of the first suggestions may exceed production's, as a share of all titles. */
	readonly maxShareRise: number
	/** By how much recall@5 may lie below production's, as in the gate, for a candidate to be refitted. */
	readonly recallMargin: number
	/** The parameters to train with (default: production's or, before there is one, the latest model's). */
	readonly recipe?: Recipe | undefined
	/** What is compared with production, beside the test posts. */
	readonly comparison?: CompareOptions['parameters']
	/** Trains a good candidate's recipe once more on everything, test posts included, and publishes that. */
	readonly refit: boolean
	/** Also measures unseen.recall@5, which takes another training. */
	readonly measureUnseen: boolean
	readonly why: string
}

export interface Retraining {
	readonly manifest: Manifest
	/** In their order: snapshot, train, quantize, unseen, adjust, evaluate, compare, publish. */
	readonly executions: readonly Execution[]
	readonly feedback: Choice
	/** How many titles have a subreddit that is not a label. */
	readonly feedbackLeftOut: number
	/** Picks that were held back, and why. */
	readonly admission: Admission
	/** The comparison with production on the same posts; null if production serves nothing that can be compared. */
	readonly comparison: ComparisonReport | null
	/** Subreddits that rose beyond the limit; if there are any, no channel serves the release. */
	readonly risen: readonly FirstShare[]
}

/** What a retraining would do. */
export interface RetrainPlan {
	readonly like: string
	/** The parameters that differ from the defaults. */
	readonly parameters: Readonly<Record<string, unknown>>
	readonly feedback: Choice
}

export async function planRetraining(
	options: RetrainOptions,
	effects: Effects,
): Promise<RetrainPlan> {
	const { like, train, quantize } = options.recipe ?? (await findRecipe(effects))
	const usual: Readonly<Record<string, unknown>> = { ...DEFAULTS.quantize, ...DEFAULTS.train }
	const parameters = Object.entries({ ...quantize, ...train })
	return {
		like,
		parameters: Object.fromEntries(parameters.filter(([key, value]) => usual[key] !== value)),
		feedback: await readChosenTitles(effects),
	}
}

/** Each step is recorded, so one that fails can be run again by its own command, and nothing is made twice. */
export async function retrain(options: RetrainOptions, effects: Effects): Promise<Retraining> {
	const recipe = options.recipe ?? (await findRecipe(effects))
	const feedback = await readChosenTitles(effects)
	const { feedbackWeight } = options.snapshot.parameters
	effects.err(`feedback: ${feedback.titles.length} titles, ${feedbackWeight} lines each`)
	const {
		snapshot,
		admission,
		execution: snapshotting,
	} = await makeSnapshot(options.snapshot, effects)
	say(snapshotting, effects)
	for (const line of describeAdmission(admission)) effects.err(line)
	const { feedbackLeftOut = 0 } = snapshot.counts
	if (feedbackLeftOut > 0)
		effects.err(`feedback: ${feedbackLeftOut} titles left out, as their subreddits are no labels`)
	await checkProduction(snapshot.hash, effects)
	const model = await makeModel(snapshot, recipe, effects)
	const [, quantizing] = model
	const unseen = options.measureUnseen
		? await orSay(
				`${UNSEEN_METRIC} was not measured`,
				recordUnseen(quantizing, UNSEEN_DRAW, effects),
				effects,
			)
		: null
	if (unseen) say(unseen.execution, effects)
	const adjusting = say(await adjustModel(quantizing, effects), effects)
	const evaluation = say(await evaluateCandidate(adjusting, effects), effects)
	const models = { a: 'production', b: executionName(adjusting) }
	const compared = await orSay(
		'not compared with production',
		recordComparison({ ...models, parameters: options.comparison ?? {} }, effects),
		effects,
	)
	const comparison = compared?.comparison ?? null
	const risen = findRisen(comparison, options.maxShareRise)
	const isGood = risen.length === 0 && !fallsBelow(options.recallMargin, comparison)
	const twin = { snapshot, adjusting, recipe }
	const refitted = options.refit && isGood ? await refit(twin, options, effects) : []
	if (options.refit && !isGood)
		effects.err('not trained on the test posts: the candidate is worse than the gate allows')
	const published = refitted.at(-1) ?? adjusting
	const candidate = { execution: executionName(published), why: options.why, dryRun: false }
	const { manifest, execution: publishing } = await publish(candidate, effects)
	if (risen.length === 0) {
		const { version } = manifest
		await promote({ version, channel: 'staging', why: options.why, dryRun: false }, effects)
	}
	const measured = [adjusting, evaluation, compared?.execution]
	const made = [snapshotting, ...model, unseen?.execution, ...measured, ...refitted, publishing]
	return {
		manifest,
		executions: made.flatMap((execution) => execution ?? []),
		feedback,
		feedbackLeftOut,
		admission,
		comparison,
		risen,
	}
}

/**
 * Whether recall@5 fell by more than chance, and may have fallen by more than the gate allows: a model may find a little less where it
 * is better at something else, and few test posts cannot tell.
 */
export function fallsBelow(margin: number, comparison: ComparisonReport | null): boolean {
	return comparison?.verdict === 'worse' && comparison['recall@5'].low <= -margin
}

/** A model that was found good. */
interface Twin {
	readonly snapshot: Snapshot
	readonly adjusting: Execution
	readonly recipe: Recipe
}

/**
 * Trains the recipe of a candidate on all posts until the end of its test posts. The new model has the candidate's figures, because
 * none are measured on posts that a model has seen.
 *
 * @returns snapshot, training, quantizing, and the candidate with the reranker, the prior and the calibration of its twin
 */
async function refit(
	{ snapshot, adjusting, recipe }: Twin,
	{ snapshot: { parameters, ...run } }: RetrainOptions,
	effects: Effects,
): Promise<Execution[]> {
	const all = {
		...parameters,
		split: 'all',
		until: snapshot.testUntil,
		testFrom: null,
		testUntil: null,
		feedbackTestShare: 0,
	} as const
	const { snapshot: whole, execution: snapshotting } = await makeSnapshot(
		{ ...run, parameters: all },
		effects,
	)
	say(snapshotting, effects)
	const model = await makeModel(whole, recipe, effects)
	const [, quantizing] = model
	const adopted = await adjustModel(quantizing, effects, { twin: adjusting })
	return [snapshotting, ...model, say(adopted, effects)]
}

/** Trains a recipe on a snapshot and quantises the model. */
async function makeModel(
	{ hash }: Snapshot,
	{ train, quantize }: Recipe,
	effects: Effects,
): Promise<[training: Execution, quantizing: Execution]> {
	const training = await trainSnapshot({ snapshot: hash, parameters: train }, effects)
	say(training, effects)
	const ofTraining = { execution: executionName(training), parameters: quantize }
	return [training, say(await quantizeModel(ofTraining, effects), effects)]
}

/** Subreddits whose share of the first suggestions rose by more than the limit. */
function findRisen(comparison: ComparisonReport | null, limit: number): readonly FirstShare[] {
	return comparison?.risen.filter(({ a, b }) => b - a > limit) ?? []
}

function say(execution: Execution, { err }: Pick<Effects, 'err'>): Execution {
	err(`${execution.step} is done: execution #${execution.id}`)
	return execution
}

/** Neither a missing list of subreddits nor a failed comparison must throw away hours of training. */
async function orSay<T>(
	what: string,
	work: Promise<T>,
	{ err }: Pick<Effects, 'err'>,
): Promise<T | null> {
	return work.catch((error: unknown) => {
		if (!(error instanceof AppError) || error.code === 'aborted') throw error
		err(`${what}: ${error.message}`)
		return null
	})
}

/**
 * Checks before hours of training that the result can be compared; otherwise nothing would show which subreddits rose.
 *
 * @throws AppError `bad-input` if production has learnt the test posts
 */
async function checkProduction(snapshotHash: string, effects: Effects): Promise<void> {
	const { channels } = await readReleases(effects.modelsDir)
	if (channels.production === null) return
	const testSet = await openSnapshotSet(snapshotHash, 'test', effects)
	const production = await resolve('production', testSet, effects).catch(nullIfMissing)
	// If its model is missing, the comparison will say so.
	if (production) await refuseLearntBy(production.asked, testSet, effects)
}
