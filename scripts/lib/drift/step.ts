// The step `drift`: what was measured is kept in the execution's folder.
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import { writeOutputs } from '../files.ts'
import { DRIFT_FILE, pathsOf } from '../pipeline/artifacts.ts'
import { declareStep } from '../pipeline/step.ts'
import { measureDrift } from './drift.ts'
import { DriftStepParameters } from './parameters.ts'

export const driftStep = declareStep({
	name: 'drift',
	inputs: {
		release: { kinds: ['release'] },
		current: { kinds: ['dumps', 'posts', 'picks'] },
		reference: { kinds: ['dumps'], optional: true },
	},
	output: 'drift',
	section: 'drift',
	parameters: DriftStepParameters,
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { release, current, reference }, parameters, dir }, effects) {
		const posts = {
			release: release.name,
			reference: reference ? pathsOf(reference) : null,
			current,
		}
		const report = await measureDrift({ ...posts, ...parameters }, effects)
		const files = await writeOutputs(dir, { [DRIFT_FILE]: `${JSON.stringify(report)}\n` })
		return { files, metrics: describeFigures(report), result: report }
	},
})

function describeFigures({ reference, current, verdict }: DriftReport): Record<string, number> {
	const { psi, ks, unknownWords, predicted, estimate, actual } = current
	return {
		posts: current.posts,
		psi: psi.value,
		ks: ks.value,
		unknownWords: unknownWords.value,
		predictedShift: predicted.distance,
		'reference.recall@1': reference['recall@1'].value,
		'estimated.recall@1': estimate['recall@1'].value,
		...(actual ? { 'recall@1': actual['recall@1'].value } : {}),
		drifted: verdict.drifted ? 1 : 0,
	}
}
