import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { thisOwner } from '../../../../scripts/lib/owner.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import {
	formatExecution,
	latestExecution,
	listExecutions,
	readExecution,
	runStep,
} from '../../../../scripts/lib/pipeline/executions.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import {
	effectsIn,
	type TestEffects,
	temporaryFolder,
	testEffects,
} from '../../../fixtures/effects.ts'

const FOREVER = resolve(import.meta.dirname, '../../../fixtures/run-step-forever.ts')

const plan = { step: 'train', parameters: { dim: 10, engine: 'test' } } as const

async function writeModel(dir: string) {
	await writeFile(join(dir, 'model.bin'), 'weights')
	return {
		inputs: [],
		outputs: [await describeFile(join(dir, 'model.bin'))],
		metrics: { loss: 1.5 },
	}
}

async function listNumbers({ dataDir }: TestEffects): Promise<string[]> {
	return (await readdir(join(dataDir, 'executions'))).sort()
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

describe('a step that was killed', () => {
	it('leaves nothing once the next step has begun, and that one gets its number', async () => {
		const dir = await temporaryFolder()
		const effects = effectsIn(dir)
		await runStep(plan, effects, writeModel)
		const child = spawn(process.execPath, ['--import', 'tsx', FOREVER, dir])
		onTestFinished(() => void child.kill('SIGKILL'))
		await once(child.stdout, 'data')
		const beside = await runStep(plan, effects, writeModel)
		expect(beside.id).toBe(3)
		expect(await readdir(executionDir(effects, 2))).toContain('half')
		expect(effects.said.err).toEqual([])
		child.kill('SIGKILL')
		await once(child, 'exit')
		expect(await readdir(executionDir(effects, 2))).toContain('half')
		const next = await runStep(plan, effects, writeModel)
		expect(next.id).toBe(4)
		expect(await listNumbers(effects)).toEqual(['1', '3', '4'])
		expect(effects.said.err).toEqual([
			`removed what killed commands left: ${executionDir(effects, 2)}`,
		])
	})

	const HOUR = 60 * 60 * 1000
	const elsewhere = '{"pid":1,"host":"elsewhere.example"}'
	const sameMachineBefore = JSON.stringify({ ...thisOwner(), process: 'of the last start' })

	it.each([
		['is removed: a folder without an owner, after an hour', null, HOUR + 1, false],
		['stays: a folder without an owner, before that', null, HOUR / 2, true],
		['is removed: one that names half an owner, after an hour', '{"pid"', HOUR + 1, false],
		['stays: one of another machine', elsewhere, 6 * 24 * HOUR, true],
		['is removed: one of another machine, after a week', elsewhere, 8 * 24 * HOUR, false],
		['is removed: one of a process whose id we have now', sameMachineBefore, 0, false],
		['stays: one of this process', JSON.stringify(thisOwner()), 30 * 24 * HOUR, true],
	])('%s', async (_, owner, age, stays) => {
		const effects = await testEffects()
		const dir = executionDir(effects, 7)
		await mkdir(dir, { recursive: true })
		const written = new Date(Date.now() - age)
		if (owner !== null) {
			await writeFile(join(dir, '.running'), owner)
			await utimes(join(dir, '.running'), written, written)
		}
		await utimes(dir, written, written)
		await runStep(plan, effects, writeModel)
		expect(await listNumbers(effects)).toEqual(stays ? ['7', '8'] : ['1'])
	})
})

describe('listExecutions', () => {
	it('passes over a step that runs now', async () => {
		const effects = await testEffects()
		await runStep(plan, effects, writeModel)
		await mkdir(executionDir(effects, 2))
		expect((await listExecutions(effects)).map(({ id }) => id)).toEqual([1])
		expect(effects.said.err).toEqual([])
	})

	it.each([
		['is damaged', '{"schema":1}', /execution #2 is left out: .*: id: .*; restore it/],
		['is empty', '', /execution #2 is left out: .* it is not JSON; restore it/],
		['is of a newer version', '{"schema":2}', /execution #2 is left out: .*; update whichsub/],
	])('names once a record that %s, and lists the others', async (_, text, warning) => {
		const effects = await testEffects()
		for (let id = 1; id <= 3; id += 1) await runStep(plan, effects, writeModel)
		const path = join(executionDir(effects, 2), 'execution.json')
		await writeFile(path, text)
		for (let again = 0; again < 2; again += 1)
			expect((await listExecutions(effects)).map(({ id }) => id)).toEqual([1, 3])
		expect(effects.said.err).toEqual([expect.stringMatching(warning)])
		expect(effects.said.err[0]).toContain(path)
		expect((await latestExecution(effects, 'train')).id).toBe(3)
		expect((await runStep(plan, effects, writeModel)).id).toBe(4)
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
