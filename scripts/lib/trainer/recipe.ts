// A training's recipe, whole: what was not given has its default. Pure.
import * as v from 'valibot'
import type { Parameters } from '../../../src/shared/schema-parts.ts'
import { QuantizeParameters, TrainParameters } from '../pipeline/recipes.ts'
import { resolveParameters } from '../resolve-parameters.ts'
import { QuantizingParameters, TrainingParameters } from './parameters.ts'
import { wasmTrainer } from './wasm.ts'

/** Records of before November 2026 name engine and loss; of each there is one left. */
const EarlierNames = v.looseObject({
	engine: v.optional(v.literal('wasm')),
	loss: v.optional(v.literal('softmax')),
})

/** Takes what the parameters file has, and what a record has. */
export const WholeRecipe = v.pipe(
	EarlierNames,
	v.transform(({ engine: _engine, loss: _loss, ...given }) => given),
	TrainingParameters,
	v.transform((given) => resolveParameters(wasmTrainer.defaults, given).values),
	TrainParameters,
)

/** The same of a quantizing. */
export const WholeQuantizing = v.pipe(
	QuantizingParameters,
	v.transform((given) => resolveParameters(wasmTrainer.quantizeDefaults, given).values),
	QuantizeParameters,
)

/** Whether this trainer made a model of that recipe; another one's parameters say nothing to it. */
export function isOwnRecipe(recipe: Parameters): boolean {
	return v.is(EarlierNames, recipe)
}
