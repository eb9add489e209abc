// Passes over the rows of a matrix in the shared memory, shared out among the workers.
import type { Crew } from './crew.ts'

const ROWS_A_CALL = 1024

/**
 * Calls a kernel for all rows, some at a time, each worker its share.
 *
 * @param taskOf the kernel and its first arguments; what follows them are the rows of a call, and the first
 */
export async function sweepRows(
	crew: Crew,
	rows: number,
	taskOf: (thread: number) => { kernel: string; args: readonly number[] },
): Promise<void> {
	await crew.runAll((thread) => {
		const { kernel, args } = taskOf(thread)
		return {
			mode: 'sweep',
			kernel,
			args: [...args, ROWS_A_CALL],
			from: thread * ROWS_A_CALL,
			to: rows,
			step: ROWS_A_CALL * crew.threads,
		}
	})
}

/** Lowest and highest value of each column; NaN for a column with one, infinities as they are. */
export async function columnRanges(
	crew: Crew,
	address: number,
	rows: number,
	stride: number,
): Promise<{ lows: Float64Array; highs: Float64Array }> {
	const bytes = stride * 2 * 4
	const ranges = crew.arena.take(bytes * crew.threads, 'bookkeeping')
	const views = Array.from({ length: crew.threads }, (_, thread) => {
		const view = crew.float32(ranges + thread * bytes, stride * 2)
		return view.fill(Infinity, 0, stride).fill(-Infinity, stride)
	})
	await sweepRows(crew, rows, (thread) => ({
		kernel: 'columnRanges',
		args: [address, rows, stride, ranges + thread * bytes],
	}))
	const column = (k: number, merge: (...values: number[]) => number) =>
		merge(...views.map((view) => view[k] ?? Number.NaN))
	const lows = Float64Array.from({ length: stride }, (_, k) => column(k, Math.min))
	const highs = Float64Array.from({ length: stride }, (_, k) => column(stride + k, Math.max))
	crew.arena.free(ranges)
	return { lows, highs }
}
