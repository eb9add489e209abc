// Product quantisation with a price on bits: a code is chosen by distance plus what it costs to send
// (entropy-constrained vector quantisation; Chou, Lookabaugh and Gray 1989).

export const CENTROIDS: usize = 256

/** Mirrors QUANTIZE in layout.ts. */
@unmanaged
export class Quantize {
	/** Vectors, `stride` floats apart. */
	rows: usize
	rowCount: u32
	/** Every `step`th row is looked at. */
	step: u32
	stride: u32
	/** Price of a bit at each row, in squared distance; and its weight in the means. */
	prices: usize
	weights: usize
	/** For each sub-vector one book of `bookFloats`: see below. */
	books: usize
	bookFloats: u32
	subDim: u32
	dim: u32
	/** One byte for each sub-vector of each row; null: codes are not kept. */
	codes: usize
	subCount: u32
	/** 1: centroids move to the weighted means of their rows. */
	learn: u32
}

// A book: [256] bits of each code, [256] squared lengths, [subDim][256] coordinates,
// [256] weights of the rows at each code, [256] counts, [subDim][256] weighted sums.

/** Assigns the rows to the codes of one sub-vector, adds up weights, counts and sums, and moves the centroids. */
export function quantizeSub(job: Quantize, sub: usize): u32 {
	const subDim: usize = job.subDim
	const from = sub * subDim
	const length = min(subDim, <usize>job.dim - from)
	const book = job.books + sub * (<usize>job.bookFloats << 2)
	const squares = book + (CENTROIDS << 2)
	const places = squares + (CENTROIDS << 2)
	const totals = places + ((subDim * CENTROIDS) << 2)
	memory.fill(totals, 0, ((2 + subDim) * CENTROIDS) << 2)
	measure(squares, places, length)
	for (let row: usize = 0; row < <usize>job.rowCount; row += job.step) {
		const vector = job.rows + ((row * <usize>job.stride + from) << 2)
		const code = nearest(book, squares, places, vector, length, load<f32>(job.prices + (row << 2)))
		if (job.codes != 0) store<u8>(job.codes + row * <usize>job.subCount + sub, <u8>code)
		addUp(totals, vector, code, length, load<f32>(job.weights + (row << 2)))
	}
	if (job.learn != 0) moveCentroids(places, totals, length)
	return 0
}

function measure(squares: usize, places: usize, length: usize): void {
	for (let c: usize = 0; c < CENTROIDS << 2; c += 16) {
		let sum = f32x4.splat(0)
		for (let k: usize = 0; k < length; k++) {
			const x = v128.load(places + ((k * CENTROIDS) << 2) + c)
			sum = f32x4.add(sum, f32x4.mul(x, x))
		}
		v128.store(squares + c, sum)
	}
}

function nearest(bits: usize, squares: usize, places: usize, vector: usize, length: usize, price: f32): usize {
	let best = f32x4.splat(Infinity)
	let bestAt = i32x4.splat(0)
	let at = i32x4(0, 1, 2, 3)
	const four = i32x4.splat(4)
	const cost = f32x4.splat(price)
	const x = f32x4.splat(-2 * load<f32>(vector))
	const y = f32x4.splat(length > 1 ? -2 * load<f32>(vector, 4) : 0)
	const second: usize = length > 1 ? CENTROIDS << 2 : 0
	for (let c: usize = 0; c < CENTROIDS << 2; c += 16) {
		let sum = f32x4.add(v128.load(squares + c), f32x4.mul(v128.load(bits + c), cost))
		sum = f32x4.add(sum, f32x4.mul(x, v128.load(places + c)))
		sum = f32x4.add(sum, f32x4.mul(y, v128.load(places + second + c)))
		for (let k: usize = 2; k < length; k++) {
			const z = f32x4.splat(-2 * load<f32>(vector + (k << 2)))
			sum = f32x4.add(sum, f32x4.mul(z, v128.load(places + ((k * CENTROIDS) << 2) + c)))
		}
		const better = f32x4.lt(sum, best)
		best = f32x4.min(sum, best)
		bestAt = v128.bitselect(at, bestAt, better)
		at = i32x4.add(at, four)
	}
	let least = f32x4.extract_lane(best, 0)
	let code = i32x4.extract_lane(bestAt, 0)
	if (f32x4.extract_lane(best, 1) < least) {
		least = f32x4.extract_lane(best, 1)
		code = i32x4.extract_lane(bestAt, 1)
	}
	if (f32x4.extract_lane(best, 2) < least) {
		least = f32x4.extract_lane(best, 2)
		code = i32x4.extract_lane(bestAt, 2)
	}
	if (f32x4.extract_lane(best, 3) < least) code = i32x4.extract_lane(bestAt, 3)
	return <usize>code
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addUp(totals: usize, vector: usize, code: usize, length: usize, weight: f32): void {
	const counts = totals + (CENTROIDS << 2)
	const sums = counts + (CENTROIDS << 2)
	const place = code << 2
	store<f32>(totals + place, load<f32>(totals + place) + weight)
	store<f32>(counts + place, load<f32>(counts + place) + 1)
	for (let k: usize = 0; k < length; k++) {
		const sum = sums + ((k * CENTROIDS) << 2) + place
		store<f32>(sum, load<f32>(sum) + weight * load<f32>(vector + (k << 2)))
	}
}

function moveCentroids(places: usize, totals: usize, length: usize): void {
	const sums = totals + (CENTROIDS << 3)
	for (let c: usize = 0; c < CENTROIDS << 2; c += 4) {
		const weight = load<f32>(totals + c)
		if (!(weight > 0)) continue
		for (let k: usize = 0; k < length; k++) {
			const offset = ((k * CENTROIDS) << 2) + c
			store<f32>(places + offset, load<f32>(sums + offset) / weight)
		}
	}
}
