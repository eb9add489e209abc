// `locked`, a name for the model that `run` made last, so that a workflow need not know its number.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readLock } from './lock-file.ts'

/** The name in commands. */
export const LOCKED_MODEL = 'locked'

/**
 * @param reference any name of a model
 * @returns the execution that whichsub.lock names, for {@link LOCKED_MODEL}; any other reference unchanged
 * @throws AppError `not-found` if whichsub.lock names none
 */
export async function resolveLockedModel(reference: string, effects: Effects): Promise<string> {
	if (reference !== LOCKED_MODEL) return reference
	const { adjust, quantize } = await readLock(effects)
	const made = adjust ?? quantize
	if (made) return made.execution
	throw new AppError('not-found', 'whichsub.lock names no candidate; run: run adjust')
}
