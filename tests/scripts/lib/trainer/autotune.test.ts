import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { removeDataLeftovers } from '../../../../scripts/lib/leftovers.ts'
import { tune } from '../../../../scripts/lib/trainer/autotune.ts'
import type { Trainer, TrainJob } from '../../../../scripts/lib/trainer/trainer.ts'
import { wasmTrainer } from '../../../../scripts/lib/trainer/wasm.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

async function makeJob() {
	const dir = await temporaryFolder()
	const lines = makeCorpus({ postsPerSubreddit: 120, from: 0, until: 1000 }).map(
		({ subreddit, title }) => `__label__${subreddit} ${title.toLowerCase()}\n`,
	)
	const trainFile = join(dir, 'train.txt')
	const validationFile = join(dir, 'valid.txt')
	await writeFile(trainFile, lines.slice(0, -80).join(''))
	await writeFile(validationFile, lines.slice(-80).join(''))
	const trialsFile = join(dir, 'tuning', 'trials.jsonl')
	const parameters = { ...wasmTrainer.defaults, dim: 16, minCount: 1 }
	return { dir, trainFile, validationFile, trialsFile, parameters, seconds: 600 }
}

/** Counts the trainings that are really run. */
function countingTrainer(jobs: TrainJob[]): Trainer {
	return {
		...wasmTrainer,
		train: (job, effects) => {
			jobs.push(job)
			return wasmTrainer.train(job, effects)
		},
	}
}

describe('tune', () => {
	it('records each trial, more posts for fewer candidates, and returns the best', async () => {
		const job = await makeJob()
		const best = await tune(wasmTrainer, job, await testEffects())
		const lines = (await readFile(job.trialsFile, 'utf8')).trim().split('\n')
		const trials = lines.map((line) => JSON.parse(line))
		const counts = [16, 4, 1].map((every) => trials.filter((t) => t.every === every).length)
		expect(counts).toEqual([16, 5, 2])
		const last = trials.filter(({ every }) => every === 1)
		const top = last.reduce((a, b) => (b.recall5 > a.recall5 ? b : a))
		expect(best).toMatchObject(top.parameters)
		expect(await readdir(join(job.dir, 'tuning'))).toEqual(['trials.jsonl'])
	})

	it('goes on where it was: trials of the file are not run again', async () => {
		const job = await makeJob()
		await tune(wasmTrainer, job, await testEffects())
		const trials = (await readFile(job.trialsFile, 'utf8')).trim().split('\n')
		await writeFile(job.trialsFile, `${trials.slice(0, 20).join('\n')}\n`)
		const jobs: TrainJob[] = []
		await tune(countingTrainer(jobs), job, await testEffects())
		expect(jobs).toHaveLength(trials.length - 20)
	})

	it('tries with all that was given, and leaves what it was told to leave', async () => {
		const job = await makeJob()
		const jobs: TrainJob[] = []
		const told = { pieces: 0.5, seed: 9, dilution: 2 }
		const parameters = { ...job.parameters, ...told, dim: 12 }
		const trainer = countingTrainer(jobs)
		await tune(trainer, { ...job, parameters, given: ['dim', 'seed'] }, await testEffects())
		expect(jobs.length).toBeGreaterThan(10)
		for (const trial of jobs) expect(trial.parameters).toMatchObject({ ...told, dim: 12 })
		expect(new Set(jobs.map((trial) => trial.parameters.epochs)).size).toBeGreaterThan(1)
	})

	it('ends where all that it could try was given', async () => {
		const job = await makeJob()
		const jobs: TrainJob[] = []
		const given = ['learningRate', 'epochs', 'minCount', 'dim', 'negatives'] as const
		await tune(countingTrainer(jobs), { ...job, given }, await testEffects())
		expect(jobs).toHaveLength(3)
	})

	it('says so when no trial ends in time', async () => {
		const job = { ...(await makeJob()), seconds: 0 }
		await expect(tune(wasmTrainer, job, await testEffects())).rejects.toMatchObject({
			code: 'timeout',
		})
	})

	it('refuses a file of trials that something else wrote', async () => {
		const job = await makeJob()
		const trialsFile = join(job.dir, 'other.jsonl')
		await writeFile(trialsFile, '{"every":1}\n')
		await expect(
			tune(wasmTrainer, { ...job, trialsFile }, await testEffects()),
		).rejects.toMatchObject({ code: 'bad-data', message: expect.stringContaining('other.jsonl:1') })
	})

	it('works in a folder that is removed an hour after a kill', async () => {
		const job = await makeJob()
		const effects = await testEffects()
		const tuning = join(effects.dataDir, 'tuning')
		let kill = (_: Error) => {}
		const killed = new Promise<never>((_, fail) => {
			kill = fail
		})
		let start = () => {}
		const started = new Promise<void>((done) => {
			start = done
		})
		const train = () => {
			start()
			return killed
		}
		const trialsFile = join(tuning, 'trials.jsonl')
		const search = tune({ ...wasmTrainer, train }, { ...job, trialsFile }, effects)
		await started
		const [folder = ''] = await readdir(tuning)
		await removeDataLeftovers(effects)
		expect(await readdir(tuning)).toEqual([folder])
		const hourAgo = Date.now() / 1000 - 61 * 60
		for (const name of [...(await readdir(join(tuning, folder))), ''])
			await utimes(join(tuning, folder, name), hourAgo, hourAgo)
		await removeDataLeftovers(effects)
		expect(await readdir(tuning)).toEqual([])
		kill(new Error('killed'))
		await expect(search).rejects.toThrow('killed')
	})
})
