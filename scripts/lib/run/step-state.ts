// The present state of a step (everything that decides its outcome, as a key), and how it differs from whichsub.lock.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Change, findChanges } from '../graph/changes.ts'
import { keyOf } from '../graph/key.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import type { LockedStep } from './lock-file.ts'
import type { PipelineStep } from './pipeline.ts'

export interface DescribedInputs {
	/** Undefined for an input that the step runs without. */
	readonly refs: Readonly<Record<string, ArtifactRef | undefined>>
	/** Its description in the lock: one line, or one for each part. */
	readonly described: LockedStep['inputs']
}

/** Everything that decides the outcome. */
export interface StepState {
	readonly key: string
	/** With defaults, and with parameters that can't change the outcome. */
	readonly parameters: object
	readonly decisive: Readonly<Record<string, unknown>>
	readonly inputs: DescribedInputs
	readonly code: LockedStep['code']
}

/** The parameters of a step. @throws AppError `bad-data` */
export function readStepParameters({ step, section }: PipelineStep, all: ParametersFile): object {
	const result = v.safeParse(step.parameters, section(all))
	if (result.success) return result.output as object
	throw new AppError('bad-data', `parameters of ${step.name}: ${result.issues[0].message}`)
}

export async function describeStep(
	{ step }: PipelineStep,
	parameters: object,
	inputs: DescribedInputs,
): Promise<StepState> {
	const { key, ...keyed } = await keyOf(step, inputs.refs, parameters)
	if (key === null) throw new Error(`${step.name} has an input that is not known`)
	return { ...keyed, key, parameters, inputs }
}

/** The differences from the lock, each in a few words; empty if there are none. */
export function explainChanges(state: StepState, locked: LockedStep | undefined): string[] {
	if (!locked) return ['it was not run yet']
	if (locked.key === state.key) return []
	return [
		...findChanges<unknown>(locked.parameters, state.decisive).map(describeParameter),
		...findChanges(locked.inputs, state.inputs.described).flatMap(describeInput),
		...findChanges(locked.code.files, state.code.files).map(describeFile),
		...findChanges(locked.code.packages, state.code.packages).map(describePackage),
	]
}

type Input = LockedStep['inputs'][string]

function describeParameter({ name, before, after }: Change<unknown>): string {
	const show = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value))
	return `parameter ${name}: ${show(before)} → ${show(after)}`
}

function describeFile({ name: path, before, after }: Change<string>): string {
	if (before === undefined) return `code: ${path} is used now`
	return after === undefined ? `code: ${path} is no longer used` : `code: ${path}`
}

function describePackage({ name, before, after }: Change<string>): string {
	return `package ${name}: ${before ?? 'none'} → ${after ?? 'none'}`
}

function describeInput({ name, before, after }: Change<Input>): string[] {
	if (typeof before !== 'object' || typeof after !== 'object')
		return [`${name}: ${short(before)} → ${short(after)}`]
	return findChanges(before, after).map((part) => `${name} of ${part.name}: ${describePart(part)}`)
}

/** Such as `3,000 posts → 3,120 posts`; if only their contents changed, it says so. */
function describePart({ before, after }: Change<string>): string {
	const count = (text: string | undefined) => text?.split(', ').slice(0, -1).join(', ') ?? 'none'
	return count(before) === count(after)
		? `${count(after)}, others than before`
		: `${count(before)} → ${count(after)}`
}

function short(input: Input | undefined): string {
	if (input === undefined) return 'none'
	return typeof input === 'string' ? input : `${Object.keys(input).length} parts`
}
