// `compare`: two models on the same posts, what each subreddit gained or lost, and whether it is more than chance. Node.
import { join } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Metrics } from '../../../src/shared/metrics.ts'
import { Count } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import {
	describeModel,
	findModel,
	loadModel,
	type MeasurableModel,
	type ModelRef,
} from '../evaluation/models.ts'
import type { Report } from '../evaluation/report-schema.ts'
import { measureOnce } from '../evaluation/reuse.ts'
import { openOwnTestSet, openSnapshotSet, openTestSet } from '../evaluation/snapshot-sets.ts'
import type { Measurement } from '../evaluation/steps.ts'
import { openDumps, type RecordableSet, type TestSet } from '../evaluation/titles.ts'
import { describeFile, writeFileAtomic } from '../files.ts'
import { COMPARISON_FILE } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { runStep } from '../pipeline/run-step.ts'
import { declareStep } from '../pipeline/step.ts'
import { comparePaired, judge, type PairedDifference, type Verdict } from './paired-difference.ts'

const SUBREDDITS_SHOWN = 10

/** A subreddit with fewer test posts tells nothing: one post more or less would move its f1 by 0.05. */
export const DEFAULT_MIN_TEST_POSTS = 20

export interface CompareOptions {
	/** Versions, channels, or ids of executions as in `56` or `#56`. */
	readonly a: string
	readonly b: string
	/** Dumps to compare on. */
	readonly posts?: readonly string[] | undefined
	/** A snapshot to compare on; without one and without dumps, the snapshot of `b`. */
	readonly snapshot?: string | undefined
	/** Test posts that a subreddit needs to be listed among those that gained or lost. */
	readonly minPosts: number
}

/** A subreddit's f1 of first suggestions with both models. */
export interface SubredditChange {
	readonly label: string
	readonly posts: number
	readonly a: number
	readonly b: number
}

/** A subreddit's share of all first suggestions, with both models. */
export interface ShareChange {
	readonly label: string
	readonly a: number
	readonly b: number
}

export interface Comparison {
	readonly testSet: string
	readonly split: Report['split']
	readonly testFrom: string
	readonly testUntil: string
	readonly a: { readonly name: string; readonly metrics: Metrics }
	readonly b: { readonly name: string; readonly metrics: Metrics }
	readonly 'recall@1': PairedDifference
	readonly 'recall@5': PairedDifference
	/** About `b`, by recall@5. */
	readonly verdict: Verdict
	readonly minPosts: number
	/** Largest change of f1 first, ten at most. */
	readonly gained: readonly SubredditChange[]
	readonly lost: readonly SubredditChange[]
	/** Subreddits whose share of all first suggestions moved most, largest rise first, then largest fall; ten at most of each. */
	readonly risen: readonly ShareChange[]
	readonly fallen: readonly ShareChange[]
	/** Models that may have seen these posts in training: figures that flatter. */
	readonly warnings: readonly string[]
}

/** The parameters of a comparison. */
export const CompareParameters = v.strictObject({
	minPosts: v.optional(v.pipe(Count, v.minValue(1)), DEFAULT_MIN_TEST_POSTS),
})

const MODELS = ['quantized', 'model', 'release'] as const

/** Two models on the same posts; the folder then holds the comparison. */
export const compareStep = declareStep({
	name: 'compare',
	inputs: {
		/** The one that is there. */
		a: { kinds: MODELS },
		/** The one that may replace it. */
		b: { kinds: MODELS },
		posts: { kinds: ['snapshot', 'dumps'] },
	},
	output: 'comparison',
	section: null,
	parameters: CompareParameters,
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { a, b, posts }, parameters: { minPosts }, dir }, effects) {
		const contest = {
			a: await loadModel(a, effects),
			b: await loadModel(b, effects),
			testSet: await openTestSet(posts, effects),
			minPosts,
		}
		const comparison = await compareModels(contest, effects)
		const path = join(dir, COMPARISON_FILE)
		await writeFileAtomic(path, `${JSON.stringify(comparison)}\n`)
		const metrics = describeFigures(comparison)
		return { files: [await describeFile(path)], metrics, result: comparison }
	},
})

/** @throws AppError `not-found`, `damaged`, `bad-input` where there are no posts */
export async function recordComparison(
	options: CompareOptions,
	effects: Effects,
): Promise<{ readonly comparison: Comparison; readonly execution: Execution }> {
	const a = await findModel(options.a, effects)
	const b = await findModel(options.b, effects)
	const posts = await (await chooseTestSet(options, b, effects)).describe()
	const { minPosts } = options
	const inputs = { a, b, posts }
	const { execution, result } = await runStep(
		compareStep,
		{ inputs, parameters: { minPosts } },
		effects,
	)
	return { comparison: result, execution }
}

function describeFigures({ a, b, ...comparison }: Comparison): Record<string, number> {
	const recalls = (['recall@1', 'recall@5'] as const).flatMap((key) => [
		[`a.${key}`, a.metrics[key]] as const,
		[`b.${key}`, b.metrics[key]] as const,
		[`p.${key}`, comparison[key].p] as const,
	])
	return { posts: b.metrics.posts, ...Object.fromEntries(recalls) }
}

