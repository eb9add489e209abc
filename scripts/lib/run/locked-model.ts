// The model that `run` made last, by a name that a workflow can say without knowing its number.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readLock } from './lock-file.ts'

/** What the commands call it. */
export const LOCKED_MODEL = 'locked'

/**
 * @param reference any name of a model
 * @returns the same, but for {@link LOCKED_MODEL}: then the execution that whichsub.lock names
 * @throws AppError `not-found` where it names none
 */
export async function resolveLockedModel(reference: string, effects: Effects): Promise<string> {
	if (reference !== LOCKED_MODEL) return reference
	const { adjust, quantize } = await readLock(effects)
	const made = adjust ?? quantize
	if (made) return made.execution
	throw new AppError('not-found', 'whichsub.lock names no candidate; run: run adjust')
}
