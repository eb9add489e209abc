import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import createModule from 'fasttext.wasm.js/dist/core/fastText.node.js'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { askAbout } from '../../src/model/completion.ts'
import { joinModelFile, writeEvidence } from '../../src/model/evidence/evidence-file.ts'
import { type EngineModule, loadNative } from '../../src/model/native-engine.ts'
import { normalizeTitle } from '../../src/model/normalize.ts'
import { makeCorpus, TOPICS } from '../fixtures/corpus.ts'
import { temporaryFolder } from '../fixtures/effects.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { hasNativeFastText } from '../fixtures/native-fasttext.ts'
import { askEngine, askNative, largestDifference } from '../fixtures/referee.ts'

const LABELS = Object.keys(TOPICS)

async function makeModule(): Promise<EngineModule> {
	const wasm = createRequire(import.meta.url).resolve(
		'fasttext.wasm.js/dist/core/fastText.node.wasm',
	)
	const factory = createModule as unknown as (options: object) => Promise<EngineModule>
	return factory({ wasmBinary: await readFile(wasm), locateFile: () => wasm, print() {} })
}

describe('Engine', () => {
	it('gives the most probable labels first, without their prefix', async () => {
		const engine = await loadEngine(makeModelFile({ topics: TOPICS }))
		const predictions = engine.predict('kitten whiskers', 3)
		expect(predictions).toHaveLength(3)
		expect(predictions[0]?.label).toBe('cats')
		expect(predictions[0]?.score).toBeGreaterThan(0.8)
		const scores = predictions.map(({ score }) => score)
		expect(scores).toEqual([...scores].sort((a, b) => b - a))
		expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true)
	})

	it('names all labels', async () => {
		const engine = await loadEngine(makeModelFile({ topics: TOPICS }))
		expect(engine.labels()).toEqual(LABELS)
		expect(engine.predict('kitten', 100)).toHaveLength(LABELS.length)
	})

	it('knows a text by its words alone, not by its marks', async () => {
		const topics = { cats: ['kitten', '?'], dogs: ['puppy', '!'] }
		const engine = await loadEngine(makeModelFile({ topics }))
		expect(engine.know('a kitten ?')).toEqual({ words: 2, knownWords: 1 })
		for (const text of ['', 'stone', '?', 'stone ! ?']) expect(engine.know(text).knownWords).toBe(0)
	})

	it('reranks by a table of evidence, which alone makes no title known', async () => {
		const evidence = makeEvidence({ labels: LABELS.length, words: ['kitten', 'unheard'], seed: 3 })
		const fastText = makeModelFile({ topics: TOPICS })
		const plain = await loadEngine(fastText)
		const engine = await loadEngine(joinModelFile({ fastText, evidence: writeEvidence(evidence) }))
		const text = 'kitten unheard'
		const candidates = plain.predictByVectors(text, LABELS.length)
		expect(engine.predict(text, 3)).toEqual(engine.evidence?.weigh(text, candidates, 3))
		expect(engine.know(text)).toEqual({ words: 2, knownWords: 2 })
		expect(askAbout(text, 'whole', engine).unknownWords).toEqual([])
		expect(engine.know('unheard')).toEqual({ words: 1, knownWords: 0 })
		expect(askAbout('unheard', 'whole', engine).unknownWords).toEqual(['unheard'])
	})

	it('takes a second model in place of the first, in the same memory', async () => {
		const module = await makeModule()
		const first = loadNative(module, makeModelFile({ topics: { cats: ['rex'], dogs: ['tom'] } }))
		expect(first.predict('rex', 1)[0]?.label).toBe('cats')
		first.dispose()
		const second = loadNative(module, makeModelFile({ topics: { cats: ['tom'], dogs: ['rex'] } }))
		expect(second.predict('rex', 1)[0]?.label).toBe('dogs')
	})

	it('refuses what is no model', async () => {
		const bytes = Buffer.from('<!doctype html><title>Not found</title>')
		await expect(loadEngine(bytes)).rejects.toMatchObject({ code: 'damaged' })
	})

	it.each([0, -2, 1.5, Number.NaN])('refuses to give %j labels, which would end it', async (k) => {
		const engine = await loadEngine(makeModelFile({ topics: TOPICS }))
		expect(() => engine.predict('kitten', k)).toThrow(RangeError)
		expect(engine.predict('kitten', 1)).toHaveLength(1)
	})

	it('refuses a model that gives no numbers', async () => {
		const file = Buffer.from(makeModelFile({ topics: { cats: ['kitten'], dogs: ['puppy'] } }))
		// The output matrix is the end of the file.
		for (let row = 1; row <= 4; row += 1) file.writeFloatLE(Number.NaN, file.length - 4 * row)
		const engine = await loadEngine(file)
		expect(() => engine.predict('kitten', 2)).toThrow()
	})
})

describe.skipIf(!hasNativeFastText)('Engine beside native fastText', () => {
	it('gives the same labels with the same probabilities, dense and quantized', async () => {
		const dir = await temporaryFolder()
		const posts = makeCorpus({ postsPerSubreddit: 80, from: 0, until: 1_000 })
		const train = join(dir, 'train.txt')
		const lines = posts.map((post) => `__label__${post.subreddit} ${normalizeTitle(post.title)}\n`)
		await writeFile(train, lines.join(''))
		const titles = [
			...posts.slice(0, 100).map(({ title }) => normalizeTitle(title)),
			normalizeTitle('Über den Kernel: 日本語 kitten 😀?'),
			normalizeTitle(`kitten ${'oven garlic '.repeat(200)}`),
		]
		const shape = ['-dim', '8', '-wordNgrams', '2', '-bucket', '2000', '-epoch', '10']
		const files = ['-input', train, '-output', join(dir, 'model')]
		execFileSync('fasttext', ['supervised', ...files, ...shape], { stdio: 'ignore' })
		const pruned = ['-qnorm', '-cutoff', '1000']
		execFileSync('fasttext', ['quantize', ...files, ...pruned], { stdio: 'ignore' })
		for (const name of ['model.bin', 'model.ftz']) {
			const file = join(dir, name)
			const ours = await askEngine(file, titles, 5)
			expect(largestDifference(ours, askNative(file, titles, 5))).toBeLessThan(1e-4)
		}
	})
})
