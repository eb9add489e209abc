import { chmod, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nativeTrainer } from '../../../../scripts/lib/trainer/native.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { hasNativeFastText } from '../../../fixtures/native-fasttext.ts'

const SMALL = { ...nativeTrainer.defaults, dim: 10, bucket: 1000, minCount: 1, threads: 1 }

async function writeTrainFile(dir: string): Promise<string> {
	const posts = makeCorpus({ postsPerSubreddit: 60, from: 0, until: 1000 })
	const lines = posts.map(({ subreddit, title }) => `__label__${subreddit} ${title.toLowerCase()}`)
	const path = join(dir, 'train.txt')
	await writeFile(path, `${lines.join('\n')}\n`)
	return path
}

/** A stand-in on PATH that answers as fastText does when something goes wrong. */
async function stubBinary(dir: string, script: string): Promise<string> {
	await writeFile(join(dir, 'fasttext'), `#!/bin/sh\n${script}\n`)
	await chmod(join(dir, 'fasttext'), 0o755)
	return `${dir}:/usr/bin:/bin`
}

describe.skipIf(!hasNativeFastText)('nativeTrainer', () => {
	it('trains a model and quantises it, and leaves nothing else behind', async () => {
		const dir = await temporaryFolder()
		const effects = await testEffects()
		const trainFile = await writeTrainFile(dir)
		const modelFile = join(dir, 'model.bin')
		const trained = await nativeTrainer.train(
			{ trainFile, outputFile: modelFile, parameters: SMALL },
			effects,
		)
		expect(trained.loss).toBeGreaterThan(0)
		const outputFile = join(dir, 'model.ftz')
		const parameters = { cutoff: 500, evidenceBytes: 0, retrain: false, threads: 1 }
		const quantized = await nativeTrainer.quantize(
			{ modelFile, trainFile, outputFile, parameters, training: SMALL },
			effects,
		)
		expect(quantized.bytes).toBeGreaterThan(1000)
		expect((await readdir(dir)).sort()).toEqual(['model.bin', 'model.ftz', 'train.txt'])
	})

	it('stops on request and leaves no half file', async () => {
		const dir = await temporaryFolder()
		const interrupt = new AbortController()
		const effects = await testEffects({ signal: interrupt.signal })
		const trainFile = await writeTrainFile(dir)
		const parameters = { ...SMALL, epochs: 100_000 }
		const job = { trainFile, outputFile: join(dir, 'model.bin'), parameters }
		const training = nativeTrainer.train(job, effects)
		setTimeout(() => interrupt.abort(), 200)
		await expect(training).rejects.toMatchObject({ code: 'aborted' })
		expect(await readdir(dir)).toEqual(['train.txt'])
	})
})

describe('nativeTrainer without its binary, or with one that fails', () => {
	const job = (dir: string) => ({
		trainFile: join(dir, 'train.txt'),
		outputFile: join(dir, 'model.bin'),
		parameters: SMALL,
	})

	it('says what to install', async () => {
		const dir = await temporaryFolder()
		const effects = await testEffects({ env: { PATH: dir } })
		await expect(nativeTrainer.train(job(dir), effects)).rejects.toMatchObject({
			code: 'missing-tool',
			message: expect.stringContaining('apt-get install fasttext'),
		})
	})

	it.skipIf(process.platform === 'win32')('names the cause where training diverged', async () => {
		const dir = await temporaryFolder()
		const PATH = await stubBinary(dir, 'echo "Encountered NaN." >&2; exit 1')
		const effects = await testEffects({ env: { PATH } })
		await expect(nativeTrainer.train(job(dir), effects)).rejects.toMatchObject({
			code: 'diverged',
			message: 'training diverged: Encountered NaN.; lower the learning rate',
		})
	})

	it.skipIf(process.platform === 'win32')(
		'guesses at memory where the system ended it',
		async () => {
			const dir = await temporaryFolder()
			const PATH = await stubBinary(dir, 'kill -9 $$')
			const effects = await testEffects({ env: { PATH } })
			await expect(nativeTrainer.train(job(dir), effects)).rejects.toMatchObject({
				code: 'out-of-memory',
			})
		},
	)
})
