import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	CENTROIDS,
	decodeRow,
	type FastTextModel,
	LOSS_NAMES,
	type Matrix,
	type ProductQuantizer,
} from '../../../src/model/fasttext/format.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import { writeModel } from '../../../src/model/fasttext/write.ts'
import { AppError } from '../../../src/shared/app-error.ts'

function bytesOfModel(model: FastTextModel): Uint8Array {
	return new Uint8Array(Buffer.concat([...writeModel(model)]))
}

function makeQuantizer(dim: number, subDim: number): ProductQuantizer {
	const centroids = Float32Array.from({ length: dim * CENTROIDS }, (_, i) => Math.sin(i))
	return { dim, subDim, centroids }
}

function makeMatrix(kind: string, rows: number, columns: number, subDim: number): Matrix {
	if (kind === 'dense') {
		const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.cos(i))
		return { kind, rows, columns, stride: columns, data }
	}
	const codeCount = rows * Math.ceil(columns / subDim)
	const codes = Uint8Array.from({ length: codeCount }, (_, i) => (i * 37) % 256)
	const norms = kind === 'with norms' && {
		codes: Uint8Array.from({ length: rows }, (_, i) => (i * 11) % 256),
		quantizer: makeQuantizer(1, 1),
	}
	const quantizer = makeQuantizer(columns, subDim)
	return { kind: 'quantized', rows, columns, quantizer, codes, norms: norms || null }
}

const bytes = fc
	.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 12 })
	.map((codes) => String.fromCharCode(...codes))
const entry = fc.record({ bytes, count: fc.nat(1_000_000) })

const models: fc.Arbitrary<FastTextModel> = fc
	.record({
		words: fc.array(entry, { maxLength: 6 }),
		labels: fc.array(entry, { minLength: 1, maxLength: 4 }),
		dim: fc.integer({ min: 1, max: 9 }),
		subDim: fc.integer({ min: 1, max: 4 }),
		kind: fc.constantFrom('dense', 'quantized', 'with norms'),
		outputKind: fc.constantFrom('dense', 'quantized', 'with norms'),
		ngrams: fc.nat(5),
		isPruned: fc.boolean(),
		loss: fc.constantFrom(...LOSS_NAMES),
		tokens: fc.nat(),
	})
	.map(({ words, labels, dim, kind, outputKind, ngrams, isPruned, loss, tokens, ...rest }) => {
		const subDim = Math.min(dim, rest.subDim)
		const hasMap = isPruned && kind !== 'dense'
		const rows = words.length + ngrams
		return {
			args: {
				dim,
				epoch: 3,
				minCount: 2,
				neg: 5,
				wordNgrams: 2,
				loss,
				bucket: hasMap ? 99 : ngrams,
			},
			words,
			labels,
			tokens,
			pruned: hasMap
				? {
						ids: Int32Array.from({ length: ngrams }, (_, i) => i * 7),
						rows: new Int32Array(ngrams),
					}
				: null,
			input: makeMatrix(kind, rows, dim, subDim),
			output: makeMatrix(kind === 'dense' ? 'dense' : outputKind, labels.length, dim, subDim),
		}
	})

describe('readModel', () => {
	it('reads what writeModel writes', () => {
		fc.assert(
			fc.property(models, (model) => {
				expect(readModel(bytesOfModel(model))).toEqual(model)
			}),
		)
	})

	it('refuses every file that is cut off', () => {
		fc.assert(
			fc.property(models, fc.nat(), (model, cut) => {
				const whole = bytesOfModel(model)
				expect(() => readModel(whole.subarray(0, cut % whole.length))).toThrow(AppError)
			}),
		)
	})

	it('refuses what follows the end', () => {
		fc.assert(
			fc.property(models, (model) => {
				const longer = Buffer.concat([bytesOfModel(model), Buffer.of(0)])
				expect(() => readModel(longer)).toThrow(/1 bytes too many/)
			}),
		)
	})

	it('takes damaged bytes as a model or refuses them, and does nothing else', () => {
		const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 })
		fc.assert(
			fc.property(models, damages, (model, places) => {
				const damaged = bytesOfModel(model)
				// Most of a file is matrices: aim at the header and the dictionary half of the time.
				for (const [index, [place, byte]] of places.entries())
					damaged[place % (index % 2 === 0 ? Math.min(300, damaged.length) : damaged.length)] = byte
				expectModelOrRefusal(damaged)
			}),
			{ numRuns: 2000 },
		)
	})

	it('takes or refuses any bytes behind the magic number', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
				const head = new Uint8Array(Int32Array.of(793_712_314, 12).buffer)
				expectModelOrRefusal(Buffer.concat([head, noise]))
			}),
			{ numRuns: 2000 },
		)
	})

	it.each([
		[8, 2 ** 31 - 1, /dim/],
		[4, 99, /version 99/],
		[0, 1, /no fastText model/],
		[36, 1, /not a supervised/],
		[48, 6, /character n-grams/],
		[64, 2 ** 31 - 1, /number of entries needs/],
	])('says what is wrong with the number at byte %i', (place, value, message) => {
		const [model] = fc.sample(models, { seed: 1, numRuns: 1 })
		if (!model) throw new Error('no sample')
		const damaged = bytesOfModel(model)
		new DataView(damaged.buffer).setInt32(place, value, true)
		expect(() => readModel(damaged)).toThrow(message)
	})

	it('refuses a weight that is not a number', () => {
		const matrix = makeMatrix('dense', 2, 3, 1)
		if (matrix.kind === 'dense') matrix.data[4] = Number.NaN
		const [model] = fc.sample(models, { seed: 1, numRuns: 1 })
		if (!model) throw new Error('no sample')
		const labels = [{ bytes: 'a', count: 1 }]
		const broken: FastTextModel = {
			...model,
			args: { ...model.args, dim: 3, bucket: 0 },
			words: [...labels, ...labels],
			labels,
			pruned: null,
			input: matrix,
			output: makeMatrix('dense', 1, 3, 1),
		}
		expect(() => readModel(bytesOfModel(broken))).toThrow(/not a number/)
	})
})

describe('writeModel', () => {
	it('refuses a prune map with a dense matrix, as fastText would', () => {
		const [model] = fc.sample(models, { seed: 1, numRuns: 1 })
		if (!model) throw new Error('no sample')
		const pruned = { ids: Int32Array.of(1), rows: Int32Array.of(0) }
		const input = makeMatrix('dense', model.words.length + 1, model.args.dim, 1)
		expect(() => bytesOfModel({ ...model, pruned, input })).toThrow(/refuses a prune map/)
	})
})

describe('decodeRow', () => {
	it('puts a row together from centroids and norm', () => {
		const matrix = makeMatrix('with norms', 3, 5, 2)
		if (matrix.kind !== 'quantized' || !matrix.norms) throw new Error('not quantised')
		const row = new Float32Array(5)
		decodeRow(matrix, 1, row)
		const norm = matrix.norms.quantizer.centroids[11] ?? 0
		const [first = 0, , last = 0] = matrix.codes.subarray(3, 6)
		const { centroids } = matrix.quantizer
		expect(row[1]).toBeCloseTo(norm * (centroids[first * 2 + 1] ?? 0), 6)
		// The last sub-vector has one dimension.
		expect(row[4]).toBeCloseTo(norm * (centroids[4 * CENTROIDS + last] ?? 0), 6)
	})
})

function expectModelOrRefusal(bytes: Uint8Array): void {
	try {
		expect(readModel(bytes).labels.length).toBeGreaterThanOrEqual(0)
	} catch (error) {
		expect(error).toBeInstanceOf(AppError)
	}
}
