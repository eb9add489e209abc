// A training's recipe, whole: what was not given has the default of its engine. Pure.
import * as v from 'valibot'
import { TrainingRecipe } from '../pipeline/recipes.ts'
import { resolveParameters } from '../resolve-parameters.ts'
import { findEngine } from './engines.ts'
import { TrainingParameters } from './parameters.ts'

/** Takes what the parameters file has, and what a record has. */
export const WholeRecipe = v.pipe(
	TrainingParameters,
	v.transform(({ engine, ...given }) => ({
		engine,
		...resolveParameters(findEngine(engine).defaults, given).values,
	})),
	TrainingRecipe,
)
