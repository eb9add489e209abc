import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SIXTY_TITLES } from '../../scripts/bench/sixty-titles.ts'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { openRelease } from '../../scripts/lib/release-files/release.ts'
import type { Engine } from '../../src/model/engine.ts'
import { joinModelFile, writeEvidence } from '../../src/model/evidence/evidence-file.ts'
import type { FastTextModel } from '../../src/model/fasttext/format.ts'
import { createPairId, hashBytes, toUtf8 } from '../../src/model/features.ts'
import { Suggester } from '../../src/model/suggest.ts'
import { prepareScorer } from '../../src/worker/scorer.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	makePairs,
	makeQuantizedModel,
	type QuantizedShape,
	toBytes,
	USUAL_SHAPE,
} from '../fixtures/quantized-model.ts'

/** Beyond ASCII, too, where the order of bytes is not that of characters. */
const WORDS = [...USUAL_SHAPE.words, '</s>', '<pad:3>', 'größe', 'gr', '日本', '😀', '\uff21']
/** As the fixture has it. */
const BUCKET = 2 ** 27
const pairId = createPairId(BUCKET)
const hashOf = (word: string) => hashBytes(toUtf8(word))
/** Pairs of the first and the last words, which titles and lists of words have. */
const PAIRED = [...WORDS.slice(0, 20), ...WORDS.slice(-10)]
const PAIR_IDS = PAIRED.flatMap((first) =>
	PAIRED.map((second) => pairId(hashOf(first), hashOf(second))),
)
/** Whose pairs and beginnings the table of evidence has. */
const EVIDENT_TITLES = [WORDS.slice(0, 40).join(' '), 'wordy größenwahn 日本 grün zzz']
const EVIDENT = [...WORDS.slice(0, 400).filter((_, at) => at % 7 === 0), 'wordy', 'grün', 'zzz']
/** No title holds the word by which fastText knows its end. */
const ASKED = [...WORDS.filter((word) => word !== '</s>'), ...EVIDENT, 'unknown', 'wor']

const anyCase = fc.record({
	labels: fc.integer({ min: 1, max: 400 }),
	dim: fc.integer({ min: 1, max: 40 }),
	subDim: fc.integer({ min: 1, max: 3 }),
	seed: fc.nat(1000),
	hasNorms: fc.boolean(),
	hasPairs: fc.boolean(),
	hasEvidence: fc.boolean(),
	titles: fc.array(fc.array(fc.nat(ASKED.length - 1), { minLength: 1, maxLength: 14 }), {
		minLength: 1,
		maxLength: 20,
	}),
	count: fc.integer({ min: 1, max: 300 }),
})

type Shape = Pick<QuantizedShape, 'dim' | 'subDim' | 'seed'> & {
	readonly labels: number
	readonly hasNorms: boolean
	readonly hasPairs: boolean
}

/** Its vectors are small, so that no label is sure, and alike, so that labels tie. */
function makeModel({ labels, dim, subDim, seed, hasNorms, hasPairs }: Shape): FastTextModel {
	const shape: QuantizedShape = {
		...USUAL_SHAPE,
		words: WORDS.map(toUtf8).sort(),
		ids: PAIR_IDS,
		labels: Array.from({ length: labels }, (_, index) => `__label__s${index}`),
		dim,
		subDim: Math.min(dim, subDim),
		seed,
	}
	const pairs = hasPairs ? makePairs(shape) : null
	const model = makeQuantizedModel(shape, pairs)
	const { input } = makeQuantizedModel({ ...shape, hasNorms }, pairs)
	for (const matrix of [input, model.output])
		if (matrix.kind === 'quantized') {
			const { centroids } = matrix.quantizer
			for (const [at, value] of centroids.entries()) centroids[at] = value / 64
		}
	return { ...model, input }
}

function makeFile(shape: Shape & { readonly hasEvidence: boolean }): Uint8Array {
	const fastText = toBytes(makeModel(shape))
	if (!shape.hasEvidence) return fastText
	const { labels, seed } = shape
	const evidence = writeEvidence(
		makeEvidence({ labels, words: EVIDENT, seed, titles: EVIDENT_TITLES }),
	)
	return joinModelFile({ fastText, evidence })
}

