// Vectors of features and labels, one at a time.

/** Mean of the vectors of the `length` rows that are listed at `features` and of `dilution` zeros; zero for none. */
export function meanOfRows(features: usize, length: u32, dilution: f32, input: usize, hidden: usize, dim: usize): void {
	const end = features + (<usize>length << 2)
	const scale = f32x4.splat(length == 0 ? 0 : 1 / (<f32>length + dilution))
	let k: usize = 0
	for (; k + 16 <= dim; k += 16) {
		let a = f32x4.splat(0)
		let b = a
		let c = a
		let d = a
		for (let feature = features; feature < end; feature += 4) {
			const row = input + ((<usize>load<u32>(feature) * dim + k) << 2)
			a = f32x4.add(a, v128.load(row))
			b = f32x4.add(b, v128.load(row, 16))
			c = f32x4.add(c, v128.load(row, 32))
			d = f32x4.add(d, v128.load(row, 48))
		}
		v128.store(hidden + (k << 2), f32x4.mul(a, scale))
		v128.store(hidden + (k << 2), f32x4.mul(b, scale), 16)
		v128.store(hidden + (k << 2), f32x4.mul(c, scale), 32)
		v128.store(hidden + (k << 2), f32x4.mul(d, scale), 48)
	}
	if (k == dim) return
	let a = f32x4.splat(0)
	let b = a
	for (let feature = features; feature < end; feature += 4) {
		const row = input + ((<usize>load<u32>(feature) * dim + k) << 2)
		a = f32x4.add(a, v128.load(row))
		b = f32x4.add(b, v128.load(row, 16))
	}
	v128.store(hidden + (k << 2), f32x4.mul(a, scale))
	v128.store(hidden + (k << 2), f32x4.mul(b, scale), 16)
}

/** Vector `label` of `output` (zeros for -1) to `position` of panels of 8 labels, and of panels of 8 dimensions unless null. */
export function packVector(
	output: usize,
	label: i32,
	position: usize,
	width: usize,
	dim: usize,
	labelPanels: usize,
	dimPanels: usize,
): void {
	const row = output + ((<usize>max(label, 0) * dim) << 2)
	const panel = labelPanels + (((position >> 3) * dim) << 5) + ((position & 7) << 2)
	for (let k: usize = 0; k < dim; k += 8) {
		const zero = f32x4.splat(0)
		const x0 = label < 0 ? zero : v128.load(row + (k << 2))
		const x1 = label < 0 ? zero : v128.load(row + (k << 2), 16)
		const p = panel + (k << 5)
		store<f32>(p, f32x4.extract_lane(x0, 0))
		store<f32>(p, f32x4.extract_lane(x0, 1), 32)
		store<f32>(p, f32x4.extract_lane(x0, 2), 64)
		store<f32>(p, f32x4.extract_lane(x0, 3), 96)
		store<f32>(p, f32x4.extract_lane(x1, 0), 128)
		store<f32>(p, f32x4.extract_lane(x1, 1), 160)
		store<f32>(p, f32x4.extract_lane(x1, 2), 192)
		store<f32>(p, f32x4.extract_lane(x1, 3), 224)
		if (dimPanels == 0) continue
		const q = dimPanels + (((k >> 3) * width + position) << 5)
		v128.store(q, x0)
		v128.store(q, x1, 16)
	}
}

/** Packs all label vectors into panels of 8, and fills up with labels that nothing scores. `bias` takes a number for each. */
export function packLabels(output: usize, labels: u32, width: u32, dim: usize, labelPanels: usize, bias: usize): void {
	for (let label: u32 = 0; label < width; label++) {
		const known = label < labels
		store<f32>(bias + (<usize>label << 2), known ? 0 : -1e30)
		packVector(output, known ? <i32>label : -1, label, width, dim, labelPanels, 0)
	}
}

// @ts-ignore
@inline
export function meanSquare(vector: usize, dim: usize): f32 {
	let sums = f32x4.splat(0)
	for (let k: usize = 0; k < dim << 2; k += 16) {
		const x = v128.load(vector + k)
		sums = f32x4.add(sums, f32x4.mul(x, x))
	}
	const sum =
		f32x4.extract_lane(sums, 0) +
		f32x4.extract_lane(sums, 1) +
		(f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3))
	return sum / <f32>dim
}
