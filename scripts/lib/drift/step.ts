// The step `drift`: what was measured is kept in the execution's folder.
import * as v from 'valibot'
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import { pathsOf } from '../evaluation/titles.ts'
import { writeOutputs } from '../files.ts'
import { type ArtifactOf, DRIFT_FILE } from '../pipeline/artifacts.ts'
import { declareStep } from '../pipeline/step.ts'
import { measureDrift } from './drift.ts'
import { DriftParameters, SampleParameters } from './parameters.ts'
import { DATABASE, FEEDBACK } from './titles.ts'

export type Titles = ArtifactOf<'dumps' | 'posts' | 'picks'>

const day = v.optional(v.nullable(v.number()), null)

const StepParameters = v.object({
	...DriftParameters.entries,
	/** In Unix seconds. */
	from: day,
	until: day,
	byMonth: v.optional(v.boolean(), false),
	...SampleParameters.entries,
})

export const driftStep = declareStep({
	name: 'drift',
	inputs: {
		release: { kinds: ['release'] },
		current: { kinds: ['dumps', 'posts', 'picks'] },
		reference: { kinds: ['dumps'], optional: true },
	},
	output: 'drift',
	section: 'drift',
	parameters: StepParameters,
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { release, current, reference }, parameters, dir }, effects) {
		const { from, until, byMonth, sample, ...limits } = parameters
		const options = {
			release: release.name,
			reference: reference ? pathsOf(reference) : null,
			current: namesOf(current),
			...{ from, until, byMonth, sample, limits },
		}
		const report = await measureDrift(options, effects)
		const files = await writeOutputs(dir, { [DRIFT_FILE]: `${JSON.stringify(report)}\n` })
		return { files, metrics: describeFigures(report), result: report }
	},
})

function namesOf(titles: Titles): readonly string[] {
	if (titles.kind === 'posts') return [DATABASE]
	return titles.kind === 'picks' ? [FEEDBACK] : pathsOf(titles)
}

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
