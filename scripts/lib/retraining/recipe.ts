// The recipe of a retraining, unless the parameters file's is asked for.
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { listExecutions } from '../pipeline/executions.ts'
import { readManifest } from '../release-files/release.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { readTraining } from '../releases/publish-step.ts'
import { isOwnRecipe, QuantizeParameters, TrainParameters } from '../trainer/parameters.ts'

export interface Recipe {
	/** Where the parameters come from: `production`, an execution such as `#12`, or a file; empty for the defaults. */
	readonly like: string
	readonly train: TrainParameters
	readonly quantize: QuantizeParameters
}

/**
 * The recipe of production's release or, before there is one, of the latest model here, so that the new model differs by its posts
 * alone.
 */
export async function findRecipe(effects: Effects): Promise<Recipe> {
	const { modelsDir } = effects
	const releases = await readReleases(modelsDir)
	if (releases.channels.production !== null) {
		const manifest = await readManifest(modelsDir, findRelease(releases, 'production'))
		return toRecipe('production', manifest.training, manifest.quantizing)
	}
	const executions = await listExecutions(effects)
	const found = executions.findLast(({ step }) => step === 'quantize')
	if (!found) return DEFAULTS
	const { id, parameters } = await readTraining(found, effects)
	return toRecipe(`#${id}`, parameters, found.parameters)
}

export const DEFAULTS: Recipe = {
	like: '',
	train: v.parse(TrainParameters, {}),
	quantize: v.parse(QuantizeParameters, {}),
}

/** The defaults instead of another trainer's parameters, which mean nothing to this one. */
function toRecipe(like: string, training: object, quantizing: object): Recipe {
	if (!isOwnRecipe(training)) return DEFAULTS
	return {
		like,
		train: parseKnown(TrainParameters, training, like),
		quantize: parseKnown(QuantizeParameters, quantizing, like),
	}
}

/** The parameters of a recipe that this version knows; an older one may have had others, too. */
function parseKnown<Entries extends v.ObjectEntries>(
	{ entries }: v.StrictObjectSchema<Entries, undefined>,
	recipe: object,
	like: string,
) {
	return parseWith(v.object(entries), recipe, `recipe of ${like}`)
}
