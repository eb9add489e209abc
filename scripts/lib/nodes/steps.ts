// The steps that can be run again from a record.

import { AppError } from '../../../src/shared/app-error.ts'
import { compareStep } from '../comparison/compare.ts'
import { driftStep } from '../drift/step.ts'
import { adjustStep } from '../evaluation/adjust-step.ts'
import { evaluateStep } from '../evaluation/evaluate-step.ts'
import type { Execution, StepName } from '../pipeline/execution-schema.ts'
import type { Step } from '../pipeline/step.ts'
import { snapshotStep } from '../snapshot/step.ts'
import { quantizeStep, trainStep } from '../trainer/steps.ts'
import { unseenStep } from '../unseen/step.ts'

/** Without `publish`, which would make another release. */
const STEPS: { readonly [name in StepName]?: unknown } = {
	snapshot: snapshotStep,
	train: trainStep,
	quantize: quantizeStep,
	adjust: adjustStep,
	evaluate: evaluateStep,
	compare: compareStep,
	drift: driftStep,
	unseen: unseenStep,
}

/** @throws AppError `bad-input` for a publish */
export function findStep({ id, step: name }: Execution): Step {
	const step = STEPS[name] as Step | undefined
	if (step) return step
	throw new AppError(
		'bad-input',
		`#${id} is a publish, which makes a new release each time; run: release publish, or for one that was pruned: release restore`,
	)
}
