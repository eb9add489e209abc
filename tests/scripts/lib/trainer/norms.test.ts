import fc from 'fast-check'
import { expect, it } from 'vitest'
import { takeNorms } from '../../../../scripts/lib/trainer/norms.ts'

const STRIDE = 8
const finite = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 })
const vectors = fc.array(fc.array(finite, { minLength: STRIDE, maxLength: STRIDE }), {
	minLength: 1,
	maxLength: 40,
})

it('leaves directions that make vectors again with their norms', () => {
	fc.assert(
		fc.property(vectors, (vectors) => {
			const before = Float32Array.from(vectors.flat())
			const data = before.slice()
			const { codes, quantizer } = takeNorms(data, vectors.length, STRIDE)
			const longest = Math.max(...vectors.map((vector) => Math.hypot(...vector)))
			for (const [at, value] of before.entries()) {
				const norm = quantizer.centroids[codes[Math.floor(at / STRIDE)] as number] as number
				expect(Math.abs(norm * (data[at] as number) - value)).toBeLessThanOrEqual(longest * 1e-6)
			}
		}),
	)
})

it('leaves directions of a length near 1', () => {
	const data = Float32Array.from(
		{ length: 50 * STRIDE },
		(_, at) => Math.sin(at) * 1.3 ** (at / STRIDE),
	)
	takeNorms(data, 50, STRIDE)
	for (let row = 0; row < 50; row += 1) {
		const length = Math.hypot(...data.subarray(row * STRIDE, (row + 1) * STRIDE))
		expect(length).toBeGreaterThan(0.9)
		expect(length).toBeLessThan(1.1)
	}
})

it('leaves zeros exactly zero', () => {
	const data = new Float32Array(2 * STRIDE).fill(1, STRIDE)
	const { codes, quantizer } = takeNorms(data, 2, STRIDE)
	expect(quantizer.centroids[codes[0] as number]).toBe(0)
	expect([...data.subarray(0, STRIDE)]).toEqual(new Array(STRIDE).fill(0))
})
