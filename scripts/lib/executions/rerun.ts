// `executions rerun`: the same step with the same inputs and parameters, and whether the same bytes came out.
import * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { makeFresh } from '../graph/make.ts'
import { findStep } from '../nodes/steps.ts'
import type { AnyExecution, Execution } from '../pipeline/execution-schema.ts'
import { readExecution } from '../pipeline/executions.ts'
import { checkInputs } from './check-inputs.ts'
import { compareCode } from './code-changes.ts'
import { describeCode } from './format.ts'
import { remakeInputs } from './remake.ts'

export interface FileDifference {
	readonly name: string
	/** Digests; null: not made. */
	readonly before: string | null
	readonly after: string | null
}

export interface Rerun {
	readonly before: Execution
	readonly after: Execution
	/** Empty: the same outputs, byte for byte. */
	readonly differences: readonly FileDifference[]
	/** What else differs, and may be why. */
	readonly reasons: readonly string[]
}

export interface RerunOptions {
	/** Makes inputs again that are not in the data folder, as after a clone; otherwise they must be there. */
	readonly withInputs?: boolean | undefined
}

/**
 * @throws AppError `bad-input` for a publish, `damaged` or `not-found` where an input is no longer what it was
 */
export async function rerunExecution(
	reference: string,
	{ withInputs = false }: RerunOptions,
	effects: Effects,
): Promise<Rerun> {
	const before = await readExecution(effects, reference)
	const step = findStep(before)
	if (!withInputs) await checkInputs(before, effects)
	const isRead = withInputs || before.step === 'snapshot'
	const inputs = isRead ? await remakeInputs(before, effects) : before.inputs
	const { parameters: recorded, overridden } = before
	const parameters = v.parse(step.parameters, recorded)
	const { execution: after } = await makeFresh(step, { inputs, parameters, overridden }, effects)
	const differences = compareOutputs(before, after)
	const reasons = differences.length > 0 ? await findReasons(before, after) : []
	return { before, after, differences, reasons }
}

function compareOutputs(before: Execution, after: Execution): FileDifference[] {
	const digestOf = ({ outputs }: AnyExecution, file: string) =>
		outputs.find(({ name }) => name === file)?.sha256 ?? null
	const names = [...before.outputs, ...after.outputs].map(({ name }) => name)
	return [...new Set(names)]
		.map((name) => ({ name, before: digestOf(before, name), after: digestOf(after, name) }))
		.filter((file) => file.before !== file.after)
}

/** What the two runs had that differs. */
async function findReasons(before: Execution, after: Execution): Promise<string[]> {
	const inputs = Object.entries(before.inputs).flatMap(([role, { kind, sha256 }]) => {
		const now = after.inputs[role]?.sha256
		if (sha256 === null) return [`${role}: the ${kind} of then have no digest on record`]
		return now === sha256
			? []
			: [`${role}: other ${kind} (${sha256.slice(0, 12)} → ${now?.slice(0, 12)})`]
	})
	const change = await compareCode(before.code, after.code)
	const files = change?.files?.length ? `: ${change.files.join(', ')}` : ''
	const code = change ? [`code: ${describeCode(change.a)} → ${describeCode(change.b)}${files}`] : []
	const machines = (['platform', 'arch', 'node'] as const)
		.filter((name) => before.machine[name] !== after.machine[name])
		.map((name) => `${name}: ${before.machine[name]} → ${after.machine[name]}`)
	return [...inputs, ...code, ...machines]
}

/** One line where all is the same; otherwise one for each file, and one for what may be why. */
export function formatRerun({ before, after, differences, reasons }: Rerun): string {
	const head = `#${before.id} again, recorded as #${after.id}`
	if (differences.length === 0) return `${head}: the same outputs, byte for byte`
	const digest = (text: string | null) => text?.slice(0, 12) ?? 'not made'
	const files = differences.map(
		(file) => `${file.name}: SHA-256 ${digest(file.before)} → ${digest(file.after)}`,
	)
	const why = reasons.length > 0 ? reasons.join('; ') : 'nothing that is on record differs'
	return [`${head}: other outputs`, ...files.map((line) => `  ${line}`), `  why: ${why}`].join('\n')
}
