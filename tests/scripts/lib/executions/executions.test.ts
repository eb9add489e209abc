import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
	executionDir,
	formatExecution,
	latestExecution,
	listExecutions,
	readExecution,
	runStep,
} from '../../../../scripts/lib/executions/executions.ts'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { testEffects } from '../../../fixtures/effects.ts'

const plan = { step: 'train', parameters: { dim: 10, engine: 'test' } } as const

async function writeModel(dir: string) {
	await writeFile(join(dir, 'model.bin'), 'weights')
	return {
		inputs: [],
		outputs: [await describeFile(join(dir, 'model.bin'))],
		metrics: { loss: 1.5 },
	}
}

describe('runStep', () => {
	it('records what was run and gives it the next number', async () => {
		const effects = await testEffects()
		const first = await runStep(plan, effects, writeModel)
		const second = await runStep({ ...plan, parents: [1] }, effects, writeModel)
		expect([first.id, second.id]).toEqual([1, 2])
		expect(await readExecution(effects, 2)).toEqual(second)
		expect(second).toMatchObject({ step: 'train', parents: [1], metrics: { loss: 1.5 } })
		expect(second.outputs[0]).toMatchObject({ name: 'model.bin', bytes: 7 })
	})

	it('leaves nothing of a step that failed', async () => {
		const effects = await testEffects()
		const failing = runStep(plan, effects, async (dir) => {
			await writeFile(join(dir, 'half'), '')
			throw new AppError('diverged', 'loss: NaN')
		})
		await expect(failing).rejects.toMatchObject({ code: 'diverged' })
		expect(await readdir(join(effects.dataDir, 'executions'))).toEqual([])
	})

	it('never gives one number to two steps that start at once', async () => {
		const effects = await testEffects()
		const records = await Promise.all(
			Array.from({ length: 8 }, () => runStep(plan, effects, writeModel)),
		)
		expect(new Set(records.map(({ id }) => id)).size).toBe(8)
	})

	it('refuses a figure that is not a number, so that none can pass for a score', async () => {
		const effects = await testEffects()
		const metrics = { 'recall@5': Number.NaN }
		const step = runStep(plan, effects, async () => ({ inputs: [], outputs: [], metrics }))
		await expect(step).rejects.toMatchObject({ code: 'bad-data' })
		expect(await readdir(join(effects.dataDir, 'executions'))).toEqual([])
	})
})

describe('listExecutions', () => {
	it('passes over a step that was killed before it was recorded', async () => {
		const effects = await testEffects()
		await runStep(plan, effects, writeModel)
		await mkdir(executionDir(effects, 2))
		expect((await listExecutions(effects)).map(({ id }) => id)).toEqual([1])
	})

	it('says which file is broken', async () => {
		const effects = await testEffects()
		await runStep(plan, effects, writeModel)
		const path = join(executionDir(effects, 1), 'execution.json')
		await writeFile(path, '{"schema":1}')
		await expect(listExecutions(effects)).rejects.toThrow(`${path}: id`)
	})
})

describe('latestExecution', () => {
	it('says what to run where nothing was run', async () => {
		const effects = await testEffects()
		await expect(latestExecution(effects, 'train')).rejects.toThrow(
			/no train was run yet .* run train first/,
		)
	})
})

describe('formatExecution', () => {
	it('names number, figures and files', async () => {
		const effects = await testEffects()
		const text = formatExecution(await runStep(plan, effects, writeModel), effects)
		expect(text).toContain('execution #1: train')
		expect(text).toContain('loss: 1.5000')
		expect(text).toContain(join(executionDir(effects, 1), 'model.bin'))
	})
})
