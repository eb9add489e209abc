import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinModelFile, writeEvidence } from '../../../src/model/evidence/evidence-file.ts'
import { packModel, unpackModel } from '../../../src/model/packed/packed-model.ts'
import { PACKED_VERSION, packedVersion } from '../../../src/model/packed/version.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { anyEvidence, LARGE_EVIDENCE, makeEvidence } from '../../fixtures/evidence.ts'
import { makeModelFile } from '../../fixtures/model-file.ts'
import {
	anyShape,
	makePairs,
	makeQuantizedModel,
	toBytes,
	USUAL_SHAPE,
} from '../../fixtures/quantized-model.ts'
import { packRangeCoded } from '../../fixtures/range-coded.ts'

const USUAL_FILE = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))

const MANY_WORDS = Array.from({ length: 4000 }, (_, index) => `w${index * 7919}`).sort()

describe('a packed model', () => {
	it('unpacks to the bytes that were packed, whatever the model', () => {
		fc.assert(
			fc.property(anyShape, fc.boolean(), (shape, hasPairs) => {
				const file = toBytes(makeQuantizedModel(shape, hasPairs ? makePairs(shape) : null))
				const packed = packModel(file) ?? new Uint8Array()
				expect(packedVersion(packed)).toBe(PACKED_VERSION)
				expect(Buffer.compare(unpackModel(packed, file.length), file)).toBe(0)
			}),
			{ numRuns: 40 },
		)
	})

	it('keeps a table of evidence byte for byte, whatever it holds', () => {
		fc.assert(
			fc.property(anyEvidence, (evidence) => {
				const file = joinModelFile({ fastText: USUAL_FILE, evidence: writeEvidence(evidence) })
				const packed = packModel(file) ?? new Uint8Array()
				expect(Buffer.compare(unpackModel(packed, file.length), file)).toBe(0)
				for (const length of [0, 3, 7, 8, 40, packed.length - 1])
					expect([null, file.length]).toContain(
						unpackedLength(packed.slice(0, length), file.length),
					)
			}),
			{ numRuns: 20 },
		)
	})

	it('keeps a table of long words that share their beginnings, of which its file has the ends alone', () => {
		const words = Array.from({ length: 500 }, (_, at) => `${'neighbour'.repeat(20)}${at}`)
		const evidence = writeEvidence(makeEvidence({ labels: 3, words, seed: 7 }))
		expect(evidence.length).toBeLessThan(words.join('').length / 10)
		const file = joinModelFile({ fastText: USUAL_FILE, evidence })
		expect(
			Buffer.compare(unpackModel(packModel(file) ?? new Uint8Array(), file.length), file),
		).toBe(0)
	})

	it('is refused or unpacked to something as long where its evidence is damaged', () => {
		const evidence = writeEvidence(makeEvidence(LARGE_EVIDENCE))
		const file = joinModelFile({ fastText: USUAL_FILE, evidence })
		const packed = packModel(file) ?? new Uint8Array()
		fc.assert(
			fc.property(fc.nat(Math.floor(packed.length / 3)), fc.nat(7), (at, bit) => {
				const flipped = packed.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				expect([null, file.length]).toContain(unpackedLength(flipped, file.length))
			}),
			{ numRuns: 40 },
		)
	})

	it.each([1, 2, 3] as const)('of version %s is read, too', (version) => {
		const table = makeEvidence({ labels: 40, words: ['a', 'kernel'], seed: 5 })
		const evidence = version === 1 ? null : writeEvidence(table)
		const file = joinModelFile({ fastText: USUAL_FILE, evidence })
		const packed = packRangeCoded(file, version)
		expect(packedVersion(packed)).toBe(version)
		expect(Buffer.compare(unpackModel(packed, file.length), file)).toBe(0)
		expect([null, file.length]).toContain(unpackedLength(packed.slice(0, -1), file.length))
	})

	it('is smaller than its older forms', () => {
		const shape = { ...USUAL_SHAPE, words: MANY_WORDS }
		const fastText = toBytes(makeQuantizedModel(shape, makePairs(shape)))
		const evidence = writeEvidence(makeEvidence({ labels: 300, words: MANY_WORDS, seed: 3 }))
		const file = joinModelFile({ fastText, evidence })
		expect(packModel(file)?.length).toBeLessThan(packRangeCoded(file, 3).length)
	})

	it('is smaller than gzip makes it', () => {
		const file = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
		expect(packModel(file)?.length).toBeLessThan(gzipSync(file, { level: 9 }).length * 0.9)
	})

	it('is none where the file has floats, or pairs in another order', () => {
		expect(packModel(makeModelFile({ topics: { cats: ['kitten'], linux: ['kernel'] } }))).toBeNull()
		const pairs = { ids: Int32Array.of(1, 2), rows: Int32Array.of(1, 0) }
		expect(packModel(toBytes(makeQuantizedModel(USUAL_SHAPE, pairs)))).toBeNull()
	})

	it('is refused or unpacked to something as long where it is damaged: it never hangs', () => {
		const file = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
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
		const file = toBytes(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))
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
