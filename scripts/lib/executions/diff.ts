// `executions diff`: how two runs of a step differ, and where the differences come from.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AppError } from '../../../src/shared/app-error.ts'
import { differenceOfShares, wilson } from '../../../src/shared/statistics.ts'
import { comparePaired } from '../comparison/paired-difference.ts'
import type { Effects } from '../effects.ts'
import { readMeasurement } from '../evaluation/evaluate-step.ts'
import type { SuggestionList } from '../evaluation/suggestions-file.ts'
import { type Change, findChanges } from '../graph/changes.ts'
import { type ArtifactRef, EVALUATION_FILES } from '../pipeline/artifacts.ts'
import {
	type AnyExecution,
	type Execution,
	executionName,
	isDone,
	type Value,
} from '../pipeline/execution-schema.ts'
import { readAnyExecution } from '../pipeline/executions.ts'
import { CODE, ROOT } from '../pipeline/machine.ts'

/** How far back inputs are followed; from an evaluation to the posts it is four steps. */
const MAX_DEPTH = 5

export interface InputChange extends Change<ArtifactRef> {
	/** How the executions that made the two inputs differ; null if that is unknown, or they are of different steps. */
	readonly made: ExecutionDiff | null
}

/** A figure of both executions, with the 95% interval of the difference if it is known. */
export interface MetricChange {
	readonly name: string
	readonly a: number
	readonly b: number
	readonly interval: { readonly low: number; readonly high: number } | null
}

type Code = AnyExecution['code']

interface CodeChange {
	readonly a: Code
	readonly b: Code
	/** The changed paths; null if git does not have both commits. */
	readonly files: readonly string[] | null
}

/** Only the differences, but all figures. */
export interface ExecutionDiff {
	readonly a: AnyExecution
	readonly b: AnyExecution
	readonly parameters: readonly Change<Value>[]
	readonly inputs: readonly InputChange[]
	readonly code: CodeChange | null
	readonly metrics: readonly MetricChange[]
	/** Their digests. */
	readonly outputs: readonly Change<string>[]
}

/** @throws AppError `bad-input` for executions of different steps */
export async function diffExecutions(
	{ a, b }: Omit<Pair, 'depth'>,
	effects: Effects,
): Promise<ExecutionDiff> {
	if (a.step !== b.step)
		throw new AppError(
			'bad-input',
			`#${a.id} is a ${a.step} and #${b.id} a ${b.step}; name two of the same step`,
		)
	return diff({ a, b, depth: 0 }, effects)
}

interface Pair {
	readonly a: AnyExecution
	readonly b: AnyExecution
	readonly depth: number
}

async function diff({ a, b, depth }: Pair, effects: Effects): Promise<ExecutionDiff> {
	return {
		a,
		b,
		parameters: findChanges(a.parameters, b.parameters),
		inputs: await diffInputs({ a, b, depth }, effects),
		code: executionName(a) === executionName(b) ? null : await compareCode(a.code, b.code),
		metrics: diffMetrics(a, b, depth === 0 ? await findPairedIntervals(a, b, effects) : {}),
		outputs: findChanges(digestsOf(a), digestsOf(b)),
	}
}

async function diffInputs({ a, b, depth }: Pair, effects: Effects): Promise<InputChange[]> {
	const changes: InputChange[] = []
	for (const change of findChanges(a.inputs, b.inputs)) {
		const { before, after } = change
		if (before?.sha256 && before.sha256 === after?.sha256) continue
		const makers = depth < MAX_DEPTH ? await readMakers(before, after, effects) : null
		changes.push({
			...change,
			made: makers && (await diff({ ...makers, depth: depth + 1 }, effects)),
		})
	}
	return changes
}

async function readMakers(
	a: ArtifactRef | undefined,
	b: ArtifactRef | undefined,
	effects: Effects,
): Promise<Omit<Pair, 'depth'> | null> {
	if (!a?.execution || !b?.execution || a.execution === b.execution) return null
	try {
		const makers = {
			a: await readAnyExecution(effects, a.execution),
			b: await readAnyExecution(effects, b.execution),
		}
		return makers.a.step === makers.b.step ? makers : null
	} catch (error) {
		// Without a readable record nothing more is known than that the digests differ.
		if (error instanceof AppError) return null
		throw error
	}
}

