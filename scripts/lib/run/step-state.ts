// What decides what comes out of a step now, as a key, and how that differs from what whichsub.lock has.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Change, findChanges } from '../graph/changes.ts'
import { keyOf } from '../graph/key.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import type { LockedStep } from './lock-file.ts'
import type { PipelineStep } from './pipeline.ts'

export interface StepInputs {
	/** Undefined for one that the step does without. */
	readonly refs: Readonly<Record<string, ArtifactRef | undefined>>
	/** For the lock and its readers: in one line, or in one for each part. */
	readonly described: LockedStep['inputs']
}

/** All that decides what comes out. */
export interface StepState {
	readonly key: string
	/** With defaults; what changes nothing of what comes out is there, too. */
	readonly parameters: object
	readonly decisive: Readonly<Record<string, unknown>>
	readonly inputs: StepInputs
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
	inputs: StepInputs,
): Promise<StepState> {
	const { key, ...keyed } = await keyOf(step, inputs.refs, parameters)
	if (key === null) throw new Error(`${step.name} has an input that is not known`)
	return { ...keyed, key, parameters, inputs }
}

/** What differs from the lock, each in a few words; empty where nothing does. */
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

/** As in `3,000 posts → 3,120 posts`; where the number is the same, what they are changed. */
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
