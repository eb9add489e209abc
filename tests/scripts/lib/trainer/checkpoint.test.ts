import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exists } from '../../../../scripts/lib/files.ts'
import { Checkpoint } from '../../../../scripts/lib/trainer/checkpoint.ts'
import type { TrainParameters } from '../../../../scripts/lib/trainer/parameters.ts'
import type { TrainJob } from '../../../../scripts/lib/trainer/trainer.ts'
import { wasmTrainer } from '../../../../scripts/lib/trainer/wasm.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const EPOCHS = 60
const SMALL: TrainParameters = {
	...wasmTrainer.defaults,
	// Fewer negatives than labels: what is drawn by lot must go on as well.
	dim: 12,
	epochs: EPOCHS,
	minCount: 2,
	negatives: 2,
	threads: 2,
	seed: 7,
}
/** One label has more than ten times as many posts as the mean of labels. */
const SKEWED = Array.from(
	{ length: 4000 },
	(_, i) => `__label__${i % 20 ? 'big' : `rare${i % 300}`} word${i % 50} cat`,
)
const GOES_ON = new RegExp(`^training goes on after epoch \\d+ of ${EPOCHS}: checkpoint of `)

interface Place {
	readonly dir: string
	readonly trainFile: string
	readonly checkpointFile: string
}

async function makePlace(extra: readonly string[] = []): Promise<Place> {
	const dir = await temporaryFolder()
	const posts = makeCorpus({ postsPerSubreddit: 80, from: 0, until: 1000 })
	const lines = posts.map(({ subreddit, title }) => `__label__${subreddit} ${title.toLowerCase()}`)
	const trainFile = join(dir, 'train.txt')
	await writeFile(trainFile, `${[...lines, ...extra].join('\n')}\n`)
	const data = join(dir, 'data')
	await mkdir(data)
	return { dir, trainFile, checkpointFile: join(data, 'training.checkpoint') }
}

type Changes = Partial<Omit<TrainJob, 'parameters'>> & {
	readonly parameters?: Partial<TrainParameters>
}

function jobOf({ dir, trainFile }: Place, { parameters = {}, ...changes }: Changes): TrainJob {
	const outputFile = join(dir, 'model.bin')
	return { trainFile, outputFile, ...changes, parameters: { ...SMALL, ...parameters } }
}

/** Trains to the end. @returns the model's bytes and what was said */
async function train(place: Place, changes: Changes = {}) {
	const effects = await testEffects()
	const job = jobOf(place, changes)
	const { steps } = await wasmTrainer.train(job, effects)
	return { bytes: await readFile(job.outputFile), said: effects.said.err, steps }
}

/** Starts a training and ends it as Ctrl-C does, as soon as there is a checkpoint. */
async function interrupt(place: Place, changes: Changes = {}): Promise<void> {
	const { checkpointFile } = place
	const control = new AbortController()
	const effects = await testEffects({ signal: control.signal })
	const job = jobOf(place, { checkpointFile, checkpointSeconds: 0, ...changes })
	const training = expect(wasmTrainer.train(job, effects)).rejects.toMatchObject({
		code: 'aborted',
	})
	while (!(await exists(checkpointFile))) await sleep(1)
	control.abort()
	await training
	expect(await readdir(join(place.dir, 'data'))).toEqual(['training.checkpoint'])
}

