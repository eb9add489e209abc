import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SIXTY_TITLES } from '../../../../scripts/bench/sixty-titles.ts'
import { loadEngine } from '../../../../scripts/lib/engine.ts'
import { BatchSuggester } from '../../../../scripts/lib/suggestions/batch-suggester.ts'
import { canBatch, VectorBatch } from '../../../../scripts/lib/suggestions/vector-batch.ts'
import { readModel } from '../../../../src/model/fasttext/read.ts'
import { padTitle } from '../../../../src/model/padding.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import {
	makePairs,
	makeQuantizedModel,
	type QuantizedShape,
	toBytes,
	USUAL_SHAPE,
} from '../../../fixtures/quantized-model.ts'

/** Both answers to texts of a model's own words. */
async function ask(bytes: Uint8Array, texts: readonly string[], count: number) {
	const engine = await loadEngine(bytes)
	const batch = await VectorBatch.open(readModel(bytes))
	try {
		const padded = texts.map((text) => padTitle(text, engine.padding))
		return {
			one: texts.map((text) => engine.predictByVectors(text, count)),
			many: [...batch.predict(padded, count)],
		}
	} finally {
		engine.dispose()
	}
}

const anyModel = fc.record({
	labels: fc.integer({ min: 1, max: 400 }),
	dim: fc.integer({ min: 1, max: 40 }),
	subDim: fc.integer({ min: 1, max: 3 }),
	seed: fc.nat(1000),
	norm: fc.boolean(),
	titles: fc.array(fc.array(fc.nat(399), { minLength: 1, maxLength: 12 }), {
		minLength: 1,
		maxLength: 70,
	}),
	count: fc.integer({ min: 1, max: 300 }),
})

/** Its vectors are small, so that no label is sure, and alike, so that labels tie. */
function makeModel({
	labels,
	dim,
	subDim,
	seed,
}: {
	labels: number
	dim: number
	subDim: number
	seed: number
}) {
	const shape: QuantizedShape = {
		...USUAL_SHAPE,
		labels: Array.from({ length: labels }, (_, index) => `__label__s${index}`),
		dim,
		subDim: Math.min(dim, subDim),
		seed,
	}
	const model = makeQuantizedModel(shape, makePairs(shape))
	for (const matrix of [model.input, model.output])
		if (matrix.kind === 'quantized') {
			const { centroids } = matrix.quantizer
			for (const [at, value] of centroids.entries()) centroids[at] = value / 64
		}
	return model
}

describe('VectorBatch', () => {
	it('answers as the engine does, to the last bit and in the order of ties, for any model', async () => {
		await fc.assert(
			fc.asyncProperty(anyModel, async ({ titles, count, ...shape }) => {
				const texts = titles.map((words) => words.map((word) => `word${word}`).join(' '))
				const { one, many } = await ask(toBytes(makeModel(shape)), texts, count)
				expect(many).toEqual(one)
			}),
			{ numRuns: 25 },
		)
	})

	it('answers as the engine does for a model that is not quantised', async () => {
		const model = makeModelFile({ topics: { cats: ['kitten', 'paw'], linux: ['kernel', 'boot'] } })
		const { one, many } = await ask(model, ['kitten paw kernel', 'boot', 'paw boot'], 2)
		expect(many).toEqual(one)
	})

	it('is for no model whose label vectors have norms', () => {
		const shape = { ...USUAL_SHAPE, hasNorms: true }
		expect(canBatch(makeQuantizedModel(shape, makePairs(shape)))).toBe(false)
		expect(canBatch(makeQuantizedModel(USUAL_SHAPE, makePairs(USUAL_SHAPE)))).toBe(true)
	})

	it('says that a model is damaged whose weights are no numbers', async () => {
		const model = makeModel({ labels: 5, dim: 4, subDim: 2, seed: 1 })
		if (model.output.kind === 'quantized') model.output.quantizer.centroids.fill(Number.NaN)
		const batch = await VectorBatch.open(model)
		expect(() => [...batch.predict(['word1 word2'], 3)]).toThrow('must be trained again')
	})
})

describe('BatchSuggester', () => {
	it("gives the very answers of the page's way with the release that is in production", async () => {
		const place = { modelsDir: resolve('public/models'), dataDir: resolve('.data') }
		const batch = await BatchSuggester.open(place, 'production')
		onTestFinished(() => batch.dispose())
		const { suggester } = batch
		const some = SIXTY_TITLES.slice(0, 20).map(({ title }) => title)
		const titles = [...some, '', 'Qwfpgjzz', 'ker']
		const [first] = suggester.suggest(titles[0] ?? '').suggestions
		suggester.withhold([first?.subreddit.toLowerCase() ?? ''])
		for (const reading of ['whole', 'typing'] as const) {
			const one = titles.map((title) => suggester.suggest(title, reading))
			expect(JSON.stringify(batch.suggest(titles, reading))).toBe(JSON.stringify(one))
		}
	})
})
