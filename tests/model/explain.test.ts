import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { Explainer, totalOf } from '../../src/model/explain.ts'
import {
	CENTROIDS,
	type FastTextModel,
	type QuantizedMatrix,
} from '../../src/model/fasttext/format.ts'
import { writeModel } from '../../src/model/fasttext/write.ts'
import { paddingToken } from '../../src/model/padding.ts'
import { indexPrior } from '../../src/model/prior.ts'
import { answerTitle, choosePredictions } from '../../src/model/suggest.ts'

const WORDS = ['honey', 'naïve', '日', 'til', "don't", '?']
const LABELS = ['cats', 'linux', 'mead', 'pics', 'r_é', 'til', 'space']
const DIM = 4
const BUCKET = 16

const entry = (text: string) => ({ bytes: Buffer.from(text).toString('latin1'), count: 1 })

/** Vectors of any kind, and a row for some of the hashed pairs, those with the padding among them. */
function makeModel(dilution: number, ngrams: readonly number[], seed: number): FastTextModel {
	const words = [...WORDS, ...(dilution > 0 ? [paddingToken(dilution)] : [])]
	return {
		args: {
			dim: DIM,
			epoch: 1,
			minCount: 1,
			neg: 1,
			wordNgrams: 3,
			loss: 'softmax',
			bucket: BUCKET,
		},
		words: words.map(entry),
		labels: LABELS.map((label) => entry(`__label__${label}`)),
		tokens: 100,
		pruned: { ids: Int32Array.from(ngrams), rows: Int32Array.from(ngrams, (_, row) => row) },
		input: makeMatrix(words.length + ngrams.length, seed),
		output: makeMatrix(LABELS.length, seed + 1),
	}
}

function makeMatrix(rows: number, seed: number): QuantizedMatrix {
	const centroids = Float32Array.from(
		{ length: DIM * CENTROIDS },
		(_, at) => 3 * Math.sin(at * 7 + seed),
	)
	const codes = Uint8Array.from({ length: rows * 2 }, (_, at) => (at * 97 + seed * 31) % 256)
	const quantizer = { dim: DIM, subDim: 2, centroids }
	return { kind: 'quantized', rows, columns: DIM, quantizer, codes, norms: null }
}

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
				fc.record({ title, ngrams, dilution: fc.constantFrom(0, 3), seed: fc.nat(1000) }),
				async ({ title, ngrams, dilution, seed }) => {
					const model = makeModel(dilution, ngrams, seed)
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

	it('adds up to the score that the prior makes of it', async () => {
		await fc.assert(
			fc.asyncProperty(fc.record({ title, weights }), async ({ title, weights }) => {
				const model = makeModel(3, [1, 5, 7], 4)
				const engine = await loadEngine(Buffer.concat([...writeModel(model)]))
				const prior = indexPrior({ alpha: 0.2, gamma: 0.3, weights }, LABELS)
				const answer = answerTitle(engine, title, LABELS.length)
				const predictions = choosePredictions(answer.predictions, prior)
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