/** As fastText itself writes them: in no order. */
function reversePairs({ pruned }: FastTextModel): FastTextModel['pruned'] {
	return pruned && { ids: pruned.ids.toReversed(), rows: pruned.rows.toReversed() }
}

async function openByScorer(file: Uint8Array): Promise<Engine | null> {
	const open = await prepareScorer(file.length)
	return open(file)
}

async function withBoth(
	file: Uint8Array,
	compare: (engine: Engine, scorer: Engine) => void,
): Promise<void> {
	const engine = await loadEngine(file)
	try {
		const scorer = await openByScorer(file)
		if (!scorer) throw new Error('the scorer left the model to the engine')
		compare(engine, scorer)
	} finally {
		engine.dispose()
	}
}

/** All words with a beginning, and what a model says of each behind another token. */
function describeWords({ table }: Engine, beginning: string, previous: string | null) {
	const range = table.startingWith(beginning)
	const words = Array.from({ length: range.until - range.from }, (_, at) =>
		table.word(range.from + at),
	)
	const marks = words.slice(0, 4).map((word) => table.hash(word))
	const signs = table.signsOf(range, marks, previous === null ? null : table.hash(previous))
	return words.map((word, at) => [word, signs.labels[at], signs.marks[at], signs.follows[at]])
}