/** Two models and the posts that they are asked about. */
interface Contest extends Pick<CompareOptions, 'minPosts'> {
	readonly a: MeasurableModel
	readonly b: MeasurableModel
	readonly testSet: RecordableSet
}

async function compareModels(
	{ a, b, testSet, minPosts }: Contest,
	effects: Effects,
): Promise<Comparison> {
	const ofA = findHits(await measureOnce(a, testSet, effects))
	const ofB = findHits(await measureOnce(b, testSet, effects))
	const { split, testFrom, testUntil } = ofB.report
	const recallAt5 = comparePaired(countPaired(ofA.hits5, ofB.hits5))
	const changes = listChanges(ofA.report, ofB.report, minPosts)
	const shares = listShareChanges(ofA.report, ofB.report)
	return {
		testSet: testSet.name,
		split,
		testFrom,
		testUntil,
		a: { name: a.name, metrics: ofA.report.metrics },
		b: { name: b.name, metrics: ofB.report.metrics },
		'recall@1': comparePaired(countPaired(ofA.hits1, ofB.hits1)),
		'recall@5': recallAt5,
		verdict: judge(recallAt5),
		minPosts,
		gained: changes.filter(({ a, b }) => b > a).slice(0, SUBREDDITS_SHOWN),
		lost: changes
			.filter(({ a, b }) => b < a)
			.toReversed()
			.slice(0, SUBREDDITS_SHOWN),
		risen: shares.filter(({ a, b }) => b > a).slice(0, SUBREDDITS_SHOWN),
		fallen: shares
			.filter(({ a, b }) => b < a)
			.toReversed()
			.slice(0, SUBREDDITS_SHOWN),
		warnings: [a, b].flatMap((model) => warnOfLeak(model, testSet, ofB.report)),
	}
}

async function chooseTestSet(
	{ posts, snapshot }: CompareOptions,
	b: ModelRef,
	effects: Effects,
): Promise<RecordableSet> {
	if (posts) return openDumps(posts, effects)
	if (snapshot !== undefined) return openSnapshotSet(snapshot, 'test', effects)
	const own = await describeModel(b, effects)
	// A release may come from another machine.
	return b.kind === 'release'
		? openOwnTestSet(own, effects)
		: openSnapshotSet(own.snapshot, 'test', effects)
}

interface Measured {
	readonly report: Report
	/** By post: 1 for a hit. */
	readonly hits1: Uint8Array
	readonly hits5: Uint8Array
}

function findHits({ report, suggestions }: Measurement): Measured {
	const ranks = Array.from({ length: suggestions.posts }, (_, post) => suggestions.rankOf(post))
	return {
		report,
		hits1: Uint8Array.from(ranks, (rank) => (rank === 0 ? 1 : 0)),
		hits5: Uint8Array.from(ranks, (rank) => (rank === -1 ? 0 : 1)),
	}
}

function countPaired(ofA: Uint8Array, ofB: Uint8Array) {
	if (ofA.length !== ofB.length)
		throw new AppError('conflict', 'the posts changed while they were read; run this again')
	let [onlyA, onlyB] = [0, 0]
	for (const [post, hitA] of ofA.entries()) {
		const hitB = ofB[post] ?? 0
		if (hitA > hitB) onlyA += 1
		if (hitB > hitA) onlyB += 1
	}
	return { posts: ofA.length, onlyA, onlyB }
}

/** Largest gain first. */
function listChanges(ofA: Report, ofB: Report, minPosts: number): SubredditChange[] {
	const before = new Map(ofA.subreddits.map(({ label, f1 }) => [label, f1]))
	return ofB.subreddits
		.filter(({ posts }) => posts >= minPosts)
		.map(({ label, posts, f1 }) => ({ label, posts, a: before.get(label) ?? 0, b: f1 }))
		.sort((one, other) => other.b - other.a - (one.b - one.a) || (one.label < other.label ? -1 : 1))
}

/** Largest rise first. */
function listShareChanges(ofA: Report, ofB: Report): ShareChange[] {
	const sharesOf = ({ subreddits, metrics }: Report) =>
		new Map(subreddits.map(({ label, predicted }) => [label, predicted / metrics.posts]))
	const [before, after] = [sharesOf(ofA), sharesOf(ofB)]
	return [...new Set([...before.keys(), ...after.keys()])]
		.map((label) => ({ label, a: before.get(label) ?? 0, b: after.get(label) ?? 0 }))
		.sort((one, other) => other.b - other.a - (one.b - one.a) || (one.label < other.label ? -1 : 1))
}

function warnOfLeak(model: MeasurableModel, testSet: TestSet, report: Report): string[] {
	const isOwn = testSet.snapshot === model.snapshot
	if (isOwn || model.trainedUntil <= report.testFrom) return []
	return [
		`${model.name} was trained on posts until ${model.trainedUntil}: it may have seen some of these, and its figures flatter`,
	]
}
