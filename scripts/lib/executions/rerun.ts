// `executions rerun`: runs a step again with the same inputs and parameters, and compares the bytes of the outputs.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { describeDumps } from '../evaluation/titles.ts'
import type { Change } from '../graph/changes.ts'
import { make } from '../graph/make.ts'
import { findStep } from '../nodes/steps.ts'
import { type ArtifactOf, pathsOf } from '../pipeline/artifacts.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { readSnapshotOf } from '../snapshot/read-snapshot.ts'
import { diffExecutions, type ExecutionDiff } from './diff.ts'
import { describeDifferences } from './format-diff.ts'
import { readInputs, remakeInputs } from './remake.ts'

export interface Rerun {
	readonly before: Execution
	readonly after: Execution
	/** The outputs whose digests differ; empty if they are the same, byte for byte. */
	readonly differences: readonly Change<string>[]
	/** Other differences, which may be the reason. */
	readonly reasons: readonly string[]
}

/**
 * @param withInputs also makes inputs again that are not in the data folder, as after a clone; without it they must be there
 * @throws AppError `bad-input` for a publish, `damaged` or `not-found` if an input has changed
 */
export async function rerunExecution(
	reference: string,
	{ withInputs = false }: { readonly withInputs?: boolean | undefined },
	effects: Effects,
): Promise<Rerun> {
	const before = await readExecution(effects, reference)
	const step = findStep(before)
	if (!withInputs) await checkInputs(before, effects)
	const inputs = await (withInputs ? remakeInputs : readInputs)(before, effects)
	const { parameters: recorded, overridden } = before
	const parameters = v.parse(step.parameters, recorded)
	const run = { inputs, parameters, overridden }
	const after = await make(step, run, effects, { fresh: true })
	const diff = await diffExecutions({ a: before, b: after }, effects)
	const differences = diff.outputs
	const reasons = differences.length > 0 ? findReasons(diff) : []
	return { before, after, differences, reasons }
}

/**
 * Checks that the inputs of an execution are here and unchanged. Those whose files a step reads by digest are checked as it reads them, and
 * the posts of the database have no digest before they are read.
 *
 * @throws AppError `not-found`, `damaged`
 */
async function checkInputs({ inputs }: Execution, effects: Effects): Promise<void> {
	for (const input of Object.values(inputs)) {
		if (input.kind === 'snapshot') await readSnapshotOf(input, effects)
		else if (input.kind === 'dumps') await checkDumps(input as ArtifactOf<'dumps'>)
		else if (input.execution !== null) await readMaker(input, effects)
	}
}

async function checkDumps(dumps: ArtifactOf<'dumps'>): Promise<void> {
	if (dumps.sha256 === null)
		throw new AppError('not-found', `the posts came through stdin, and are gone: ${dumps.name}`)
	const now = await describeDumps(pathsOf(dumps))
	if (now.sha256 !== dumps.sha256)
		throw new AppError('damaged', `${dumps.name}: no longer the posts of then; restore them`)
}

/** How the two runs differ. */
function findReasons(diff: ExecutionDiff): string[] {
	const { a, b } = diff
	const unknown = Object.entries(a.inputs).filter(([, { sha256 }]) => sha256 === null)
	const machines = (['platform', 'arch', 'node'] as const).filter(
		(name) => a.machine[name] !== b.machine[name],
	)
	return [
		...describeDifferences(diff),
		...unknown.map(([role, { kind }]) => `${role}: the ${kind} of then have no digest on record`),
		...machines.map((name) => `${name}: ${a.machine[name]} → ${b.machine[name]}`),
	]
}

/** One line if all is the same; otherwise one per file, and one for the possible reasons. */
export function formatRerun({ before, after, differences, reasons }: Rerun): string {
	const head = `#${before.id} again, recorded as #${after.id}`
	if (differences.length === 0) return `${head}: the same outputs, byte for byte`
	const digest = (text: string | undefined) => text?.slice(0, 12) ?? 'not made'
	const files = differences.map(
		(file) => `${file.name}: SHA-256 ${digest(file.before)} → ${digest(file.after)}`,
	)
	const why = reasons.length > 0 ? reasons.join('; ') : 'nothing that is on record differs'
	return [`${head}: other outputs`, ...files.map((line) => `  ${line}`), `  why: ${why}`].join('\n')
}
