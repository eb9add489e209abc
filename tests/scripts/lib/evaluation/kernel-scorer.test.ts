import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../../scripts/lib/engine.ts'
import { fitsKernels, KernelScorer } from '../../../../scripts/lib/evaluation/kernel-scorer.ts'
import { indexEngine, predictBatch } from '../../../../scripts/lib/evaluation/predict-batch.ts'
import type { FastTextModel } from '../../../../src/model/fasttext/format.ts'
import { writeModel } from '../../../../src/model/fasttext/write.ts'
import { BUCKET, LABELS, makeModel, WORDS } from '../../../fixtures/made-vectors.ts'

const bytesOf = (model: FastTextModel) => Buffer.concat([...writeModel(model)])

async function startScorer(model: FastTextModel, refereed = model) {
	return KernelScorer.start(model, await loadEngine(bytesOf(refereed)))
}

/** More titles than a worker takes at once. */
const titles = fc.array(
	fc.record({
		text: fc
			.array(fc.constantFrom(...WORDS, 'unknown', '100%', 'ho', 'd'), { maxLength: 8 })
			.map((words) => words.join(' ')),
		reading: fc.constantFrom('whole' as const, 'typing' as const),
	}),
	{ minLength: 1, maxLength: 200 },
)

describe('KernelScorer', () => {
	it('says what the engine says', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.record({
					titles,
					ngrams: fc.uniqueArray(fc.nat(BUCKET - 1)),
					dilution: fc.constantFrom(0, 3),
					seed: fc.nat(1000),
					bucket: fc.constantFrom(BUCKET, BUCKET - 3),
					count: fc.integer({ min: 1, max: LABELS.length + 2 }),
				}),
				async ({ titles, ngrams, dilution, seed, bucket, count }) => {
					const model = makeModel(dilution, ngrams, seed, bucket)
					const engine = await loadEngine(bytesOf(model))
					const theirs = predictBatch(indexEngine(engine), { questions: titles, count })
					engine.dispose()
					const scorer = await startScorer(model)
					const ours = await scorer.predict({ questions: titles, count })
					await scorer.close()
					expect(ours.words).toEqual(theirs.words)
					expect(ours.knownWords).toEqual(theirs.knownWords)
					for (const [at, score] of theirs.scores.entries())
						expect(Math.abs((ours.scores[at] ?? Number.NaN) - score)).toBeLessThan(1e-5)
					// Two labels whose scores are that close may change places.
					for (const [at, place] of theirs.labels.entries()) {
						const from = at - (at % count)
						const rank = ours.labels.subarray(from, from + count).indexOf(place)
						const score = ours.scores[from + (rank === -1 ? count - 1 : rank)] ?? Number.NaN
						expect(Math.abs(score - (theirs.scores[at] ?? Number.NaN))).toBeLessThan(1e-5)
					}
				},
			),
			{ numRuns: 20 },
		)
	})

	it('keeps batches apart that are asked for at once', async () => {
		const scorer = await startScorer(makeModel(3, [1, 5, 7], 4))
		const ask = (text: string) => scorer.predict({ questions: [{ text }], count: 2 })
		const [first, second] = await Promise.all([ask('honey'), ask("don't")])
		expect(first).toEqual(await ask('honey'))
		expect(second).toEqual(await ask("don't"))
		expect(first).not.toEqual(second)
		await scorer.close()
	})

	it('trusts no answer that the engine would not give', async () => {
		const scorer = await startScorer(makeModel(3, [1, 5, 7], 4), makeModel(3, [1, 5, 7], 5))
		await expect(scorer.predict({ questions: [{ text: 'honey' }], count: 5 })).rejects.toThrow(
			/by the engine/,
		)
		await scorer.close()
	})

	it('refuses a model with a weight that is no number', async () => {
		const model = makeModel(0, [], 1)
		if (model.input.kind !== 'quantized') throw new Error('not quantised')
		model.input.quantizer.centroids.fill(Number.NaN)
		const scorer = await startScorer(model)
		await expect(scorer.predict({ questions: [{ text: 'honey' }], count: 5 })).rejects.toThrow(
			/not a number/,
		)
		await scorer.close()
	})

	it('leaves models of other losses to the engine', () => {
		const model = makeModel(0, [], 1)
		expect(fitsKernels(model)).toBe(true)
		expect(fitsKernels({ ...model, args: { ...model.args, loss: 'hs' } })).toBe(false)
	})
})
