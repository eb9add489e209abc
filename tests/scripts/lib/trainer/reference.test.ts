// The kernels learn what the plain trainer beside them learns.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModelFile } from '../../../../scripts/lib/trainer/model-file.ts'
import type { TrainParameters } from '../../../../scripts/lib/trainer/parameters.ts'
import { createRowReader } from '../../../../scripts/lib/trainer/precise.ts'
import { trainReference } from '../../../../scripts/lib/trainer/reference.ts'
import { wasmTrainer } from '../../../../scripts/lib/trainer/wasm.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const SMALL: TrainParameters = {
	...wasmTrainer.defaults,
	dim: 12,
	epochs: 4,
	minCount: 2,
	threads: 2,
	seed: 7,
}
/**
 * The kernels compute with 24 bits of precision, the reference with 53. What a sum in another order, or one with 53 bits, makes
 * of a training's vectors is less than this share of their length.
 */
const ROUNDING = 1e-4

/** Titles of eight subreddits, some in other scripts; or a frequent subreddit and many that have a title each. */
function makeLines({ isSkewed = false } = {}): string[] {
	const posts = makeCorpus({ postsPerSubreddit: 80, from: 0, until: 1000 })
	const lines = posts.map(({ subreddit, title }) => `__label__${subreddit} ${title.toLowerCase()}`)
	if (!isSkewed) return [...lines, ...Array(5).fill('__label__cats naïve 日本語 тест 😀')]
	const rare = Array.from(
		{ length: 20 },
		(_, at) => `__label__rare${at} the new word${at} is a fret`,
	)
	return [...lines.filter((line) => line.startsWith('__label__cats')), ...rare]
}

async function trainKernels(lines: readonly string[], parameters: TrainParameters) {
	const dir = await temporaryFolder()
	const files = { trainFile: join(dir, 'train.txt'), outputFile: join(dir, 'model.bin') }
	await writeFile(files.trainFile, `${lines.join('\n')}\n`)
	const { loss } = await wasmTrainer.train({ ...files, parameters }, await testEffects())
	return { loss, model: await readModelFile(files.outputFile) }
}

/** How far the vectors of the kernels are from those of the reference, as a share of the length of all. */
function distance(
	model: Awaited<ReturnType<typeof readModelFile>>,
	name: 'input' | 'output',
	reference: ReturnType<typeof trainReference>,
): number {
	const read = createRowReader(model)
	let apart = 0
	let length = 0
	for (const [row, vector] of reference[name].entries()) {
		const found = new Float32Array(vector.length)
		read(name, row, found)
		for (const [k, value] of vector.entries()) {
			apart += (value - (found[k] ?? 0)) ** 2
			length += value ** 2
		}
	}
	return Math.sqrt(apart / length)
}

describe('the kernels learn what the reference learns', () => {
	it.each<[string, Partial<TrainParameters>, { isSkewed?: boolean }]>([
		['words and pairs', {}, {}],
		['words alone, whole titles, one thread', { wordNgrams: 1, pieces: 0, threads: 1 }, {}],
		['pairs without dilution, three threads', { dilution: 0, dim: 16, threads: 3 }, {}],
		['a few labels a batch, drawn anew for each', { negatives: 2, minCount: 1 }, {}],
		['labels of which one is frequent', { negatives: 2 }, { isSkewed: true }],
		['labels that are balanced', { balance: 0.8 }, { isSkewed: true }],
		['labels that are balanced and drawn', { negatives: 2, balance: 1 }, { isSkewed: true }],
	])('%s', async (_name, changed, kind) => {
		const parameters = { ...SMALL, ...changed }
		const lines = makeLines(kind)
		const reference = trainReference(lines, parameters)
		const { words, labels, pairs } = reference
		const { loss, model } = await trainKernels(lines, parameters)
		expect(model.words.map(({ bytes }) => bytes)).toEqual(words)
		expect(model.labels.map(({ bytes }) => bytes)).toEqual(labels)
		expect([...(model.pruned?.ids ?? [])]).toEqual(pairs)
		expect(distance(model, 'input', reference)).toBeLessThan(ROUNDING)
		expect(distance(model, 'output', reference)).toBeLessThan(ROUNDING)
		expect(Math.abs((loss ?? 0) / reference.loss - 1)).toBeLessThan(ROUNDING)
	})
})
