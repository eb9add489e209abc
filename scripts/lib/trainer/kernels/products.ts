// The three matrix products of a batch in SIMD128, each on tiles of 4×8 that stay in registers.
// "Panels of 8" hold 8 neighbouring columns of all rows one after the other: [column / 8][row][column % 8].
// Sums run in one fixed order whatever the tiles or threads, so results are the same bit for bit.

/**
 * Rows [from, to) in steps of 4 of product = left · right + bias: [row][inner] times panels of `columns` columns. The
 * scores of labels, and what their errors send back to the hidden vectors. A null bias is none.
 */
export function multiplyRows(
	left: usize,
	inner: usize,
	right: usize,
	columns: usize,
	bias: usize,
	product: usize,
	from: usize,
	to: usize,
): void {
	const panelBytes = inner << 5
	const leftBytes = inner << 2
	const rowBytes = columns << 2
	const zero = f32x4.splat(0)
	for (let column: usize = 0; column < columns; column += 8) {
		const panel = right + (column >> 3) * panelBytes
		const bias0 = bias == 0 ? zero : v128.load(bias + (column << 2))
		const bias1 = bias == 0 ? zero : v128.load(bias + (column << 2), 16)
		for (let row = from; row < to; row += 4) {
			let a0 = bias0
			let a1 = bias1
			let b0 = bias0
			let b1 = bias1
			let c0 = bias0
			let c1 = bias1
			let d0 = bias0
			let d1 = bias1
			let p = panel
			let ha = left + row * leftBytes
			let hb = ha + leftBytes
			let hc = hb + leftBytes
			let hd = hc + leftBytes
			for (const end = hb; ha < end; ) {
				const x0 = v128.load(p)
				const x1 = v128.load(p, 16)
				const a = v128.load_splat<f32>(ha)
				a0 = f32x4.add(a0, f32x4.mul(a, x0))
				a1 = f32x4.add(a1, f32x4.mul(a, x1))
				const b = v128.load_splat<f32>(hb)
				b0 = f32x4.add(b0, f32x4.mul(b, x0))
				b1 = f32x4.add(b1, f32x4.mul(b, x1))
				const c = v128.load_splat<f32>(hc)
				c0 = f32x4.add(c0, f32x4.mul(c, x0))
				c1 = f32x4.add(c1, f32x4.mul(c, x1))
				const d = v128.load_splat<f32>(hd)
				d0 = f32x4.add(d0, f32x4.mul(d, x0))
				d1 = f32x4.add(d1, f32x4.mul(d, x1))
				p += 32
				ha += 4
				hb += 4
				hc += 4
				hd += 4
			}
			let s = product + row * rowBytes + (column << 2)
			v128.store(s, a0)
			v128.store(s, a1, 16)
			s += rowBytes
			v128.store(s, b0)
			v128.store(s, b1, 16)
			s += rowBytes
			v128.store(s, c0)
			v128.store(s, c1, 16)
			s += rowBytes
			v128.store(s, d0)
			v128.store(s, d1, 16)
		}
	}
}

/**
 * Gradient of `4 * strips` output rows: errorsᵀ · hidden. `errors` is one packed strip [sample][4] after the other,
 * `hidden` comes in panels of its dimensions `panelRows` long, and `gradient` takes 4 rows of `dim` for each strip.
 */
export function multiplyOutput(
	errors: usize,
	strips: usize,
	hidden: usize,
	panelRows: usize,
	samples: usize,
	gradient: usize,
	dim: usize,
): void {
	const stripBytes = samples << 4
	for (let k: usize = 0; k < dim; k += 8)
		for (let strip: usize = 0; strip < strips; strip++)
			multiplyStrip(
				errors + strip * stripBytes,
				errors + (strip + 1) * stripBytes,
				hidden + (((k >> 3) * panelRows) << 5),
				gradient + ((strip * dim) << 4) + (k << 2),
				dim << 2,
			)
}

// @ts-ignore
@inline
function multiplyStrip(from: usize, end: usize, panel: usize, gradient: usize, rowBytes: usize): void {
	let a0 = f32x4.splat(0)
	let a1 = a0
	let b0 = a0
	let b1 = a0
	let c0 = a0
	let c1 = a0
	let d0 = a0
	let d1 = a0
	let p = panel
	for (let e = from; e < end; e += 16) {
		const x0 = v128.load(p)
		const x1 = v128.load(p, 16)
		const a = v128.load_splat<f32>(e)
		a0 = f32x4.add(a0, f32x4.mul(a, x0))
		a1 = f32x4.add(a1, f32x4.mul(a, x1))
		const b = v128.load_splat<f32>(e, 4)
		b0 = f32x4.add(b0, f32x4.mul(b, x0))
		b1 = f32x4.add(b1, f32x4.mul(b, x1))
		const c = v128.load_splat<f32>(e, 8)
		c0 = f32x4.add(c0, f32x4.mul(c, x0))
		c1 = f32x4.add(c1, f32x4.mul(c, x1))
		const d = v128.load_splat<f32>(e, 12)
		d0 = f32x4.add(d0, f32x4.mul(d, x0))
		d1 = f32x4.add(d1, f32x4.mul(d, x1))
		p += 32
	}
	let g = gradient
	v128.store(g, a0)
	v128.store(g, a1, 16)
	g += rowBytes
	v128.store(g, b0)
	v128.store(g, b1, 16)
	g += rowBytes
	v128.store(g, c0)
	v128.store(g, c1, 16)
	g += rowBytes
	v128.store(g, d0)
	v128.store(g, d1, 16)
}