describe('the scorer', () => {
	it('answers as the engine does, to the last bit and in the order of ties, for any model', async () => {
		await fc.assert(
			fc.asyncProperty(anyCase, async ({ titles, count, ...shape }) => {
				await withBoth(makeFile(shape), (engine, scorer) => {
					expect(scorer.labels()).toEqual(engine.labels())
					expect(scorer.padding).toBe(engine.padding)
					for (const places of titles) {
						const text = places.map((place) => ASKED[place]).join(' ')
						expect(scorer.predictByVectors(text, count)).toEqual(
							engine.predictByVectors(text, count),
						)
						expect(scorer.predict(text, count)).toEqual(engine.predict(text, count))
					}
				})
			}),
			{ numRuns: 25 },
		)
	})

	it('knows the words, beginnings and pairs that the engine knows', async () => {
		const shape = { labels: 9, dim: 8, subDim: 1, seed: 4, hasNorms: true, hasPairs: true }
		await withBoth(makeFile({ ...shape, hasEvidence: true }), (engine, scorer) => {
			for (const word of ASKED) {
				expect([word, scorer.knows(word), scorer.hasVector(word)]).toEqual([
					word,
					engine.knows(word),
					engine.hasVector(word),
				])
			}
			const beginnings = [
				'',
				'w',
				'word1',
				'g',
				'grö',
				'\u{ff00}',
				'😀',
				'~',
				...WORDS.slice(0, 20),
			]
			for (const beginning of beginnings)
				expect(describeWords(scorer, beginning, null)).toEqual(
					describeWords(engine, beginning, null),
				)
			const described = PAIRED.flatMap((previous) => {
				const words = describeWords(engine, '', previous)
				expect(describeWords(scorer, '', previous)).toEqual(words)
				return words
			})
			// Labels, marks and followers: each word has its own.
			for (const sign of [1, 2, 3])
				expect(new Set(described.map((one) => one[sign])).size).toBeGreaterThan(1)
		})
	})

	it('suggests the very same with the release that is in production', async () => {
		const { manifest, model } = await openRelease(
			{ modelsDir: resolve('public/models'), dataDir: resolve('.data') },
			'production',
		)
		const titles = [
			...SIXTY_TITLES.slice(0, 20).map(({ title }) => title),
			'',
			'Qwfpgjzz',
			'ker',
			'日本語 größe',
		]
		await withBoth(model, (engine, scorer) => {
			const [one, other] = [new Suggester(engine, manifest), new Suggester(scorer, manifest)]
			for (const reading of ['whole', 'typing'] as const)
				for (const title of titles)
					for (const asked of [title, title.slice(0, title.length / 2)])
						expect(JSON.stringify(other.suggest(asked, reading))).toBe(
							JSON.stringify(one.suggest(asked, reading)),
						)
		})
	})

	it('reads lists of evidence whose labels are far apart', async () => {
		const [labels, word] = [17_000, 'wordy']
		const places = [16_500, 16_600, 16_999]
		const evidence = writeEvidence({
			...makeEvidence({ labels, words: [word], seed: 3 }),
			starts: Uint32Array.of(0, places.length),
			labels: Uint16Array.from(places),
			levels: Uint8Array.of(15, 14, 13),
		})
		const shape = { labels, dim: 2, subDim: 1, seed: 4, hasNorms: false, hasPairs: false }
		const file = joinModelFile({ fastText: toBytes(makeModel(shape)), evidence })
		await withBoth(file, (engine, scorer) => {
			const names = engine.labels().toSorted((a, b) => (a < b ? -1 : 1))
			for (const place of places)
				expect(scorer.evidence?.explain(word, names[place] ?? '')).toEqual(
					engine.evidence?.explain(word, names[place] ?? ''),
				)
			expect(scorer.predict(`word1 ${word}`, 99)).toEqual(engine.predict(`word1 ${word}`, 99))
		})
	})

	it('leaves to the engine what it does not read', async () => {
		const shape = { labels: 9, dim: 8, subDim: 2, seed: 4, hasNorms: false, hasPairs: true }
		const model = makeModel(shape)
		const others: Record<string, Uint8Array> = {
			dense: makeModelFile({ topics: { cats: ['kitten'], linux: ['kernel'] } }),
			'another loss': toBytes({ ...model, args: { ...model.args, loss: 'ova' } }),
			'words in another order': toBytes({ ...model, words: model.words.toReversed() }),
			'pairs in another order': toBytes({ ...model, pruned: reversePairs(model) }),
			'evidence that is no number': joinModelFile({
				fastText: toBytes(model),
				evidence: writeEvidence({
					...makeEvidence({ labels: 9, words: EVIDENT, seed: 4 }),
					strength: Number.NaN,
				}),
			}),
			'evidence for another model': joinModelFile({
				fastText: toBytes(model),
				evidence: writeEvidence(makeEvidence({ labels: 8, words: EVIDENT, seed: 4 })),
			}),
			'norms of labels': toBytes(
				makeQuantizedModel({ ...USUAL_SHAPE, hasNorms: true }, makePairs(USUAL_SHAPE)),
			),
			'a web page': new TextEncoder().encode('<!doctype html><title>Not found</title>'),
			empty: new Uint8Array(),
		}
		for (const [what, file] of Object.entries(others))
			expect([what, await openByScorer(file)]).toEqual([what, null])
	})

	it('refuses a file that breaks off or goes on, wherever', async () => {
		const file = makeFile({
			labels: 9,
			dim: 8,
			subDim: 2,
			seed: 4,
			hasNorms: true,
			hasPairs: true,
			hasEvidence: true,
		})
		const whole = toBytes(
			makeModel({ labels: 9, dim: 8, subDim: 2, seed: 4, hasNorms: true, hasPairs: true }),
		)
		for (let length = 0; length < whole.length; length += 97)
			expect(await openByScorer(whole.subarray(0, length))).toBeNull()
		expect(await openByScorer(Buffer.concat([whole, Buffer.of(0)]))).toBeNull()
		expect(await openByScorer(file)).not.toBeNull()
	})

	it('says that a model is damaged whose weights are no numbers', async () => {
		const model = makeModel({
			labels: 5,
			dim: 4,
			subDim: 2,
			seed: 1,
			hasNorms: false,
			hasPairs: false,
		})
		if (model.output.kind === 'quantized') model.output.quantizer.centroids.fill(Number.NaN)
		const scorer = await openByScorer(toBytes(model))
		expect(() => scorer?.predictByVectors('word1 word2', 3)).toThrow('must be trained again')
	})

	it('refuses a text that is longer than any title', async () => {
		const scorer = await openByScorer(
			toBytes(
				makeModel({ labels: 5, dim: 4, subDim: 2, seed: 1, hasNorms: false, hasPairs: false }),
			),
		)
		expect(() => scorer?.predictByVectors('word1 '.repeat(20_000), 3)).toThrow('too long')
	})
})