describe('a training with checkpoints', () => {
	it.each([
		['with as many threads', [], {}],
		['with one thread', [], { threads: 1 }],
		['with more threads', [], { threads: 3 }],
		['with one label that most posts have', SKEWED, {}],
	])('ends with the same bytes after an interruption, %s', async (_name, extra, parameters) => {
		const place = await makePlace(extra)
		const { checkpointFile } = place
		const whole = await train(place, { parameters })
		await interrupt(place, { parameters: { ...parameters, threads: 2 } })
		const resumed = await train(place, { parameters, checkpointFile })
		expect(resumed.said).toEqual([expect.stringMatching(GOES_ON)])
		expect(resumed.bytes.equals(whole.bytes)).toBe(true)
		expect(resumed.steps).toBe(whole.steps)
		expect(await readdir(join(place.dir, 'data'))).toEqual([])
	})

	it('ends with the same bytes after two interruptions', async () => {
		const place = await makePlace(['__label__brewing hops malt', '__label__brewing hops malt'])
		const whole = await train(place, {})
		await interrupt(place, {})
		await interrupt(place, {})
		const resumed = await train(place, { checkpointFile: place.checkpointFile })
		expect(resumed.said).toEqual([expect.stringMatching(GOES_ON)])
		expect(resumed.bytes.equals(whole.bytes)).toBe(true)
	})

	it('writes nothing before the time has come', async () => {
		const place = await makePlace()
		const { dir, checkpointFile } = place
		const control = new AbortController()
		const effects = await testEffects({ signal: control.signal })
		const parameters = { epochs: 1_000_000 }
		const training = wasmTrainer.train(jobOf(place, { checkpointFile, parameters }), effects)
		setTimeout(() => control.abort(), 500)
		await expect(training).rejects.toMatchObject({ code: 'aborted' })
		expect(await readdir(join(dir, 'data'))).toEqual([])
	})

	it.each<[string, (path: string) => Promise<void>]>([
		['a flipped bit of a weight', (path) => flipBit(path, 5000)],
		['another epoch in its header', (path) => replaceText(path, /"epochs":\d+/, '"epochs":59')],
		['no end', async (path) => truncate(path, (await stat(path)).size - 4)],
		['a header only', (path) => truncate(path, 300)],
		['no bytes', (path) => truncate(path, 0)],
		['other bytes', (path) => writeFile(path, Buffer.alloc(20_000, 'x'))],
		['sizes beyond its end', (path) => replaceText(path, /"bytes":\[\d+/, '"bytes":[99999999999')],
	])('starts afresh where the checkpoint has %s, and says so', async (_name, damage) => {
		const place = await makePlace()
		const { checkpointFile } = place
		const whole = await train(place)
		await interrupt(place)
		await damage(checkpointFile)
		const { bytes, said } = await train(place, { checkpointFile })
		expect(said).toEqual([
			expect.stringMatching(/^checkpoint is ignored: .*training\.checkpoint: /),
		])
		expect(bytes.equals(whole.bytes)).toBe(true)
	})

	it.each<[string, Changes]>([
		['learning rate', { parameters: { learningRate: 0.9 } }],
		['seed', { parameters: { seed: 8 } }],
		['number of epochs', { parameters: { epochs: EPOCHS + 1 } }],
	])('leaves the checkpoint of a training with another %s alone', async (_name, changes) => {
		const place = await makePlace()
		const { checkpointFile } = place
		await interrupt(place)
		const kept = await readFile(checkpointFile)
		const { bytes, said } = await train(place, { ...changes, checkpointFile })
		expect(said).toEqual([])
		expect(bytes.equals((await train(place, changes)).bytes)).toBe(true)
		expect(kept.equals(await readFile(checkpointFile))).toBe(true)
	})

	it('leaves the checkpoint of another text alone', async () => {
		const place = await makePlace()
		const { checkpointFile, trainFile } = place
		await interrupt(place)
		await replaceText(trainFile, /kernel/, 'kernol')
		const { bytes, said } = await train(place, { checkpointFile })
		expect(said).toEqual([])
		expect(bytes.equals((await train(place)).bytes)).toBe(true)
		expect(await exists(checkpointFile)).toBe(true)
	})

	it('goes on without checkpoints where none can be written, and says so once', async () => {
		const place = await makePlace()
		const whole = await train(place)
		const checkpointFile = join(place.trainFile, 'training.checkpoint')
		const { bytes, said } = await train(place, { checkpointFile, checkpointSeconds: 0 })
		expect(said).toEqual([expect.stringMatching(/^training goes on without checkpoints: /)])
		expect(bytes.equals(whole.bytes)).toBe(true)
	})
})

describe('whichsub train', () => {
	it('keeps its checkpoint in the data folder', async () => {
		const effects = await testEffects()
		await fillDatabase(effects)
		const split = ['--until', '2013-06-01', '--test-from', '2013-06-01']
		await main(['snapshot', ...split, '--test-until', '2013-07-01', '--min-posts', '5'], effects)
		const path = join(effects.dataDir, 'training.checkpoint')
		await writeFile(path, 'no checkpoint')
		expect(await main(['train', '--dim', '8', '--min-count', '1'], effects)).toBe(0)
		expect(effects.said.err).toContain(`checkpoint is ignored: ${path}: it has no header`)
	})
})

describe('Checkpoint', () => {
	async function makeCheckpoint(place: Place) {
		const { checkpointFile: file, trainFile } = place
		const effects = await testEffects()
		const job = { file, seconds: 0, sources: [trainFile], recipe: { dim: 3 }, epochs: 9 }
		return { checkpoint: await Checkpoint.create(job, effects), effects }
	}
	const filled = (value: number) => [10, 0, 7].map((length) => new Uint8Array(length).fill(value))

	it('gives back what was saved', async () => {
		const place = await makePlace()
		const { checkpoint } = await makeCheckpoint(place)
		expect(await checkpoint.save(4, filled(1))).toBeNull()
		const state = filled(0)
		const later = await makeCheckpoint(place)
		expect(await later.checkpoint.restore(state)).toBe(4)
		expect(state).toEqual(filled(1))
	})

	it('gives back nothing of a file with any one bit changed', async () => {
		const place = await makePlace()
		const { checkpoint } = await makeCheckpoint(place)
		await checkpoint.save(4, filled(1))
		const whole = await readFile(place.checkpointFile)
		const bits = fc.integer({ min: 0, max: whole.length * 8 - 1 })
		await fc.assert(
			fc.asyncProperty(bits, async (bit) => {
				const damaged = Buffer.from(whole)
				damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
				await writeFile(place.checkpointFile, damaged)
				const state = filled(0)
				expect(await checkpoint.restore(state)).toBe(0)
				expect(state).toEqual(filled(0))
			}),
			{ numRuns: 100 },
		)
	})

	it('refuses a state of another size', async () => {
		const place = await makePlace()
		const { checkpoint, effects } = await makeCheckpoint(place)
		await checkpoint.save(4, filled(1))
		expect(await checkpoint.restore(filled(0).reverse())).toBe(0)
		expect(effects.said.err).toEqual([expect.stringMatching(/^checkpoint is ignored: /)])
	})

	it('writes none for a text that changed while it was learnt', async () => {
		const place = await makePlace()
		const { checkpoint } = await makeCheckpoint(place)
		await writeFile(place.trainFile, '__label__a b\n')
		expect(await checkpoint.save(4, filled(1))).toMatch(/changed during the training/)
		expect(await exists(place.checkpointFile)).toBe(false)
	})

	it('keeps the checkpoint that another training has written since', async () => {
		const place = await makePlace()
		const { checkpoint } = await makeCheckpoint(place)
		await checkpoint.save(4, filled(1))
		const others = `"key":"${'a'.repeat(64)}"`
		await replaceText(place.checkpointFile, /"key":"[^"]+"/, others)
		await checkpoint.remove()
		expect(await exists(place.checkpointFile)).toBe(true)
	})
})

async function flipBit(path: string, at: number): Promise<void> {
	const bytes = await readFile(path)
	bytes[at] = (bytes[at] ?? 0) ^ 1
	await writeFile(path, bytes)
}

async function replaceText(path: string, pattern: RegExp, text: string): Promise<void> {
	const old = await readFile(path, 'latin1')
	expect(old).toMatch(pattern)
	await writeFile(path, old.replace(pattern, text), 'latin1')
}
