import { afterAll, beforeAll, expect, it } from 'vitest'
import { Coder, shortFloat } from '../../../../scripts/lib/trainer/coder.ts'
import { Crew } from '../../../../scripts/lib/trainer/crew.ts'
import { CENTROIDS, type QuantizedMatrix } from '../../../../src/model/fasttext/format.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const ROWS = 3_000
const DIM = 5
const STRIDE = 8
const SUB_DIM = 2

let crew: Crew
let address: number
let vectors: Float32Array
beforeAll(async () => {
	crew = await Crew.start(2, new AbortController().signal)
	address = crew.arena.take(ROWS * STRIDE * 4, 'vectors')
	const random = seededRandom(5)
	vectors = crew.float32(address, ROWS * STRIDE)
	for (let row = 0; row < ROWS; row += 1)
		for (let k = 0; k < DIM; k += 1) vectors[row * STRIDE + k] = random() + random() - 1
})
afterAll(() => crew.stop())

async function encode(price: number): Promise<QuantizedMatrix> {
	const weights = new Float32Array(ROWS).fill(1)
	const options = { rows: address, rowCount: ROWS, stride: STRIDE, dim: DIM, subDim: SUB_DIM }
	const coder = new Coder(crew, { ...options, weights })
	try {
		await coder.learn(price, 8)
		return await coder.encode(price)
	} finally {
		coder.free()
	}
}

/** Read as fastText reads it: the centroids of a sub-vector one after the other, the last one shorter. */
function decode({ codes, quantizer: { centroids } }: QuantizedMatrix, row: number): number[] {
	const subs = Math.ceil(DIM / SUB_DIM)
	return Array.from({ length: DIM }, (_, k) => {
		const sub = Math.floor(k / SUB_DIM)
		const length = Math.min(SUB_DIM, DIM - sub * SUB_DIM)
		const code = codes[row * subs + sub] as number
		return centroids[sub * SUB_DIM * CENTROIDS + code * length + (k % SUB_DIM)] as number
	})
}

function squaredError(matrix: QuantizedMatrix): number {
	let sum = 0
	for (let row = 0; row < ROWS; row += 1)
		for (const [k, value] of decode(matrix, row).entries())
			sum += (value - (vectors[row * STRIDE + k] as number)) ** 2
	return sum / ROWS
}

function entropy(codes: Uint8Array): number {
	const counts = new Map<number, number>()
	for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1)
	return [...counts.values()].reduce(
		(bits, count) => bits - (count / codes.length) * Math.log2(count / codes.length),
		0,
	)
}

it('writes vectors so that what is read is near to them', async () => {
	const variance = vectors.reduce((sum, value) => sum + value ** 2, 0) / ROWS
	expect(squaredError(await encode(0))).toBeLessThan(0.01 * variance)
})

it('spends fewer bits where a bit has a price, and more error for them', async () => {
	const [free, dear] = [await encode(0), await encode(0.02)]
	expect(entropy(dear.codes)).toBeLessThan(entropy(free.codes) - 1)
	expect(squaredError(dear)).toBeGreaterThan(squaredError(free))
})

it('gives its memory back', async () => {
	await encode(0)
	const { size } = crew.arena
	for (let round = 0; round < 5; round += 1) await encode(0)
	expect(crew.arena.size).toBe(size)
})

it('rounds a centroid to a float whose low two bytes are zero, by less than 1 in 200', () => {
	const random = seededRandom(1)
	for (let index = 0; index < 1_000; index += 1) {
		const value = (random() - 0.5) * 10 ** (random() * 8 - 4)
		const short = shortFloat(value)
		expect(new Uint16Array(Float32Array.of(short).buffer)[0]).toBe(0)
		expect(Math.abs(short - value)).toBeLessThanOrEqual(Math.abs(value) / 200)
	}
})

it('goes back to books of before a price that wore them out', async () => {
	const options = { rows: address, rowCount: ROWS, stride: STRIDE, dim: DIM, subDim: SUB_DIM }
	const coder = new Coder(crew, { ...options, weights: new Float32Array(ROWS).fill(1) })
	try {
		await coder.learn(0.001, 8)
		const kept = coder.keepBooks()
		const before = await coder.encode(0.001)
		await coder.learn(0.3, 2)
		expect(squaredError(await coder.encode(0.001))).toBeGreaterThan(squaredError(before) * 1.5)
		coder.restoreBooks(kept)
		expect(await coder.encode(0.001)).toEqual(before)
	} finally {
		coder.free()
	}
})
