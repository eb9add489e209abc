import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { joinModelFile, writeEvidence } from '../../src/model/evidence/evidence-file.ts'
import { Explainer, totalOf } from '../../src/model/explain.ts'
import { writeModel } from '../../src/model/fasttext/write.ts'
import { PRIOR_CANDIDATES, PriorIndex } from '../../src/model/prior.ts'
import { TitleReranker } from '../../src/model/reranker.ts'
import { answerTitle, choosePredictions } from '../../src/model/suggest.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { BUCKET, LABELS, makeModel, WORDS } from '../fixtures/made-vectors.ts'
import { makeReranker } from '../fixtures/reranker.ts'

const title = fc
	.array(fc.constantFrom(...WORDS, 'unknown'), { minLength: 1, maxLength: 8 })
	.map((words) => words.join(' '))
const ngrams = fc.uniqueArray(fc.integer({ min: 0, max: BUCKET - 1 }), { maxLength: BUCKET })
const all = Array.from({ length: BUCKET }, (_, id) => id)
const weights = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
	minLength: LABELS.length,
	maxLength: LABELS.length,
})

describe('an explanation', () => {
	it('adds up to what the engine says', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.record({
					title,
					ngrams,
					dilution: fc.constantFrom(0, 3),
					seed: fc.nat(1000),
					bucket: fc.constantFrom(BUCKET, BUCKET - 3),
				}),
				async ({ title, ngrams, dilution, seed, bucket }) => {
					const model = makeModel(dilution, ngrams, seed, bucket)
					const engine = await loadEngine(Buffer.concat([...writeModel(model)]))
					const { predictions } = answerTitle(engine, title, LABELS.length)
					engine.dispose()
					const names = predictions.map(({ label }) => label)
					const explanation = new Explainer(model).explain(title, names, null)
					// fastText adds 0.00001 to a probability.
					for (const [index, { score }] of predictions.entries())
						expect(Math.exp(totalOf(explanation, index)) + 1e-5).toBeCloseTo(score, 4)
				},
			),
			{ numRuns: 40 },
		)
	})

	it('adds up to the score that evidence and prior make of it', async () => {
		const evidence = {
			...makeEvidence({ labels: LABELS.length, words: WORDS, seed: 3 }),
			strength: 0.2,
		}
		const table = writeEvidence(evidence)
		await fc.assert(
			fc.asyncProperty(fc.record({ title, weights }), async ({ title, weights }) => {
				const model = makeModel(3, [1, 5, 7], 4)
				const fastText = Buffer.concat([...writeModel(model)])
				const engine = await loadEngine(joinModelFile({ fastText, evidence: table }))
				const index = new PriorIndex({ alpha: 0.2, gamma: 0.3, weights }, LABELS)
				const answer = answerTitle(engine, title, LABELS.length)
				const predictions = choosePredictions(answer, index)
				const prior = index.weightsFor(answer.knownWords)
				const names = predictions.map(({ label }) => label)
				const explanation = new Explainer(model, engine.evidence).explain(title, names, prior)
				engine.dispose()
				for (const [index, { score }] of predictions.entries())
					expect(Math.abs(Math.exp(totalOf(explanation, index)) - score)).toBeLessThan(0.01)
			}),
			{ numRuns: 20 },
		)
	})

	it('adds up to the score that evidence, reranker and prior make of it', async () => {
		const evidence = {
			...makeEvidence({ labels: LABELS.length, words: WORDS, seed: 3 }),
			strength: 0.2,
		}
		const model = makeModel(3, [1, 5, 7], 4)
		const fastText = Buffer.concat([...writeModel(model)])
		const engine = await loadEngine(joinModelFile({ fastText, evidence: writeEvidence(evidence) }))
		fc.assert(
			fc.property(fc.record({ title, weights, seed: fc.nat(1000) }), (drawn) => {
				const reranker = makeReranker(drawn.seed)
				const index = new PriorIndex({ alpha: 0.2, gamma: 0.3, weights: drawn.weights }, LABELS)
				const answer = answerTitle(engine, drawn.title, LABELS.length)
				const network = new TitleReranker(reranker, engine.evidence)
				const reranked = network.rerank(answer.text, answer.predictions)
				const predictions = choosePredictions({ ...answer, predictions: reranked }, index)
				const prior = index.weightsFor(answer.knownWords)
				const names = predictions.map(({ label }) => label)
				const explainer = new Explainer(model, engine.evidence, reranker)
				const explanation = explainer.explain(drawn.title, names, prior)
				for (const [index, { score }] of predictions.entries())
					expect(Math.abs(Math.exp(totalOf(explanation, index)) - score)).toBeLessThan(0.01)
			}),
			{ numRuns: 40 },
		)
		engine.dispose()
	})

	it('adds up to the score where the table knows nothing of the title, and the reranker leaves it as it is', async () => {
		const names = Array.from({ length: 2 * PRIOR_CANDIDATES }, (_, at) => `label${at}`)
		const model = makeModel(3, all, 2, BUCKET, names)
		const evidence = makeEvidence({ labels: names.length, words: ['elsewhere'], seed: 3 })
		const fastText = Buffer.concat([...writeModel(model)])
		const engine = await loadEngine(joinModelFile({ fastText, evidence: writeEvidence(evidence) }))
		const explainer = new Explainer(model, engine.evidence, makeReranker(1))
		const { predictions } = answerTitle(engine, 'honey til', names.length)
		const first = predictions.slice(0, 5)
		const explanation = explainer.explain(
			'honey til',
			first.map(({ label }) => label),
			null,
		)
		engine.dispose()
		// Those behind the best have a part of the sum that would be missed.
		const behind = predictions.slice(PRIOR_CANDIDATES).reduce((sum, { score }) => sum + score, 0)
		expect(behind).toBeGreaterThan(0.1)
		expect(explanation.reranking).toEqual(first.map(() => 0))
		for (const [index, { score }] of first.entries())
			expect(Math.exp(totalOf(explanation, index)) / score).toBeCloseTo(1, 2)
	})

	it('adds up to the score that the prior makes of it', async () => {
		await fc.assert(
			fc.asyncProperty(fc.record({ title, weights }), async ({ title, weights }) => {
				const model = makeModel(3, [1, 5, 7], 4)
				const engine = await loadEngine(Buffer.concat([...writeModel(model)]))
				const short = [{ knownWords: 2, times: 1.5 }]
				const index = new PriorIndex({ alpha: 0.2, gamma: 0.3, weights, short }, LABELS)
				const answer = answerTitle(engine, title, LABELS.length)
				const predictions = choosePredictions(answer, index)
				const prior = index.weightsFor(answer.knownWords)
				engine.dispose()
				const names = predictions.map(({ label }) => label)
				const explanation = new Explainer(model).explain(title, names, prior)
				for (const [index, { score, label }] of predictions.entries()) {
					// fastText adds 1e-5 to each probability, which a prior can make 55 times as much beside another label's.
					const difference = Math.exp(totalOf(explanation, index)) - score
					expect(Math.abs(difference)).toBeLessThan(0.01)
					expect(explanation.prior[index]).toBe(prior.get(label))
				}
			}),
			{ numRuns: 20 },
		)
	})

	it('names each word and pair that has a vector, as often as it stands there', () => {
		const { parts } = new Explainer(makeModel(0, all, 1)).explain(
			'honey other honey',
			['cats'],
			null,
		)
		expect(parts.map(({ text }) => text)).toEqual([
			...['honey', 'honey', 'honey other', 'honey other honey', 'other honey'],
		])
	})

	it('tells zero vectors, and pairs with them that a hash gives a row, from what the title says', () => {
		const explanation = new Explainer(makeModel(3, all, 1)).explain('honey til', ['cats'], null)
		expect(explanation.padding.count).toBe(3)
		expect(explanation.parts.map(({ text }) => text)).toEqual(['honey', 'til', 'honey til'])
	})

	it('says the same of a label whatever speaks for all labels alike', () => {
		const model = makeModel(0, [], 1)
		const { parts } = new Explainer(model).explain('honey til', LABELS, null)
		for (const { adds } of parts) expect(adds.reduce((sum, value) => sum + value)).toBeCloseTo(0, 9)
	})
})
