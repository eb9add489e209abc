// The steps of the pipeline in their order, and where each input comes from.
import type * as v from 'valibot'
import { compareStep } from '../comparison/compare.ts'
import type { Effects } from '../effects.ts'
import { adjustStep } from '../evaluation/adjust-step.ts'
import { evaluateStep } from '../evaluation/evaluate-step.ts'
import { comparisonParameters, type ParametersFile } from '../parameters/parameters.ts'
import type { StepName } from '../pipeline/execution-schema.ts'
import type { InputSpecs, Step } from '../pipeline/step.ts'
import { snapshotStep } from '../snapshot/step.ts'
import { quantizeStep, trainStep } from '../trainer/steps.ts'
import {
	hasProduction,
	type ReadSources,
	readDatabase,
	readNothing,
	readProduction,
	readUnseen,
} from './sources.ts'

export interface PipelineStep {
	readonly step: Step
	/** Its values in the parameters file; the step's own schema has the defaults. */
	readonly section: (parameters: ParametersFile) => unknown
	/** The step that makes each input, by the input's name. */
	readonly makers: Readonly<Record<string, StepName>>
	/** Reads the inputs that no step makes. */
	readonly read: ReadSources
	/** The condition for running the step, and why it is left out otherwise. Absent: it can always run. */
	readonly condition?: {
		readonly holds: (effects: Effects) => Promise<boolean>
		readonly why: string
	}
}

export const PIPELINE: readonly PipelineStep[] = [
	declare(snapshotStep, {}, readDatabase),
	declare(trainStep, { snapshot: 'snapshot' }),
	declare(quantizeStep, { model: 'train', snapshot: 'snapshot' }),
	declare(adjustStep, { model: 'quantize', snapshot: 'snapshot' }),
	declare(evaluateStep, { model: 'adjust', posts: 'snapshot' }, readUnseen),
	{
		...declare(
			compareStep,
			{ b: 'adjust', posts: 'snapshot', evaluationOfB: 'evaluate' },
			readProduction,
		),
		section: comparisonParameters,
		condition: { holds: hasProduction, why: 'production serves no release yet' },
	},
]

export const PIPELINE_STEPS: readonly StepName[] = PIPELINE.map(({ step }) => step.name)

function declare<Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
	makers: Readonly<Partial<Record<keyof Specs & string, StepName>>>,
	read = readNothing,
): PipelineStep {
	return {
		// A run needs to know only what all steps have in common.
		step: step as Step,
		section: (all) => (step.section === null ? {} : all[step.section as keyof ParametersFile]),
		makers: makers as PipelineStep['makers'],
		read,
	}
}

/** The steps up to and including this one, in order. */
export function stepsUntil(last: StepName): PipelineStep[] {
	const needed = new Set<StepName>()
	const follow = (name: StepName) => {
		if (needed.has(name)) return
		needed.add(name)
		for (const maker of Object.values(findPipelineStep(name).makers)) follow(maker)
	}
	follow(last)
	return PIPELINE.filter(({ step }) => needed.has(step.name))
}

export function findPipelineStep(name: StepName): PipelineStep {
	const found = PIPELINE.find(({ step }) => step.name === name)
	if (!found) throw new RangeError(`step: ${name}; expected one of ${PIPELINE_STEPS.join(', ')}`)
	return found
}
