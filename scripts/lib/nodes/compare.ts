// `compare`: finds two models and the posts, gets both evaluations, and records the comparison.
import * as v from 'valibot'
import type { ComparisonReport } from '../../../src/shared/comparison-report.ts'
import { splitOf } from '../../../src/shared/metrics.ts'
import { CompareParameters, compareStep } from '../comparison/compare.ts'
import { readHistory } from '../comparison/history.ts'
import type { Effects } from '../effects.ts'
import { refuseLearnt } from '../evaluation/learnt-posts.ts'
import { describeLearnt, describeModel, type ModelRef } from '../evaluation/models.ts'
import { openOwnTestSet, openSnapshotSet } from '../evaluation/snapshot-sets.ts'
import { describeDumps, openDumps, type RecordableSet } from '../evaluation/titles.ts'
import { makeFresh } from '../graph/make.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { writeGateRecord } from '../release-files/gates.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { evaluateModel, refEvaluation } from './candidates.ts'
import { resolve } from './resolve.ts'

export interface CompareOptions {
	/** Versions, channels, or ids of executions as in `56` or `#56`. */
	readonly a: string
	readonly b: string
	readonly posts?: readonly string[] | undefined
	/** A snapshot to compare on; without one and without dumps, the snapshot of `b`. */
	readonly snapshot?: string | undefined
	/** Dumps of older posts; without them, months of the database. */
	readonly history?: readonly string[] | undefined
	/** Absent ones have their defaults. */
	readonly parameters?: v.InferInput<typeof CompareParameters>
}

/**
 * Compares two models and records it. A verdict of the gate on two releases is also written beside the releases.
 *
 * @throws AppError `not-found`, `damaged`, `bad-input` where there are no posts
 */
export async function recordComparison(
	{ history, parameters = {}, ...options }: CompareOptions,
	effects: Effects,
): Promise<{ readonly comparison: ComparisonReport; readonly execution: Execution }> {
	const chosen = await openChosenSet(options, effects)
	const b = await resolve(options.b, chosen ?? 'own', effects)
	const testSet = chosen ?? (await openTestSetOf(b.asked, effects))
	const a = await resolve(options.a, testSet, effects)
	for (const { asked } of [a, b]) await refuseLearntBy(asked, testSet, effects)
	const values = v.parse(CompareParameters, parameters)
	const run = {
		inputs: {
			...{ a: a.asked, b: b.asked, posts: await testSet.describe() },
			evaluationOfA: refEvaluation(await evaluateModel(a.asked, testSet, effects)),
			evaluationOfB: refEvaluation(await evaluateModel(b.asked, testSet, effects)),
			history: history
				? await describeDumps(history)
				: (await readHistory(values, testSet, effects))?.ref,
		},
		parameters: values,
	}
	const { execution, result } = await makeFresh(compareStep, run, effects)
	const shown = { a: a.shown, b: b.shown }
	await recordGate({ ...shown, comparison: result, execution: execution.id }, effects)
	return { comparison: result, execution }
}

/** Checks before a model is asked that there are posts; for dumps, that is known only after reading them. @throws AppError `bad-input` */
export async function refuseLearntBy(
	model: ModelRef,
	testSet: RecordableSet,
	effects: Effects,
): Promise<void> {
	if (testSet.snapshot === null) return
	const { name } = await describeModel(model, effects)
	const learnt = await describeLearnt(model, effects)
	refuseLearnt({ ...learnt, name }, testSet, testSet.window())
}

/** The posts that the command line names; null if it names none. */
async function openChosenSet(
	{ posts, snapshot }: Pick<CompareOptions, 'posts' | 'snapshot'>,
	effects: Effects,
): Promise<RecordableSet | null> {
	if (posts) return openDumps(posts, effects)
	return snapshot === undefined ? null : openSnapshotSet(snapshot, 'test', effects)
}

async function openTestSetOf(model: ModelRef, effects: Effects): Promise<RecordableSet> {
	const own = await describeModel(model, effects)
	// A release may come from another machine.
	return model.kind === 'release'
		? openOwnTestSet(own, effects)
		: openSnapshotSet(own.snapshot, 'test', effects)
}

/**
 * Writes the verdict of the gate beside the releases, where `release promote` looks for it; nothing if the gate was not asked, or if one
 * of the two is not a release yet.
 */
async function recordGate(
	{
		a,
		b,
		comparison: { gate, testSet, testFrom, testUntil, b: measured, ...comparison },
		execution,
	}: {
		readonly a: ModelRef
		readonly b: ModelRef
		readonly comparison: ComparisonReport
		readonly execution: number
	},
	{ modelsDir, now }: Pick<Effects, 'modelsDir' | 'now'>,
): Promise<void> {
	if (!gate || a.kind !== 'release' || b.kind !== 'release') return
	const releases = await readReleases(modelsDir)
	const gated = (name: string) => {
		const { version, manifest } = findRelease(releases, name)
		return { version, manifest: manifest.sha256 }
	}
	await writeGateRecord(modelsDir, {
		schema: 1,
		at: now().toISOString(),
		release: gated(b.name),
		against: gated(a.name),
		testSet,
		...splitOf(comparison),
		testFrom,
		testUntil,
		posts: measured.metrics.posts,
		verdict: gate,
		execution,
	})
}
