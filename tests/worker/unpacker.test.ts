import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinModelFile, writeEvidence } from '../../src/model/evidence/evidence-file.ts'
import { packModel, unpackModel } from '../../src/model/packed/packed-model.ts'
import { PACKED_VERSION, packedVersion } from '../../src/model/packed/version.ts'
import { AppError } from '../../src/shared/app-error.ts'
import { Unpacker } from '../../src/worker/unpacker.ts'
import { anyEvidence, LARGE_EVIDENCE, makeEvidence } from '../fixtures/evidence.ts'
import {
	anyShape,
	makePairs,
	makeQuantizedModel,
	type QuantizedShape,
	toBytes,
	USUAL_SHAPE,
} from '../fixtures/quantized-model.ts'
import { packRangeCoded } from '../fixtures/range-coded.ts'

function makeFile(shape: QuantizedShape): { file: Uint8Array; packed: Uint8Array } {
	const file = toBytes(makeQuantizedModel(shape, makePairs(shape)))
	return { file, packed: packModel(file) ?? new Uint8Array() }
}

/** In parts of the given sizes, over and over. */
async function unpack(packed: Uint8Array, length: number, sizes: readonly number[] = [65_536]) {
	const unpacker = await Unpacker.open(packedVersion(packed) ?? PACKED_VERSION, length)
	for (let at = 0, part = 0; at < packed.length; part += 1) {
		const size = sizes[part % sizes.length] ?? 1
		unpacker.push(packed.subarray(at, at + size))
		at += size
	}
	return unpacker.finish()
}

/** Null where it is refused. */
async function unpackedLength(packed: Uint8Array, length: number): Promise<number | null> {
	const outcome = await unpack(packed, length).catch((error: unknown) => error)
	if (outcome instanceof Uint8Array) return outcome.length
	expect(outcome).toBeInstanceOf(AppError)
	expect(outcome).toMatchObject({ code: 'damaged' })
	return null
}

