import { describe, expect, it } from 'vitest'
import { LabelVectors } from '../../src/model/label-vectors.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

/** Vectors on a plane, after a shift that all have in common. */
function makeVectors(vectors: Readonly<Record<string, readonly [number, number]>>): LabelVectors {
	const rows = Object.values(vectors)
	return new LabelVectors({
		labels: Object.keys(vectors).map((name) => ({ bytes: `__label__${name}`, count: 1 })),
		output: {
			kind: 'dense',
			rows: rows.length,
			columns: 2,
			stride: 2,
			data: Float32Array.from(rows.flatMap(([x, y]) => [x + 100, y + 100])),
		},
	})
}

describe('LabelVectors', () => {
	it('finds what points the same way, whatever all have in common, and never itself', () => {
		const vectors = makeVectors({
			cats: [1, 0.1],
			kittens: [2, 0.3],
			dogs: [0.5, 0.8],
			rockets: [-3, -0.4],
			moons: [-0.5, -0.8],
		})
		const found = vectors.nearest('cats', 3).map(({ subreddit }) => subreddit)
		expect(found).toEqual(['kittens', 'dogs', 'moons'])
		expect(vectors.nearest('cats', 1)[0]?.likeness).toBeGreaterThan(0.99)
		expect(vectors.nearest('unknown', 3)).toEqual([])
	})

	it('reads them from the file of a model', () => {
		const file = makeModelFile({ topics: { cats: ['rex'], dogs: ['tom'], cows: ['moo'] } })
		const found = LabelVectors.read(file).nearest('dogs', 5)
		expect(found.map(({ subreddit }) => subreddit).sort()).toEqual(['cats', 'cows'])
	})
})
