// Where things lie: first what arrives, then the unpacked file, then the coder's models, which grow the memory.

/** What arrives is copied here; what a step leaves over is moved to its front. */
export const INPUT: usize = 1024
export const INPUT_BYTES: usize = 1 << 17
export const OUTPUT: usize = INPUT + INPUT_BYTES

const PAGE_BITS: usize = 16
const ROUND: usize = 7

let top: usize = OUTPUT

/** Zeros, for good: nothing is given back. Traps where there is no memory left. */
export function allocate(bytes: u64): usize {
	const from = top
	const to = <u64>from + ((bytes + <u64>ROUND) & ~(<u64>ROUND))
	if (to > 0xffff0000) unreachable()
	top = <usize>to
	const missing = <i32>((top + 0xffff) >> PAGE_BITS) - memory.size()
	if (missing > 0 && memory.grow(missing) < 0) unreachable()
	return from
}
