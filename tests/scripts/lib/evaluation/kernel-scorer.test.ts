import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../../scripts/lib/engine.ts'
import { fitsKernels, KernelScorer } from '../../../../scripts/lib/evaluation/kernel-scorer.ts'
import type { Knowledge } from '../../../../src/model/engine.ts'
import type { FastTextModel } from '../../../../src/model/fasttext/format.ts'
import { writeModel } from '../../../../src/model/fasttext/write.ts'
import { answerTitle } from '../../../../src/model/suggest.ts'
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
					const theirs = titles.map(({ text, reading }) =>
						answerTitle(engine, text, count, reading),
					)
					engine.dispose()
					const scorer = await startScorer(model)
					const ours = await scorer.predict(titles, count)
					await scorer.close()
					const knowledgeOf = ({ words, knownWords }: Knowledge) => ({ words, knownWords })
					expect(ours.map(knowledgeOf)).toEqual(theirs.map(knowledgeOf))
					for (const [at, { predictions }] of theirs.entries()) {
						const mine = ours[at]?.predictions ?? []
						expect(mine).toHaveLength(predictions.length)
						for (const [rank, { label, score }] of predictions.entries()) {
							expect(Math.abs((mine[rank]?.score ?? Number.NaN) - score)).toBeLessThan(1e-5)
							// Two labels whose scores are that close may change places, also across the end of the list.
							const same = mine.find((one) => one.label === label) ?? mine.at(-1)
							expect(Math.abs((same?.score ?? Number.NaN) - score)).toBeLessThan(1e-5)
						}
					}
				},
			),
			{ numRuns: 20 },
		)
	})

	it('keeps batches apart that are asked for at once', async () => {
		const scorer = await startScorer(makeModel(3, [1, 5, 7], 4))
		const ask = (text: string) => scorer.predict([{ text }], 2)
		const [first, second] = await Promise.all([ask('honey'), ask("don't")])
		expect(first).toEqual(await ask('honey'))
		expect(second).toEqual(await ask("don't"))
		expect(first).not.toEqual(second)
		await scorer.close()
	})

	it('trusts no answer that the engine would not give', async () => {
		const scorer = await startScorer(makeModel(3, [1, 5, 7], 4), makeModel(3, [1, 5, 7], 5))
		await expect(scorer.predict([{ text: 'honey' }], 5)).rejects.toThrow(/by the engine/)
		await scorer.close()
	})

	it('refuses a model with a weight that is no number', async () => {
		const model = makeModel(0, [], 1)
		if (model.input.kind !== 'quantized') throw new Error('not quantised')
		model.input.quantizer.centroids.fill(Number.NaN)
		const scorer = await startScorer(model)
		await expect(scorer.predict([{ text: 'honey' }], 5)).rejects.toThrow('must be trained again')
		await scorer.close()
	})

	it('leaves models of other losses to the engine', () => {
		const model = makeModel(0, [], 1)
		expect(fitsKernels(model)).toBe(true)
		expect(fitsKernels({ ...model, args: { ...model.args, loss: 'hs' } })).toBe(false)
	})
})
