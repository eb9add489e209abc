// Whose parameters a retraining has: those of production, of the latest model, or of the parameters file.
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import { Parameters } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { readManifest } from '../models/release.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import type { QuantizeOptions, TrainOptions } from '../nodes/train.ts'
import { listExecutions } from '../pipeline/executions.ts'
import { isOwnRecipe, QuantizeParameters, TrainParameters } from '../pipeline/recipes.ts'
import { readTraining } from '../releases/publish-step.ts'
import type { Given } from '../resolve-parameters.ts'

/** What the parameters file says about training and quantising. */
export interface FileRecipe {
	/** The file, as people call it. */
	readonly name: string
	readonly train: Given<TrainParameters>
	readonly quantize: Given<QuantizeParameters>
}

export interface Recipe {
	/** Whose parameters it has: `production`, an execution as in `#12`, or a file; empty for the defaults. */
	readonly like: string
	readonly train: Omit<TrainOptions, 'snapshot'>
	readonly quantize: QuantizeOptions['parameters']
}

/** Unless something else is asked for, what comes out shall differ from production by its posts alone. */
export async function chooseRecipe(
	recipe: FileRecipe | undefined,
	effects: Effects,
): Promise<Recipe> {
	if (recipe) {
		const { name, train, quantize } = recipe
		return { like: name, train: { parameters: train }, quantize }
	}
	const { like, training, quantizing } = (await findModel(effects)) ?? NO_MODEL
	if (!isOwnRecipe(training)) return { like: '', train: { parameters: {} }, quantize: {} }
	return {
		like,
		train: { parameters: parseKnown(TrainParameters, training) },
		quantize: parseKnown(QuantizeParameters, quantizing),
	}
}

/** Of a recipe what this version knows; an older one may have had other parameters, too. */
function parseKnown<Entries extends v.ObjectEntries>(
	{ entries }: v.StrictObjectSchema<Entries, undefined>,
	recipe: Parameters,
) {
	return parseWith(v.partial(v.object(entries)), recipe, 'recipe')
}

interface ModelRecipe {
	readonly like: string
	readonly training: Parameters
	readonly quantizing: Parameters
}

const NO_MODEL: ModelRecipe = { like: '', training: {}, quantizing: {} }

/** Production's release or, before there is one, the latest model here. */
async function findModel(effects: Effects): Promise<ModelRecipe | null> {
	const { modelsDir } = effects
	const releases = await readReleases(modelsDir)
	if (releases.channels.production !== null) {
		const manifest = await readManifest(modelsDir, findRelease(releases, 'production'))
		return { like: 'production', training: manifest.training, quantizing: manifest.quantizing }
	}
	const executions = await listExecutions(effects)
	const found = executions.findLast(({ step }) => step === 'quantize')
	if (!found) return null
	const training = await readTraining(found, effects)
	return {
		like: `#${training.id}`,
		training: parseWith(Parameters, training.parameters, `parameters of #${training.id}`),
		quantizing: parseWith(Parameters, found.parameters, `parameters of #${found.id}`),
	}
}
