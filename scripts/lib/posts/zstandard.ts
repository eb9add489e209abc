// Unpacks Zstandard as a stream.
import { Decompress } from 'fzstd'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'

/** @throws AppError `damaged` for a stream that is cut off or corrupt, after what came before it was yielded */
export async function* readZstandard(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Uint8Array> {
	let unpacked: Uint8Array[] = []
	const decoder = new Decompress((chunk) => unpacked.push(chunk))
	const push = (chunk: Uint8Array, isLast: boolean) => {
		try {
			decoder.push(chunk, isLast)
		} catch (error) {
			throw new AppError(
				'damaged',
				`file is cut off or damaged: ${name} (${errorMessage(error)}); get it again`,
				error,
			)
		}
	}
	for await (const chunk of chunks) {
		push(chunk, false)
		yield* unpacked
		unpacked = []
	}
	push(new Uint8Array(0), true)
	yield* unpacked
}
