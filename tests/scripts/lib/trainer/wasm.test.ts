import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModelFile } from '../../../../scripts/lib/trainer/model-file.ts'
import type { TrainParameters } from '../../../../scripts/lib/trainer/trainer.ts'
import { wasmTrainer } from '../../../../scripts/lib/trainer/wasm.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasNativeFastText } from '../../../fixtures/native-fasttext.ts'
import { askEngine, askNative, largestDifference } from '../../../fixtures/referee.ts'

const SMALL: TrainParameters = {
	...wasmTrainer.defaults,
	...{ dim: 12, epochs: 8, minCount: 2, threads: 2, seed: 7 },
}
// fastText adds 1e-5 to each probability that it prints.
const TOLERANCE = 1e-4

const ODD_TITLES = [
	'my new kernel driver ?',
	'kitten kitten kitten',
	'',
	'zzz yyy',
	'Ærøskøbing 日本語 тест 😀 naïve',
	'__label__cats telescope',
	`${'galaxy nebula '.repeat(2000)}star`,
]

async function writeTrainFile(dir: string, extra: readonly string[] = []): Promise<string> {
	const posts = makeCorpus({ postsPerSubreddit: 80, from: 0, until: 1000 })
	const lines = posts.map(({ subreddit, title }) => `__label__${subreddit} ${title.toLowerCase()}`)
	for (let i = 0; i < 5; i += 1) lines.push('__label__cats naïve 日本語 тест 😀')
	const path = join(dir, 'train.txt')
	await writeFile(path, `${[...lines, ...extra].join('\n')}\n`)
	return path
}

async function train(parameters: Partial<TrainParameters>, extra: readonly string[] = []) {
	const dir = await temporaryFolder()
	const outputFile = join(dir, 'model.bin')
	const trainFile = await writeTrainFile(dir, extra)
	const job = { trainFile, outputFile, parameters: { ...SMALL, ...parameters } }
	const figures = await wasmTrainer.train(job, await testEffects())
	return { dir, outputFile, trainFile, figures }
}

describe('wasmTrainer', () => {
	it('learns a small corpus', async () => {
		const { outputFile, figures } = await train({})
		expect(figures.loss).toBeLessThan(0.7)
		const titles = ['kernel driver', 'purring kitten', 'bishop endgame', 'tomato seedling']
		const answers = await askEngine(outputFile, titles, 1)
		expect(answers.flatMap((answer) => [...answer.keys()])).toEqual([
			...['linux', 'cats', 'chess', 'gardening'],
		])
	})

	it('makes the same bytes with any number of threads, and others with another seed', async () => {
		const models = await Promise.all(
			[{ threads: 1 }, { threads: 2 }, { threads: 5 }, { seed: 8 }].map(async (parameters) =>
				readFile((await train(parameters)).outputFile),
			),
		)
		const [one, two, five, other] = models
		expect(two?.equals(one ?? Buffer.alloc(0))).toBe(true)
		expect(five?.equals(one ?? Buffer.alloc(0))).toBe(true)
		expect(other?.equals(one ?? Buffer.alloc(0))).toBe(false)
	})

	it('keeps exact counts: each word and pair that occurs often enough, and no other', async () => {
		const extra = ['__label__cats aa bb', '__label__cats aa bb', '__label__cats bb aa']
		const { outputFile } = await train({ minCount: 3 }, extra)
		const { words, pruned, tokens } = await readModelFile(outputFile)
		const names = words.map(({ bytes }) => bytes)
		expect(names).toEqual(expect.arrayContaining(['aa', 'bb']))
		expect(words.find(({ bytes }) => bytes === 'aa')?.count).toBe(3)
		expect(pruned?.ids).not.toContain(ngramId('aa', 'bb'))
		expect(tokens).toBeGreaterThan(640 * 4)
		const once = await train({ minCount: 2 }, extra)
		const { pruned: more } = await readModelFile(once.outputFile)
		expect(more?.ids).toContain(ngramId('aa', 'bb'))
	})

	it('reports what it needs and leaves no file when the loss stops being a number', async () => {
		const dir = await temporaryFolder()
		const trainFile = await writeTrainFile(dir)
		const parameters = { ...SMALL, learningRate: 1e38 }
		const job = { trainFile, outputFile: join(dir, 'model.bin'), parameters }
		await expect(wasmTrainer.train(job, await testEffects())).rejects.toMatchObject({
			code: 'diverged',
			message: expect.stringMatching(/step \d+ .*learning rate/),
		})
		expect(await readdir(dir)).toEqual(['train.txt'])
	})

	it('stops on request and leaves no file', async () => {
		const dir = await temporaryFolder()
		const interrupt = new AbortController()
		const effects = await testEffects({ signal: interrupt.signal })
		const trainFile = await writeTrainFile(dir)
		const parameters = { ...SMALL, epochs: 1_000_000 }
		const training = wasmTrainer.train(
			{ trainFile, outputFile: join(dir, 'model.bin'), parameters },
			effects,
		)
		setTimeout(() => interrupt.abort(), 300)
		await expect(training).rejects.toMatchObject({ code: 'aborted' })
		expect(await readdir(dir)).toEqual(['train.txt'])
	})

	it.each([
		['', /empty/],
		['no labels here\n', /labels/],
		['__label__a x\n', /1 labels/],
		['__label__a x\n__label__b y\n', /known word/],
	])('refuses the training text %j', async (text, message) => {
		const dir = await temporaryFolder()
		const trainFile = join(dir, 'train.txt')
		await writeFile(trainFile, text)
		const job = { trainFile, outputFile: join(dir, 'model.bin'), parameters: SMALL }
		await expect(wasmTrainer.train(job, await testEffects())).rejects.toMatchObject({
			code: 'bad-data',
			message: expect.stringMatching(message),
		})
	})
})

describe.skipIf(!hasNativeFastText)('the official fastText, on models of wasmTrainer', () => {
	it.each([
		['exact pairs', {}],
		['single words', { wordNgrams: 1 }],
		['exact triples', { wordNgrams: 3 }],
		['hashed pairs', { bucket: 5000 }],
		['one thread and an odd dimension', { threads: 1, dim: 7 }],
	])('agrees with the engine of the page: %s', async (_name, parameters) => {
		const { outputFile } = await train(parameters)
		const native = askNative(outputFile, ODD_TITLES, 8)
		expect(native[0]?.size).toBe(8)
		const engine = await askEngine(outputFile, ODD_TITLES, 8)
		expect(largestDifference(native, engine)).toBeLessThan(TOLERANCE)
	})
})

function ngramId(first: string, second: string): number {
	const hash = (word: string) =>
		[...Buffer.from(word)].reduce(
			(h, byte) => Math.imul(h ^ ((byte << 24) >> 24), 16777619),
			-2128831035,
		)
	const mixed = BigInt.asUintN(64, BigInt(hash(first)) * 116049371n + BigInt(hash(second)))
	return Number(mixed % 2147483647n)
}
