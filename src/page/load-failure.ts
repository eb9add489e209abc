// Why a release could not be loaded, and when it is tried again. Pure.
import { AppError, deserializeError } from '../shared/app-error.ts'
import type { DownloadPause } from '../shared/classifier-protocol.ts'

export interface Failure {
	readonly error: Error
	/** When it is tried again by itself, in milliseconds since 1970; null: at the next look at the page. */
	readonly retryAt: number | null
}

/** A download that failed, and that is tried again at its time. */
export class PausedError extends Error {
	readonly pause: DownloadPause

	constructor(pause: DownloadPause) {
		super(pause.error.message)
		this.pause = pause
	}
}

export function describeFailure(error: unknown): Failure {
	if (error instanceof PausedError)
		return { error: deserializeError(error.pause.error), retryAt: error.pause.until }
	return { error: error as Error, retryAt: null }
}

/** Whether it failed for want of a network, or of the worker that was asked: no fault of a release. */
export function isUnreachable(error: unknown): boolean {
	return error instanceof AppError && ['network', 'aborted'].includes(error.code)
}
