import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { readModelFile } from '../../../../scripts/lib/trainer/model-file.ts'
import type {
	QuantizeParameters,
	TrainParameters,
} from '../../../../scripts/lib/trainer/parameters.ts'
import { wasmTrainer } from '../../../../scripts/lib/trainer/wasm.ts'
import { packModel } from '../../../../src/model/packed/packed-model.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasNativeFastText } from '../../../fixtures/native-fasttext.ts'
import { askEngine, askNative, largestDifference } from '../../../fixtures/referee.ts'

const SMALL: TrainParameters = {
	...wasmTrainer.defaults,
	dim: 12,
	epochs: 8,
	minCount: 2,
	threads: 2,
	seed: 7,
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

	it('is less sure of one word alone where it is diluted, and as good on whole titles', async () => {
		const models = [await train({ dilution: 0 }), await train({ dilution: 6 })]
		const [plain, diluted] = await Promise.all(
			models.map(({ outputFile }) =>
				askEngine(outputFile, ['kitten', 'purring kitten whiskers'], 1),
			),
		)
		const sureness = (answers: typeof plain, title: number) => answers?.[title]?.get('cats') ?? 0
		expect(sureness(diluted, 0)).toBeLessThan(sureness(plain, 0) - 0.005)
		expect(sureness(diluted, 1)).toBeGreaterThan(0.8)
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

	it.each([
		[1e38, /stopped being a number at step \d+ .*lower --learning-rate/],
		[1e30, /the loss of epoch 1 is \S+, a blind guess has 2\.08; lower --learning-rate/],
		[100, /the loss of epoch 1 is \S+, a blind guess has 2\.08; lower --learning-rate/],
	])('ends a training that diverges at a rate of %d and leaves no file', async (rate, message) => {
		const dir = await temporaryFolder()
		const trainFile = await writeTrainFile(dir)
		const parameters = { ...SMALL, learningRate: rate }
		const job = { trainFile, outputFile: join(dir, 'model.bin'), parameters }
		await expect(wasmTrainer.train(job, await testEffects())).rejects.toMatchObject({
			code: 'diverged',
			message: expect.stringMatching(message),
		})
		expect(await readdir(dir)).toEqual(['train.txt'])
	})

	it('learns older posts behind the others, as if they stood in the same file', async () => {
		const dir = await temporaryFolder()
		const whole = await readFile(await writeTrainFile(dir), 'utf8')
		const cut = whole.indexOf('\n', whole.length / 2)
		const files = { trainFile: join(dir, 'half.txt'), olderFiles: [join(dir, 'older.txt')] }
		// No line end behind the last line of the first file.
		await writeFile(files.trainFile, whole.slice(0, cut))
		await writeFile(files.olderFiles[0] ?? '', whole.slice(cut + 1))
		const outputFile = join(dir, 'two.bin')
		await wasmTrainer.train({ ...files, outputFile, parameters: SMALL }, await testEffects())
		const one = await train({})
		expect(sha256(await readFile(outputFile))).toBe(sha256(await readFile(one.outputFile)))
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

	it('refuses what its memory has no room for before it learns anything, and says what to do', async () => {
		const dir = await temporaryFolder()
		const trainFile = join(dir, 'train.txt')
		// Each word once: vectors of so many take more than the 4.3 GB that 32 bits can address.
		const words = Array.from({ length: 1_100_000 }, (_, number) => number.toString(36))
		const lines = Array.from({ length: 1_000 }, (_, line) =>
			['__label__a', ...words.slice(line * 1_100, (line + 1) * 1_100)].join(' '),
		)
		await writeFile(trainFile, `${lines.join('\n')}\n__label__b 0 1 2\n`)
		const effects = await testEffects()
		const job = {
			trainFile,
			outputFile: join(dir, 'model.bin'),
			parameters: { ...SMALL, dim: 1024, minCount: 1, wordNgrams: 1, dilution: 0 },
		}
		await expect(wasmTrainer.train(job, effects)).rejects.toMatchObject({
			code: 'out-of-memory',
			message: expect.stringMatching(
				/vectors of features: training would need 4\.\d GB .* lower --dim, raise --min-count, .*--max-posts/,
			),
		})
		expect(effects.said.err).toEqual([])
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
		['no dilution', { dilution: 0 }],
		['one thread and an odd dimension', { threads: 1, dim: 7 }],
	])('agrees with the engine of the page: %s', async (_name, parameters) => {
		const { outputFile } = await train(parameters)
		const native = askNative(outputFile, ODD_TITLES, 8)
		expect(native[0]?.size).toBe(8)
		const engine = await askEngine(outputFile, ODD_TITLES, 8)
		expect(largestDifference(native, engine)).toBeLessThan(TOLERANCE)
	})

	it.each([
		['all features, shared rows', { maxBytes: 60_000 }],
		['a few features', { cutoff: 150 }],
		['as many bits as there are', { maxBytes: 0 }],
	])('agrees on quantised models: %s', async (_name, parameters) => {
		const { outputFile } = await quantize(parameters, await train({ dim: 9 }))
		const native = askNative(outputFile, ODD_TITLES, 8)
		const engine = await askEngine(outputFile, ODD_TITLES, 8)
		expect(largestDifference(native, engine)).toBeLessThan(TOLERANCE)
	})
})

async function quantize(
	parameters: Partial<QuantizeParameters>,
	{ dir, outputFile: modelFile, trainFile }: Awaited<ReturnType<typeof train>>,
	training: TrainParameters = wasmTrainer.defaults,
) {
	const outputFile = join(dir, 'model.ftz')
	const defaults = { ...wasmTrainer.quantizeDefaults, threads: 2 }
	const files = { modelFile, trainFile, outputFile }
	const job = { ...files, parameters: { ...defaults, ...parameters }, training }
	const figures = await wasmTrainer.quantize(job, await testEffects())
	return { outputFile, figures }
}

describe('wasmTrainer.quantize', () => {
	it('fits the model into the bytes that it is given, and uses them', async () => {
		const trained = await train({ dim: 24 })
		const sizes = [16_000, 17_000, 18_000]
		for (const maxBytes of sizes) {
			const { outputFile, figures } = await quantize({ maxBytes, cutoff: 400 }, trained)
			const wire = packModel(await readFile(outputFile))?.length
			expect(wire).toBe(figures.wireBytes)
			expect(wire).toBeLessThanOrEqual(maxBytes)
			expect(wire).toBeGreaterThan(maxBytes * 0.99)
		}
	})

	it('still knows what the large model knew', async () => {
		const trained = await train({ dim: 24 })
		const { outputFile } = await quantize({ maxBytes: 30_000 }, trained)
		const titles = ['kernel driver', 'purring kitten', 'bishop endgame', 'tomato seedling']
		const answers = await askEngine(outputFile, titles, 1)
		expect(answers.flatMap((answer) => [...answer.keys()])).toEqual([
			...['linux', 'cats', 'chess', 'gardening'],
		])
	})

	it('makes the same bytes with any number of threads', async () => {
		const trained = await train({})
		const files = []
		for (const threads of [1, 3])
			files.push(await readFile((await quantize({ threads, cutoff: 300 }, trained)).outputFile))
		expect(files[1]?.equals(files[0] ?? Buffer.alloc(0))).toBe(true)
	})

	it('keeps as many features as it is told, and trains again on these', async () => {
		const trained = await train({})
		const { outputFile, figures } = await quantize({ cutoff: 100, maxBytes: 0 }, trained)
		const { words, pruned } = await readModelFile(outputFile)
		expect(words.length + (pruned?.ids.length ?? 0)).toBe(figures.features)
		expect(figures.features).toBeGreaterThan(95)
		expect(figures.features).toBeLessThan(105)
	})

	it('keeps as many n-grams for each megabyte as it is told', async () => {
		const trained = await train({})
		const keptNgrams = async (ngramsPerMegabyte: number) => {
			const { outputFile } = await quantize({ maxBytes: 40_000, ngramsPerMegabyte }, trained)
			return (await readModelFile(outputFile)).pruned?.ids.length
		}
		expect(await keptNgrams(1_000)).toBe(40)
		expect(await keptNgrams(2_500)).toBe(100)
	})

	it('trains the kept ones again as the model was trained: other epochs, rate, pieces, balance or seed, other bytes', async () => {
		const trained = await train({})
		const recipe = { ...wasmTrainer.defaults, ...SMALL }
		const bytesOf = async (changed: Partial<TrainParameters>) => {
			const { outputFile } = await quantize({ cutoff: 300 }, trained, { ...recipe, ...changed })
			return sha256(await readFile(outputFile))
		}
		// With so few labels a batch has all of them, whatever the number of negatives.
		const changes = [
			{ epochs: 4 },
			{ learningRate: 0.3 },
			{ pieces: 0 },
			{ balance: 1 },
			{ seed: 8 },
		]
		const digests = [await bytesOf({})]
		for (const changed of changes) digests.push(await bytesOf(changed))
		expect(new Set(digests).size).toBe(changes.length + 1)
		expect(await bytesOf({})).toBe(digests[0])
	})

	it('says what the least is where nothing fits', async () => {
		const trained = await train({})
		await expect(quantize({ maxBytes: 2000 }, trained)).rejects.toMatchObject({
			code: 'bad-input',
			message: expect.stringMatching(/takes .* kB; raise --max-bytes/),
		})
		expect((await readdir(trained.dir)).sort()).toEqual(['model.bin', 'train.txt'])
	})
})

function ngramId(first: string, second: string): number {
	const hash = (word: string) =>
		[...Buffer.from(word)].reduce(
			(h, byte) => Math.imul(h ^ ((byte << 24) >> 24), 16777619),
			-2128831035,
		)
	const mixed = BigInt.asUintN(64, BigInt(hash(first)) * 116049371n + BigInt(hash(second)))
	return Number(mixed % 134217728n)
}
