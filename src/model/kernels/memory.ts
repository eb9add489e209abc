// Where things lie in a module that is instantiated for one model: behind its own data, one after the other, and for good.

const PAGE_BITS: usize = 16
const ROUND: usize = 15

let top: usize = 0

/** Zeros. Traps where there is no memory left. */
export function allocate(bytes: u64): usize {
	if (top == 0) top = (__heap_base + ROUND) & ~ROUND
	const from = top
	const to = <u64>from + ((bytes + <u64>ROUND) & ~(<u64>ROUND))
	if (to > 0xffff0000) unreachable()
	top = <usize>to
	const missing = <i32>((top + 0xffff) >> PAGE_BITS) - memory.size()
	if (missing > 0 && memory.grow(missing) < 0) unreachable()
	return from
}
