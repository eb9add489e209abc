// `executions rerun`: runs a step again with the same inputs and parameters, and compares the bytes of the outputs.
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import type { Change } from '../graph/changes.ts'
import { make } from '../graph/make.ts'
import { findStep } from '../nodes/steps.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { checkInputs } from './check-inputs.ts'
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

export interface RerunOptions {
	/** Also makes inputs again that are not in the data folder, as after a clone; without it they must be there. */
	readonly withInputs?: boolean | undefined
}

/**
 * @throws AppError `bad-input` for a publish, `damaged` or `not-found` if an input has changed
 */
export async function rerunExecution(
	reference: string,
	{ withInputs = false }: RerunOptions,
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