describe('Unpacker', () => {
	it('gives the bytes that were packed, whatever the model and however it arrives', async () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 })
		await fc.assert(
			fc.asyncProperty(anyShape, fc.boolean(), sizes, async (shape, hasPairs, sizes) => {
				const file = toBytes(makeQuantizedModel(shape, hasPairs ? makePairs(shape) : null))
				const packed = packModel(file) ?? new Uint8Array()
				expect(Buffer.compare(await unpack(packed, file.length, sizes), file)).toBe(0)
			}),
			{ numRuns: 25 },
		)
	})

	it('gives a file with a table of evidence, whatever it holds', async () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 })
		const fastText = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
		await fc.assert(
			fc.asyncProperty(anyEvidence, sizes, async (table, sizes) => {
				const evidence = writeEvidence(table)
				const file = joinModelFile({ fastText, evidence })
				const packed = packModel(file) ?? new Uint8Array()
				expect(Buffer.compare(await unpack(packed, file.length, sizes), file)).toBe(0)
				for (const cut of [5, 100, packed.length - 1])
					await expect(unpack(packed.slice(0, cut), file.length)).rejects.toThrow('ends too early')
				await expect(unpack(packed, evidence.length)).rejects.toMatchObject({ code: 'damaged' })
			}),
			{ numRuns: 20 },
		)
	})

	it('refuses damage of a table, or unpacks it to something as long', async () => {
		const fastText = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
		const file = joinModelFile({ fastText, evidence: writeEvidence(makeEvidence(LARGE_EVIDENCE)) })
		const packed = packModel(file) ?? new Uint8Array()
		expect(Buffer.compare(await unpack(packed, file.length), file)).toBe(0)
		const place = fc.integer({ min: 4, max: Math.floor(packed.length / 3) })
		await fc.assert(
			fc.asyncProperty(place, fc.nat(7), async (at, bit) => {
				const flipped = packed.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				expect([null, file.length]).toContain(await unpackedLength(flipped, file.length))
			}),
			{ numRuns: 40 },
		)
	})

	it('gives a file of a release until 20261130.4, with a table or without', async () => {
		const parts = fc.record({
			shape: anyShape,
			table: anyEvidence,
			version: fc.constantFrom(1, 2, 3),
			sizes: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 }),
		})
		await fc.assert(
			fc.asyncProperty(parts, async ({ shape, table, version, sizes }) => {
				const fastText = toBytes(makeQuantizedModel(shape, makePairs(shape)))
				const evidence = version === 1 ? null : writeEvidence(table)
				const file = joinModelFile({ fastText, evidence })
				const packed = packRangeCoded(file, version)
				expect(Buffer.compare(await unpack(packed, file.length, sizes), file)).toBe(0)
				for (const cut of [5, packed.length >> 1, packed.length - 1])
					await expect(unpack(packed.slice(0, cut), file.length)).rejects.toThrow('ends too early')
				await expect(unpack(packed, 10)).rejects.toMatchObject({ code: 'damaged' })
			}),
			{ numRuns: 20 },
		)
	})

	it('gives a file of a release until 20261130.4 whose places have seen enough for shares of their own', async () => {
		const words = Array.from({ length: 6000 }, (_, index) => `w${index * 7919}`).sort()
		const { file } = makeFile({ ...USUAL_SHAPE, words, hasNorms: true })
		const packed = packRangeCoded(file, 1)
		expect(Buffer.compare(await unpack(packed, file.length), file)).toBe(0)
	})

	it('refuses damage of what was packed until release 20261130.4, or unpacks it to something as long', async () => {
		const { file } = makeFile(USUAL_SHAPE)
		const packed = packRangeCoded(file, 1)
		const damage = fc.record({ at: fc.integer({ min: 4, max: packed.length - 1 }), bit: fc.nat(7) })
		await fc.assert(
			fc.asyncProperty(damage, async ({ at, bit }) => {
				const flipped = packed.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				expect([null, file.length]).toContain(await unpackedLength(flipped, file.length))
			}),
			{ numRuns: 25 },
		)
	})

	it('finds words of the model in its table, in whatever order these stand', async () => {
		const { words } = makeEvidence(LARGE_EVIDENCE)
		const orders = fc.record({
			words: fc.shuffledSubarray([...words, 'never', 'seen'], { minLength: 1 }),
			sizes: fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 }),
		})
		const evidence = writeEvidence(makeEvidence(LARGE_EVIDENCE))
		await fc.assert(
			fc.asyncProperty(orders, async ({ words, sizes }) => {
				const shape = { ...USUAL_SHAPE, words }
				const fastText = toBytes(makeQuantizedModel(shape, makePairs(shape)))
				const file = joinModelFile({ fastText, evidence })
				const packed = packModel(file) ?? new Uint8Array()
				expect(Buffer.compare(await unpack(packed, file.length, sizes), file)).toBe(0)
			}),
			{ numRuns: 15 },
		)
	})

	it('refuses garbage, wherever it begins', async () => {
		const fastText = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
		const file = joinModelFile({ fastText, evidence: writeEvidence(makeEvidence(LARGE_EVIDENCE)) })
		const packed = packModel(file) ?? new Uint8Array()
		const garbage = fc.record({
			at: fc.integer({ min: 8, max: packed.length - 4 }),
			bytes: fc.uint8Array({ minLength: 4, maxLength: 4000 }),
		})
		await fc.assert(
			fc.asyncProperty(garbage, async ({ at, bytes }) => {
				const hostile = packed.slice()
				hostile.set(bytes.subarray(0, hostile.length - at), at)
				expect([null, file.length]).toContain(await unpackedLength(hostile, file.length))
			}),
			{ numRuns: 150 },
		)
	})

	it('computes the same where each place has seen enough to have shares of its own', async () => {
		const words = Array.from({ length: 6000 }, (_, index) => `w${index * 7919}`).sort()
		const { file, packed } = makeFile({ ...USUAL_SHAPE, words, hasNorms: true })
		expect(Buffer.compare(await unpack(packed, file.length), file)).toBe(0)
	})

	it('takes a part that is larger than its room for what arrives', async () => {
		const words = Array.from({ length: 30_000 }, (_, index) => `w${index * 7919}`).sort()
		const { file, packed } = makeFile({ ...USUAL_SHAPE, words })
		expect(packed.length).toBeGreaterThan(2 ** 17)
		expect(Buffer.compare(await unpack(packed, file.length, [packed.length]), file)).toBe(0)
	})

	it('refuses damage, or unpacks it to something as long: it never hangs', async () => {
		const { file, packed } = makeFile(USUAL_SHAPE)
		const damage = fc.record({
			at: fc.integer({ min: 4, max: packed.length - 1 }),
			bit: fc.nat(7),
			cut: fc.integer({ min: 4, max: packed.length }),
		})
		await fc.assert(
			fc.asyncProperty(damage, async ({ at, bit, cut }) => {
				const flipped = packed.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				for (const bytes of [flipped, packed.slice(0, cut), flipped.slice(0, cut)])
					expect([null, file.length]).toContain(await unpackedLength(bytes, file.length))
			}),
			{ numRuns: 25 },
		)
	})

	it('refuses what is longer, or shorter, than its file', async () => {
		const { file, packed } = makeFile(USUAL_SHAPE)
		for (const length of [file.length - 1, file.length + 1, 1000, 1])
			await expect(unpack(packed, length)).rejects.toMatchObject({ code: 'damaged' })
		await expect(unpack(new Uint8Array([...packed, 0]), file.length)).rejects.toThrow(
			'goes on behind its end',
		)
		await expect(unpack(packed.slice(0, -1), file.length)).rejects.toThrow('ends too early')
		expect(() => unpackModel(packed.slice(0, -1), file.length)).toThrow('ends too early')
	})

	it('says that the device has too little memory where a model would not fit', async () => {
		await expect(Unpacker.open(PACKED_VERSION, 2 ** 32 - 1)).rejects.toMatchObject({
			code: 'out-of-memory',
		})
	})
})
