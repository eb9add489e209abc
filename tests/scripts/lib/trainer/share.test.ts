import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shareRows } from '../../../../scripts/lib/trainer/share.ts'

const DIM = 2
const STRIDE = 8

function makeJob(vectors: readonly (readonly number[])[], labels: readonly number[], rows: number) {
	const data = new Float32Array(vectors.length * STRIDE).fill(1e9)
	for (const [index, vector] of vectors.entries()) data.set(vector, index * STRIDE)
	return {
		data,
		dim: DIM,
		stride: STRIDE,
		rows,
		counts: new Uint32Array(vectors.length).fill(1),
		labels: Int32Array.from(labels),
	}
}

it('gives alike n-grams of one label one row, and others their own', () => {
	const near = [0, 1]
	const far = [9, 0]
	const vectors = [near, far, [0, 1.1], [9.1, 0]]
	const shared = shareRows(makeJob([...vectors, ...vectors], [0, 0, 0, 0, 1, 1, 1, 1], 4))
	// The same vectors again speak for another label.
	const [a, b, c, d] = [shared[0], shared[1], shared[4], shared[5]]
	expect([...shared]).toEqual([a, b, a, b, c, d, c, d])
	expect(new Set([a, b, c, d]).size).toBe(4)
})

it('numbers the rows from 0 as they come, and never lets labels share, whatever the vectors', () => {
	const anyNgram = fc.record({
		vector: fc.tuple(
			fc.float({ noNaN: true, min: -5, max: 5 }),
			fc.float({ noNaN: true, min: -5, max: 5 }),
		),
		label: fc.nat(4),
	})
	fc.assert(
		fc.property(
			fc.array(anyNgram, { minLength: 1, maxLength: 80 }),
			fc.integer({ min: 1, max: 40 }),
			(ngrams, rows) => {
				const labels = ngrams.map(({ label }) => label)
				const shared = shareRows(
					makeJob(
						ngrams.map(({ vector }) => vector),
						labels,
						rows,
					),
				)
				const used = [...new Set(shared)]
				expect(used).toEqual(used.map((_, index) => index))
				const owners = new Map<number, number>()
				for (const [index, row] of shared.entries()) {
					expect(owners.get(row) ?? labels[index]).toBe(labels[index])
					owners.set(row, labels[index] as number)
				}
			},
		),
	)
})
