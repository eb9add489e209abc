// The one type of an expected failure, in the page, the worker and the commands. Anything else that is thrown is a bug.

/** The kinds of expected failure; programs branch on these, people read the message. */
export type AppErrorCode =
	| 'bad-input'
	| 'bad-data'
	| 'damaged'
	| 'not-found'
	| 'conflict'
	/** No answer came, or not all of it. */
	| 'network'
	/** The server answered with an error of its own. */
	| 'server'
	/** Another origin answers, and does not let this page read the answer. */
	| 'cross-origin'
	/** A web page came where there should be a file, as from a network that wants its users to sign in. */
	| 'web-page'
	| 'storage'
	| 'storage-full'
	| 'unsupported'
	| 'missing-tool'
	/** The site's own policy forbids what the page needs. */
	| 'policy'
	/** The server has another build of the page than the one that is open. */
	| 'outdated'
	/** A file of the page itself came with other bytes than were built. */
	| 'damaged-page'
	| 'out-of-memory'
	| 'diverged'
	/** Posts no longer look like those that a release was tested on. */
	| 'drifted'
	| 'aborted'
	| 'timeout'
	| 'worker-died'

/**
 * An expected failure. The message is lower-case `what: value`, then the next step:
 * `model is damaged: sha-256 differs from the manifest; download it again`.
 */
export class AppError extends Error {
	override readonly name = 'AppError'
	readonly code: AppErrorCode

	constructor(code: AppErrorCode, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause })
		this.code = code
	}
}

/** What crosses a worker boundary: structured cloning would drop the subclass and the code. */
export interface SerializedError {
	readonly code: AppErrorCode | 'bug'
	readonly message: string
}

export function serializeError(error: unknown): SerializedError {
	if (error instanceof AppError) return { code: error.code, message: error.message }
	return { code: 'bug', message: errorMessage(error) }
}

export function deserializeError({ code, message }: SerializedError): Error {
	return code === 'bug' ? new Error(message) : new AppError(code, message)
}

/** The message of whatever was thrown. */
export function errorMessage(error: unknown): string {
	return error instanceof Error ? error.message : String(error)
}
