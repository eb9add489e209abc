// Errors of files that can't be unpacked: the reason is given where it is found, the file's name is added later.
import { AppError } from '../../../../src/shared/app-error.ts'

// An empty text file has no rows. An empty packed file is invalid, for `gzip` and `zstd`, too: it is what a download
// that never started leaves behind.
export const EMPTY = 'it is empty'
export const CUT_OFF = 'it is cut off'

export function damaged(reason: string, cause?: unknown): AppError {
	return new AppError('damaged', reason, cause)
}

/** Adds the file's name and the next step to a `damaged` or `unsupported`. */
export function nameFile(error: unknown, name: string): unknown {
	if (!(error instanceof AppError)) return error
	const { code, message } = error
	if (code === 'damaged')
		return new AppError(code, `file is damaged: ${name} (${message}); get it again`, error)
	if (code === 'unsupported')
		return new AppError(code, `file can't be unpacked: ${name} (${message})`, error)
	return error
}
