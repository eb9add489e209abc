// Passes over all vectors of a matrix: what its columns range over, and the 24-bit codes of a full-precision file.

/**
 * Widens [stride] lows and [stride] highs at `ranges` by the rows [first, first + step) below `end`. A column with a NaN
 * becomes NaN.
 */
export function columnRanges(
	vectors: usize,
	end: u32,
	stride: u32,
	ranges: usize,
	step: u32,
	first: u32,
): void {
	const width = <usize>stride << 2
	for (let row = first; row < min(first + step, end); row++) {
		const vector = vectors + <usize>row * width
		for (let k: usize = 0; k < width; k += 16) {
			const x = v128.load(vector + k)
			v128.store(ranges + k, f32x4.min(v128.load(ranges + k), x))
			v128.store(ranges + width + k, f32x4.max(v128.load(ranges + width + k), x))
		}
	}
}

/**
 * Codes of the rows [first, first + step) below `end`: the place of each number in its column's range, in 2^24 steps, as
 * three bytes `columns` apart. `ranges` holds f64s: [columns] lows and [columns] ranges.
 */
export function encodeRows(
	vectors: usize,
	end: u32,
	stride: u32,
	columns: u32,
	ranges: usize,
	codes: usize,
	step: u32,
	first: u32,
): void {
	const width: usize = columns
	for (let row = first; row < min(first + step, end); row++) {
		const vector = vectors + ((<usize>row * stride) << 2)
		const to = codes + <usize>row * width * 3
		for (let column: usize = 0; column < width; column++) {
			const low = load<f64>(ranges + (column << 3))
			const range = load<f64>(ranges + ((width + column) << 3))
			const share = (<f64>load<f32>(vector + (column << 2)) - low) / range
			const place = min<u32>(0xffffff, <u32>(share * 16777216.0))
			store<u8>(to + column, <u8>(place >> 16))
			store<u8>(to + width + column, <u8>(place >> 8))
			store<u8>(to + 2 * width + column, <u8>place)
		}
	}
}
