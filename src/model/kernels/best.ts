// The best of many probabilities, as fastText's `findKBest` finds them with the heap of libc++: of labels with equal scores the same
// ones, in the same order.

/** What fastText compares: a logarithm in single precision, of which many labels have the same. */
@unmanaged
class Entry {
	log: f32
	probability: f32
	place: u32
	padding: u32
}

const ENTRY_SHIFT: usize = 4
/** Of two probabilities that differ by more than this share (with the offset), the logarithms differ, too. */
const SURELY_LESS: f64 = 1 - 4e-6
const OFFSET: f64 = 1e-5

/** Writes `count` places and, behind them, e^log of each. */
export function findBest(
	probabilities: usize,
	labels: usize,
	count: usize,
	best: usize,
	heap: usize,
): void {
	let size: usize = 0
	const first = changetype<Entry>(heap)
	for (let place: usize = 0; place < labels; place++) {
		const probability = load<f32>(probabilities + (place << 2))
		if (size == count) {
			if (<f64>probability + OFFSET < (<f64>first.probability + OFFSET) * SURELY_LESS) continue
			if (logOf(probability) < first.log) continue
		}
		const entry = at(heap, size)
		entry.log = logOf(probability)
		entry.probability = probability
		entry.place = <u32>place
		size++
		siftUp(heap, size)
		if (size > count) {
			popHeap(heap, size)
			size--
		}
	}
	for (let left = size; left > 1; left--) popHeap(heap, left)
	for (let rank: usize = 0; rank < size; rank++) {
		const entry = at(heap, rank)
		store<u32>(best + (rank << 2), entry.place)
		store<f32>(best + ((count + rank) << 2), Mathf.exp(entry.log))
	}
}

// @ts-ignore
@inline
function logOf(probability: f32): f32 {
	return <f32>NativeMath.log(<f64>probability + OFFSET)
}

// @ts-ignore
@inline
function at(heap: usize, index: usize): Entry {
	return changetype<Entry>(heap + (index << ENTRY_SHIFT))
}

// @ts-ignore
@inline
function move(heap: usize, to: usize, from: usize): void {
	memory.copy(heap + (to << ENTRY_SHIFT), heap + (from << ENTRY_SHIFT), 1 << ENTRY_SHIFT)
}

/** The worst is on top: "less" in the heap's sense is a higher logarithm. */
// @ts-ignore
@inline
function isLess(one: f32, other: f32): bool {
	return one > other
}

/** Moves the last of `size` entries to its place. Source: `__sift_up` of libc++. */
function siftUp(heap: usize, size: usize): void {
	if (size < 2) return
	let hole = size - 1
	const moved = at(heap, hole)
	const log = moved.log
	const probability = moved.probability
	const place = moved.place
	while (hole > 0) {
		const parent = (hole - 1) >> 1
		if (!isLess(at(heap, parent).log, log)) break
		move(heap, hole, parent)
		hole = parent
	}
	put(heap, hole, log, probability, place)
}

/** Moves the top behind the others. Source: `__pop_heap` and `__floyd_sift_down` of libc++. */
function popHeap(heap: usize, size: usize): void {
	if (size < 2) return
	const moved = at(heap, 0)
	const log = moved.log
	const probability = moved.probability
	const place = moved.place
	let hole: usize = 0
	for (let child: usize = 1; child < size; child = 2 * hole + 1) {
		if (child + 1 < size && isLess(at(heap, child).log, at(heap, child + 1).log)) child++
		move(heap, hole, child)
		hole = child
	}
	const last = size - 1
	if (hole != last) {
		move(heap, hole, last)
		siftUp(heap, hole + 1)
	}
	put(heap, last, log, probability, place)
}

function put(heap: usize, index: usize, log: f32, probability: f32, place: u32): void {
	const entry = at(heap, index)
	entry.log = log
	entry.probability = probability
	entry.place = place
}
