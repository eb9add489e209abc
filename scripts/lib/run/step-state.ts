// What decides what comes out of a step now, as a key, and how that differs from what whichsub.lock has.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import { decisive, keyOf } from '../pipeline/key.ts'
import type { LockedStep } from './lock-file.ts'
import type { PipelineStep } from './pipeline.ts'

export interface StepInputs {
	/** Undefined for one that the step does without. */
	readonly refs: Readonly<Record<string, ArtifactRef | undefined>>
	readonly told: LockedStep['inputs']
}

/** All that decides what comes out. */
export interface StepState {
	readonly key: string
	/** With defaults; what changes nothing of what comes out is there, too. */
	readonly parameters: object
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
	declared: PipelineStep,
	parameters: object,
	inputs: StepInputs,
): Promise<StepState> {
	const { key, code } = await keyOf(declared.step, inputs.refs, parameters)
	if (key === null) throw new Error(`${declared.step.name} has an input that is not known`)
	return { key, parameters, inputs, code }
}

/** What differs from the lock, each in a few words; empty where nothing does. */
export function findChanges(
	declared: PipelineStep,
	state: StepState,
	locked: LockedStep | undefined,
): string[] {
	if (!locked) return ['it was not run yet']
	if (locked.key === state.key) return []
	const parameters = decisive(declared.step, state.parameters)
	return [
		...compareTexts(toTexts(locked.parameters), toTexts(parameters), describeParameter),
		...compareInputs(locked.inputs, state.inputs.told),
		...compareTexts(locked.code.files, state.code.files, describeFile),
		...compareTexts(locked.code.packages, state.code.packages, describePackage),
	]
}

type Texts = Readonly<Record<string, string>>
type Describe = (name: string, before: string | undefined, now: string | undefined) => string

function toTexts(values: Readonly<Record<string, unknown>>): Texts {
	return Object.fromEntries(
		Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]),
	)
}

function compareTexts(before: Texts, now: Texts, describeChange: Describe): string[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
	return names
		.filter((name) => before[name] !== now[name])
		.map((name) => describeChange(name, before[name], now[name]))
}

const describeParameter: Describe = (name, before, now) =>
	`parameter ${name}: ${before ?? 'none'} → ${now ?? 'none'}`

const describeFile: Describe = (path, before, now) => {
	if (before === undefined) return `code: ${path} is used now`
	return now === undefined ? `code: ${path} is no longer used` : `code: ${path}`
}

const describePackage: Describe = (name, before, now) =>
	`package ${name}: ${before ?? 'none'} → ${now ?? 'none'}`

function compareInputs(before: LockedStep['inputs'], now: LockedStep['inputs']): string[] {
	const roles = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
	return roles.flatMap((role) => {
		const [one, other] = [before[role], now[role]]
		if (typeof one === 'object' && typeof other === 'object')
			return compareTexts(
				one,
				other,
				(part, old, fresh) => `${role} of ${part}: ${describePart(old, fresh)}`,
			)
		return one === other ? [] : [`${role}: ${short(one)} → ${short(other)}`]
	})
}

/** As in `3,000 posts → 3,120 posts`; where the number is the same, what they are changed. */
function describePart(before: string | undefined, now: string | undefined): string {
	const count = (text: string | undefined) => text?.split(', ').slice(0, -1).join(', ') ?? 'none'
	return count(before) === count(now)
		? `${count(now)}, others than before`
		: `${count(before)} → ${count(now)}`
}

function short(input: string | Texts | undefined): string {
	if (input === undefined) return 'none'
	return typeof input === 'string' ? input : `${Object.keys(input).length} parts`
}
