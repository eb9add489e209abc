// What may be missing without harm.
import { AppError } from '../../src/shared/app-error.ts'

/** For `catch`: null in place of what is not there. */
export function nullIfMissing(error: unknown): null {
	if (error instanceof AppError && error.code === 'not-found') return null
	throw error
}
