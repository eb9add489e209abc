// The best of many probabilities, as fastText's `findKBest` finds them with the heap of libc++: of labels with equal scores the same
// ones, in the same order.

// An entry of the heap: the logarithm in single precision, which fastText compares and of which many labels have the same, and the
// label's place. It moves as one number.
const ENTRY_SHIFT: usize = 3
const PLACE: usize = 4
/** Of two probabilities that differ by more than this share (with the offset), the logarithms differ, too. */
const SURELY_LESS: f64 = 1 - 4e-6
const OFFSET: f64 = 1e-5

/** Writes `count` places and, behind them, e^log of each. @param heap 8 bytes for each of `count + 1` */
export function findBest(
	probabilities: usize,
	labels: usize,
	count: usize,
	best: usize,
	heap: usize,
): void {
	let size: usize = 0
	/** What is less than this, with the offset, comes behind all that are kept. */
	let least: f64 = 0
	for (let place: usize = 0; place < labels; place++) {
		const probability = <f64>load<f32>(probabilities + (place << 2)) + OFFSET
		if (probability < least) continue
		const log = <f32>NativeMath.log(probability)
		if (size == count && log < logAt(heap, 0)) continue
		siftUp(heap, size, makeEntry(log, <u32>place))
		size++
		if (size > count) {
			popHeap(heap, size)
			size--
		}
		if (size == count) least = surelyLess(probabilities, load<u32>(heap, PLACE))
	}
	for (let left = size; left > 1; left--) popHeap(heap, left)
	for (let rank: usize = 0; rank < size; rank++) {
		const entry = heap + (rank << ENTRY_SHIFT)
		store<u32>(best + (rank << 2), load<u32>(entry, PLACE))
		store<f32>(best + ((count + rank) << 2), Mathf.exp(load<f32>(entry)))
	}
}

// @ts-ignore
@inline
function surelyLess(probabilities: usize, place: usize): f64 {
	return (<f64>load<f32>(probabilities + (place << 2)) + OFFSET) * SURELY_LESS
}

// @ts-ignore
@inline
function makeEntry(log: f32, place: u32): u64 {
	return <u64>reinterpret<u32>(log) | (<u64>place << 32)
}

// @ts-ignore
@inline
function logOf(entry: u64): f32 {
	return reinterpret<f32>(<u32>entry)
}

// @ts-ignore
@inline
function logAt(heap: usize, index: usize): f32 {
	return load<f32>(heap + (index << ENTRY_SHIFT))
}

// @ts-ignore
@inline
function entryAt(heap: usize, index: usize): u64 {
	return load<u64>(heap + (index << ENTRY_SHIFT))
}

// @ts-ignore
@inline
function put(heap: usize, index: usize, entry: u64): void {
	store<u64>(heap + (index << ENTRY_SHIFT), entry)
}

/** The worst is on top: "less" in the heap's sense is a higher logarithm. */
// @ts-ignore
@inline
function isLess(one: f32, other: f32): bool {
	return one > other
}

/** Puts an entry where it belongs between a place at the end and the top. Source: `__sift_up` of libc++. */
function siftUp(heap: usize, from: usize, entry: u64): void {
	const log = logOf(entry)
	let hole = from
	while (hole > 0) {
		const parent = (hole - 1) >> 1
		if (!isLess(logAt(heap, parent), log)) break
		put(heap, hole, entryAt(heap, parent))
		hole = parent
	}
	put(heap, hole, entry)
}

/** Moves the top behind the others. Source: `__pop_heap` and `__floyd_sift_down` of libc++. */
function popHeap(heap: usize, size: usize): void {
	if (size < 2) return
	const top = entryAt(heap, 0)
	let hole: usize = 0
	for (let child: usize = 1; child < size; child = 2 * hole + 1) {
		// Added, as no processor can foresee which of the two it is.
		if (child + 1 < size) child += <usize>isLess(logAt(heap, child), logAt(heap, child + 1))
		put(heap, hole, entryAt(heap, child))
		hole = child
	}
	const last = size - 1
	if (hole != last) siftUp(heap, hole, entryAt(heap, last))
	put(heap, last, top)
}