function diffMetrics(a: AnyExecution, b: AnyExecution, known: Intervals): MetricChange[] {
	return Object.entries(b.metrics).flatMap(([name, value]) => {
		const before = a.metrics[name]
		if (before === undefined) return []
		const interval = known[name] ?? intervalOf(name, a, b)
		return [{ name, a: before, b: value, interval }]
	})
}

type Intervals = Readonly<Record<string, { readonly low: number; readonly high: number }>>

/**
 * Narrower intervals than those of two samples: two evaluations on the same posts, paired post by post. None unless both have their
 * files here.
 */
async function findPairedIntervals(
	a: AnyExecution,
	b: AnyExecution,
	effects: Effects,
): Promise<Intervals> {
	if (!hasSuggestions(a) || !hasSuggestions(b)) return {}
	const { posts } = a.inputs
	if (!posts?.sha256 || posts.sha256 !== b.inputs.posts?.sha256) return {}
	try {
		const one = (await readMeasurement(a, effects)).suggestions
		const other = (await readMeasurement(b, effects)).suggestions
		if (one.posts !== other.posts) return {}
		return { 'recall@1': pair(one, other, 1), 'recall@5': pair(one, other, 5) }
	} catch (error) {
		// The files may be on another machine; the wider interval is correct, too.
		if (error instanceof AppError) return {}
		throw error
	}
}

function hasSuggestions(execution: AnyExecution): execution is Execution {
	const { step, outputs } = execution
	const isThere = outputs.some(({ name }) => name === EVALUATION_FILES.suggestions)
	return step === 'evaluate' && isDone(execution) && isThere
}

function pair(a: SuggestionList, b: SuggestionList, first: number) {
	let [onlyA, onlyB] = [0, 0]
	for (let post = 0; post < a.posts; post += 1) {
		const [isA, isB] = [a, b].map((list) => list.rankOf(post) >= 0 && list.rankOf(post) < first)
		if (isA && !isB) onlyA += 1
		if (isB && !isA) onlyB += 1
	}
	return comparePaired({ posts: a.posts, onlyA, onlyB })
}

/** Metrics that are shares of an evaluation's posts. */
const SHARES = ['recall@1', 'recall@5']

/** The interval of two samples, which is wider than necessary if the posts are the same. */
function intervalOf(name: string, a: AnyExecution, b: AnyExecution): MetricChange['interval'] {
	if (a.step !== 'evaluate' || !SHARES.includes(name)) return null
	const [first, second] = [a, b].map(({ metrics }) => {
		const { posts = 0, [name]: share = 0 } = metrics
		return posts > 0 ? wilson(Math.round(share * posts), posts) : null
	})
	if (!first || !second) return null
	const { low, high } = differenceOfShares(first, second)
	return { low, high }
}

function digestsOf({ outputs }: AnyExecution): Record<string, string> {
	return Object.fromEntries(outputs.map(({ name, sha256 }) => [name, sha256]))
}

const run = promisify(execFile)

/** @returns null if both have the same code: by its digest or, in older records, by the commit alone */
async function compareCode(a: Code, b: Code): Promise<CodeChange | null> {
	if (a.sha256 !== undefined && a.sha256 === b.sha256) return null
	if (a.commit === b.commit && !a.dirty && !b.dirty) return null
	return { a, b, files: await listChanged(a.commit, b.commit) }
}

async function listChanged(a: string, b: string): Promise<string[] | null> {
	// A record's commit is untrusted: git must not read it as an option.
	if (![a, b].every((commit) => /^[0-9a-f]{40,64}$/.test(commit))) return null
	if (a === b) return []
	try {
		const { stdout } = await run('git', ['diff', '--name-only', a, b, '--', ...CODE], { cwd: ROOT })
		return stdout.split('\n').filter(Boolean)
	} catch {
		return null
	}
}
