import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	CENTROIDS,
	type FastTextModel,
	type QuantizedMatrix,
} from '../../../src/model/fasttext/format.ts'
import { writeModel } from '../../../src/model/fasttext/write.ts'
import { isPackedModel, packModel, unpackModel } from '../../../src/model/packed/packed-model.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { seededRandom } from '../../fixtures/corpus.ts'
import { makeModelFile } from '../../fixtures/model-file.ts'

interface Shape {
	readonly words: readonly string[]
	readonly labels: readonly string[]
	readonly ids: readonly number[]
	readonly dim: number
	readonly subDim: number
	readonly seed: number
	readonly hasNorms: boolean
}

const toBytes = (model: FastTextModel) => new Uint8Array(Buffer.concat([...writeModel(model)]))

function makeMatrix(rows: number, { dim, subDim, seed, hasNorms }: Shape): QuantizedMatrix {
	const random = seededRandom(seed)
	const centroids = Float32Array.from({ length: dim * CENTROIDS }, () =>
		Math.floor(random() * 256 - 128),
	)
	// Small codes are frequent, and codes of a row are alike, as in real models.
	const subs = Math.ceil(dim / subDim)
	const codes = Uint8Array.from({ length: rows * subs }, (_, at) =>
		Math.floor(256 * random() ** (2 + (Math.floor(at / subs) % 5))),
	)
	const norms = hasNorms && {
		codes: Uint8Array.from({ length: rows }, () => 256 * random() ** 2),
		quantizer: { dim: 1, subDim: 1, centroids: centroids.slice(0, CENTROIDS) },
	}
	return {
		kind: 'quantized',
		rows,
		columns: dim,
		quantizer: { dim, subDim, centroids },
		codes,
		norms: norms || null,
	}
}

function makeModel(shape: Shape, pairs: FastTextModel['pruned']): FastTextModel {
	const { words, labels, dim, seed } = shape
	const entries = (names: readonly string[]) =>
		names.map((bytes, index) => ({ bytes, count: (seed + index) % 3 }))
	const rows = words.length + (pairs?.rows.reduce((most, row) => Math.max(most, row + 1), 0) ?? 0)
	return {
		args: {
			dim,
			epoch: 3,
			minCount: 1,
			neg: 32,
			wordNgrams: pairs ? 2 : 1,
			loss: 'softmax',
			bucket: 2 ** 27,
		},
		words: entries(words),
		labels: entries(labels),
		tokens: seed * 2 ** 20,
		pruned: pairs,
		input: makeMatrix(rows, shape),
		output: makeMatrix(labels.length, { ...shape, seed: seed + 1 }),
	}
}

/** As `quantize` orders them: by id, rows numbered as they come. */
function makePairs({ ids, seed }: Shape): FastTextModel['pruned'] {
	const random = seededRandom(seed)
	let seen = 0
	const rows = ids.map(() => {
		const row = Math.floor(random() * (seen + 1))
		seen = Math.max(seen, row + 1)
		return row
	})
	return { ids: Int32Array.from([...ids].sort((a, b) => a - b)), rows: Int32Array.from(rows) }
}

const names = fc.array(
	fc
		.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 300 })
		.map((bytes) => String.fromCharCode(...bytes)),
	{ minLength: 1, maxLength: 30 },
)
const shape: fc.Arbitrary<Shape> = fc
	.record({
		words: names,
		labels: names,
		ids: fc.uniqueArray(fc.nat(2 ** 31 - 1), { maxLength: 40 }),
		dim: fc.integer({ min: 1, max: 9 }),
		subDim: fc.integer({ min: 1, max: 3 }),
		seed: fc.nat(1000),
		hasNorms: fc.boolean(),
	})
	.map((record) => ({ ...record, subDim: Math.min(record.dim, record.subDim) }))

const usual: Shape = {
	words: Array.from({ length: 400 }, (_, index) => `word${(index * 7919) % 400}`).sort(),
	labels: ['__label__cats', '__label__linux'],
	ids: Array.from({ length: 900 }, (_, index) => index * 149_000),
	dim: 20,
	subDim: 2,
	seed: 3,
	hasNorms: false,
}

describe('a packed model', () => {
	it('unpacks to the bytes that were packed, whatever the model', () => {
		fc.assert(
			fc.property(shape, fc.boolean(), (shape, hasPairs) => {
				const file = toBytes(makeModel(shape, hasPairs ? makePairs(shape) : null))
				const packed = packModel(file) ?? new Uint8Array()
				expect(isPackedModel(packed)).toBe(true)
				expect(Buffer.compare(unpackModel(packed, file.length), file)).toBe(0)
			}),
			{ numRuns: 40 },
		)
	})

	it('is smaller than gzip makes it', () => {
		const file = toBytes(makeModel(usual, makePairs(usual)))
		expect(packModel(file)?.length).toBeLessThan(gzipSync(file, { level: 9 }).length * 0.9)
	})

	it('is none where the file has floats, or pairs in another order', () => {
		expect(packModel(makeModelFile({ topics: { cats: ['kitten'], linux: ['kernel'] } }))).toBeNull()
		const pairs = { ids: Int32Array.of(1, 2), rows: Int32Array.of(1, 0) }
		expect(packModel(toBytes(makeModel(usual, pairs)))).toBeNull()
	})

	it('is refused or unpacked to something as long where it is damaged: it never hangs', () => {
		const file = toBytes(makeModel(usual, makePairs(usual)))
		const packed = packModel(file) ?? new Uint8Array()
		const flip = fc.record({
			at: fc.nat(packed.length - 1),
			bit: fc.nat(7),
			cut: fc.nat(packed.length),
		})
		fc.assert(
			fc.property(flip, ({ at, bit, cut }) => {
				const flipped = packed.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				for (const bytes of [flipped, packed.slice(0, cut), flipped.slice(0, cut)])
					expect([null, file.length]).toContain(unpackedLength(bytes, file.length))
			}),
			{ numRuns: 60 },
		)
	})

	it('is refused where it says that it is larger than its file', () => {
		const file = toBytes(makeModel(usual, makePairs(usual)))
		const packed = packModel(file) ?? new Uint8Array()
		for (const length of [file.length - 1, 1000, 1])
			expect(() => unpackModel(packed, length)).toThrow('damaged')
		expect(() => unpackModel(packed, file.length + 1)).toThrow('unpacks to')
	})
})

function unpackedLength(bytes: Uint8Array, length: number): number | null {
	try {
		return unpackModel(bytes, length).length
	} catch (error) {
		expect(error).toBeInstanceOf(AppError)
		return null
	}
}
