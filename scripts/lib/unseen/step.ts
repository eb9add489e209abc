// The step `unseen`: how well subreddits are found that were left out of a training, on record for evaluations to report.
import * as v from 'valibot'
import { Count } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { UNSEEN_METRIC } from '../evaluation/unseen-figure.ts'
import { sha256, writeOutputs } from '../files.ts'
import { type ArtifactOf, UNSEEN_FIGURES_FILE } from '../pipeline/artifacts.ts'
import { readMaker } from '../pipeline/outputs.ts'
import { declareStep } from '../pipeline/step.ts'
import { readRecipe } from '../trainer/steps.ts'
import { UNSEEN_PARAMETERS } from './build-index.ts'
import { measureUnseen } from './measure.ts'
import { readList } from './pack-index.ts'
import { DrawParameters } from './parameters.ts'
import { figuresAt, type UnseenFigures } from './tally.ts'

export const unseenStep = declareStep({
	name: 'unseen',
	inputs: {
		/** Whose recipe is repeated. */
		training: { kinds: ['model'] },
		snapshot: { kinds: ['snapshot'] },
		/** The list of subreddits. */
		list: { kinds: ['posts'] },
	},
	output: 'unseen',
	section: null,
	parameters: v.object({
		...DrawParameters.entries,
		/** Of the table of evidence that quantize puts beside the model. */
		evidenceBytes: v.optional(Count, 0),
	}),
	indifferent: [],
	entry: import.meta.filename,
	async work({ inputs: { training, snapshot }, parameters, dir }, effects) {
		const recipe = readRecipe(await readMaker(training, effects))
		const options = { ...parameters, recipe, snapshot: snapshot.sha256 ?? snapshot.name }
		const figures = await measureUnseen(options, effects)
		const files = await writeOutputs(dir, { [UNSEEN_FIGURES_FILE]: `${JSON.stringify(figures)}\n` })
		return { files, metrics: describeFigures(figures), result: figures }
	},
})

/** The list of subreddits, as it is now. */
export async function refList(effects: Effects): Promise<ArtifactOf<'posts'>> {
	const digest = sha256(JSON.stringify(await readList(effects)))
	const name = 'the list of subreddits'
	return { kind: 'posts', name, sha256: digest, execution: null, files: [] }
}

function describeFigures(figures: UnseenFigures): Record<string, number> {
	const { posts, candidates, leftOut } = figures
	const { shown, right, shownForKnown } = figuresAt(figures, UNSEEN_PARAMETERS.threshold)
	return {
		...{ posts, candidates, leftOut },
		'unseen.recall@1': figures['recall@1'],
		[UNSEEN_METRIC]: figures['recall@5'],
		...{ shown, right, shownForKnown },
	}
}
