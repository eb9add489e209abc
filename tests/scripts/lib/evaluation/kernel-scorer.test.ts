import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../../scripts/lib/engine.ts'
import { fitsKernels, KernelScorer } from '../../../../scripts/lib/evaluation/kernel-scorer.ts'
import { scoreAll } from '../../../../scripts/lib/evaluation/scoring.ts'
import type { Knowledge } from '../../../../src/model/engine.ts'
import { joinModelFile, writeEvidence } from '../../../../src/model/evidence/evidence-file.ts'
import type { FastTextModel } from '../../../../src/model/fasttext/format.ts'
import { writeModel } from '../../../../src/model/fasttext/write.ts'
import { TitleReranker } from '../../../../src/model/reranker.ts'
import { answerTitle, Suggester, type TitleAnswer } from '../../../../src/model/suggest.ts'
import type { Calibration } from '../../../../src/shared/calibration.ts'
import { makeEvidence } from '../../../fixtures/evidence.ts'
import { BUCKET, LABELS, makeModel, WORDS } from '../../../fixtures/made-vectors.ts'
import { makeReranker } from '../../../fixtures/reranker.ts'

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

	it('reranks what they say, as scoring without them and the page do', async () => {
		const model = makeModel(3, [1, 5, 7], 4)
		const evidence = writeEvidence(
			makeEvidence({ labels: LABELS.length, words: WORDS, seed: 3, titles: ['honey til'] }),
		)
		const bytes = joinModelFile({ fastText: bytesOf(model), evidence })
		const engine = await loadEngine(bytes)
		const reranker = makeReranker(1)
		const calibration: Calibration = {
			method: 'isotonic',
			posts: 1,
			ranks: LABELS.slice(0, 5).map(() => ({ scores: [0, 1], probabilities: [0, 1] })),
			total: { scores: [0, 5], probabilities: [0, 1] },
		}
		const suggester = new Suggester(engine, { calibration, reranker })
		const plain = new Suggester(engine, { calibration })
		const scorer = await KernelScorer.start(
			model,
			await loadEngine(bytes),
			new TitleReranker(reranker, engine.evidence),
		)
		const texts = ['honey til', "don't ?", 'unknown honey', '日 naïve', 'naïve ho']
		const readings = ['whole', 'typing'] as const
		const questions = texts.flatMap((text) => readings.map((reading) => ({ text, reading })))
		const byKernels = await scorer.predict(questions, LABELS.length)
		const asked = { bytes, labels: engine.labels(), reranker }
		const byEngine: TitleAnswer[] = []
		for await (const answer of scoreAll(asked, Readable.from(questions), LABELS.length))
			byEngine.push(answer)
		for (const [at, { text, reading }] of questions.entries()) {
			const seen = suggester.suggest(text, reading).suggestions
			expect(seen).not.toEqual(plain.suggest(text, reading).suggestions)
			for (const said of [byKernels, byEngine])
				for (const [rank, { subreddit, score }] of seen.entries()) {
					const own = said[at]?.predictions[rank]
					expect(`${text}: ${own?.label}`).toBe(`${text}: ${subreddit}`)
					expect(Math.abs((own?.score ?? Number.NaN) - score)).toBeLessThan(1e-3)
				}
		}
		await scorer.close()
		engine.dispose()
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
