import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	EVIDENCE_LEVELS,
	type Evidence,
	joinModelFile,
	readEvidence,
	splitModelFile,
	writeEvidence,
} from '../../../src/model/evidence/evidence-file.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { anyEvidence, makeEvidence } from '../../fixtures/evidence.ts'

describe('a table of evidence', () => {
	it('is read as it was written, whatever it holds', () => {
		fc.assert(
			fc.property(anyEvidence, (evidence) => {
				expect(readEvidence(writeEvidence(evidence))).toEqual(evidence)
			}),
		)
	})

	it('is refused where it is damaged, and never read past its end', () => {
		const bytes = writeEvidence(
			makeEvidence({
				labels: 300,
				words: ['a', 'kernel', 'kernels'],
				seed: 1,
				titles: ['a kernel'],
			}),
		)
		fc.assert(
			fc.property(fc.nat(bytes.length - 1), (length) => {
				expect(() => readEvidence(bytes.slice(0, length))).toThrow(AppError)
			}),
		)
		const anyFlip = fc.record({ at: fc.nat(bytes.length - 1), bit: fc.nat(7) })
		fc.assert(
			fc.property(anyFlip, ({ at, bit }) => {
				const flipped = bytes.slice()
				flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
				expect(whatComesOf(flipped)).toMatch(/^(evidence|damaged|unsupported)$/)
			}),
		)
	})

	it('says which version it has and which can be read', () => {
		const bytes = writeEvidence(makeEvidence({ labels: 2, words: ['a'], seed: 1 }))
		expect(bytes[4]).toBe(1)
		bytes[4] = 9
		expect(() => readEvidence(bytes)).toThrow('version 9')
	})

	it('has room for as many levels as four bits tell apart', () => {
		expect(EVIDENCE_LEVELS).toBe(16)
	})
})

describe('a model file', () => {
	it('is split into the parts that it was joined from', () => {
		const evidence = writeEvidence(makeEvidence({ labels: 3, words: ['a', 'b'], seed: 2 }))
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (fastText) => {
				const split = splitModelFile(joinModelFile({ fastText, evidence }))
				expect(split.fastText).toEqual(fastText)
				expect(split.evidence).toEqual(evidence)
			}),
		)
	})

	it('is fastText alone where it ends with no table', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (file) => {
				expect(splitModelFile(file)).toEqual({ fastText: file, evidence: null })
			}),
		)
	})
})

function whatComesOf(bytes: Uint8Array): string {
	try {
		const evidence: Evidence = readEvidence(bytes)
		return evidence.words.length >= 0 ? 'evidence' : 'nothing'
	} catch (error) {
		return error instanceof AppError ? error.code : String(error)
	}
}
