import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { makeFresh } from '../../../../scripts/lib/graph/make.ts'
import { thisOwner } from '../../../../scripts/lib/owner.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import {
	formatExecution,
	latestExecution,
	listAllExecutions,
	listExecutions,
	readAnyExecution,
	readExecution,
} from '../../../../scripts/lib/pipeline/executions.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import {
	effectsIn,
	type TestEffects,
	temporaryFolder,
	testEffects,
} from '../../../fixtures/effects.ts'
import { makeTestStep } from '../../../fixtures/test-step.ts'

async function writeModel(dir: string) {
	await writeFile(join(dir, 'model.bin'), 'weights')
	const files = [await describeFile(join(dir, 'model.bin'))]
	return { files, metrics: { loss: 1.5 }, result: 'a model' }
}

const step = makeTestStep(writeModel)
const run = { inputs: {}, parameters: { dim: 10, engine: 'test' } }

async function listNumbers({ dataDir }: TestEffects): Promise<string[]> {
	return (await readdir(join(dataDir, 'executions'))).sort()
}

describe('makeFresh', () => {
	it('records what was run, gives it the next number, and returns what came of it', async () => {
		const effects = await testEffects()
		const first = await makeFresh(step, run, effects)
		const second = await makeFresh(step, { ...run, overridden: ['dim'] }, effects)
		expect([first.execution.id, second.execution.id]).toEqual([1, 2])
		expect(second.result).toBe('a model')
		expect(await readExecution(effects, 2)).toEqual(second.execution)
		const sha256 = (await describeFile(join(executionDir(effects, 2), 'model.bin'))).sha256
		expect(second.execution).toMatchObject({
			schema: 2,
			step: 'train',
			ending: { how: 'done' },
			parameters: { dim: 10 },
			overridden: ['dim'],
			metrics: { loss: 1.5 },
			output: { kind: 'model', name: '#2', sha256 },
			outputs: [{ name: 'model.bin', bytes: 7 }],
		})
		expect(second.execution.used?.peakMemoryBytes).toBeGreaterThan(10_000_000)
	})

	it('leaves of a step that failed its record alone, with what it said last and without the place', async () => {
		const effects = await testEffects()
		const failing = makeTestStep(async (dir) => {
			await writeFile(join(dir, 'half'), '')
			throw new AppError('diverged', `first line\n${effects.dataDir}/x: loss is NaN`)
		})
		const input = { kind: 'snapshot', name: 'abc', sha256: 'a'.repeat(64) } as const
		const inputs = { snapshot: { ...input, execution: null, files: [] } }
		const { parameters } = run
		await expect(makeFresh(failing, { inputs, parameters }, effects)).rejects.toMatchObject({
			code: 'diverged',
		})
		expect(await readdir(executionDir(effects, 1))).toEqual(['execution.json'])
		expect(await readAnyExecution(effects, 1)).toMatchObject({
			ending: { how: 'failed', code: 'diverged', error: '<data>/x: loss is NaN' },
			inputs,
			parameters,
			output: null,
			outputs: [],
		})
		await expect(readExecution(effects, 1)).rejects.toThrow(/#1 made nothing: its train failed/)
		expect(await listExecutions(effects)).toEqual([])
		expect(await listAllExecutions(effects)).toHaveLength(1)
	})

	it.each([
		['stopped', 'aborted', new AppError('aborted', 'stopped on request')],
		['failed', 'bug', new TypeError('x is undefined')],
	])('says that a step %s: %s', async (how, code, error) => {
		const effects = await testEffects()
		const ending = makeTestStep(() => Promise.reject(error))
		await expect(makeFresh(ending, run, effects)).rejects.toBe(error)
		const { message } = error
		expect((await readAnyExecution(effects, 1)).ending).toEqual({ how, code, error: message })
	})

	it('never gives one number to two steps that start at once', async () => {
		const effects = await testEffects()
		const records = await Promise.all(
			Array.from({ length: 8 }, () => makeFresh(step, run, effects)),
		)
		expect(new Set(records.map(({ execution }) => execution.id)).size).toBe(8)
	})

	it('refuses a figure that is not a number, so that none can pass for a score', async () => {
		const effects = await testEffects()
		const metrics = { 'recall@5': Number.NaN }
		const wrong = makeTestStep(async (dir) => ({ ...(await writeModel(dir)), metrics }))
		await expect(makeFresh(wrong, run, effects)).rejects.toMatchObject({ code: 'bad-data' })
		expect(await listExecutions(effects)).toEqual([])
		expect(await readdir(executionDir(effects, 1))).toEqual(['execution.json'])
	})
})

describe('a step that was killed', () => {
	it('leaves nothing once the next step has begun, and that one gets its number', async () => {
		const dir = await temporaryFolder()
		const effects = effectsIn(dir)
		await makeFresh(step, run, effects)
		const child = spawn(process.execPath, [await compiled('tests/fixtures/make-forever.ts'), dir])
		onTestFinished(() => void child.kill('SIGKILL'))
		await once(child.stdout, 'data')
		const { execution: beside } = await makeFresh(step, run, effects)
		expect(beside.id).toBe(3)
		expect(await readdir(executionDir(effects, 2))).toContain('half')
		expect(effects.said.err).toEqual([])
		child.kill('SIGKILL')
		await once(child, 'exit')
		expect(await readdir(executionDir(effects, 2))).toContain('half')
		const { execution: next } = await makeFresh(step, run, effects)
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
		await makeFresh(step, run, effects)
		expect(await listNumbers(effects)).toEqual(stays ? ['7', '8'] : ['1'])
	})
})

describe('listExecutions', () => {
	it('passes over a step that runs now', async () => {
		const effects = await testEffects()
		await makeFresh(step, run, effects)
		await mkdir(executionDir(effects, 2))
		expect((await listExecutions(effects)).map(({ id }) => id)).toEqual([1])
		expect(effects.said.err).toEqual([])
	})

	it.each([
		['is damaged', '{"schema":2}', /execution #2 is left out: .*: id: .*; restore it/],
		['is empty', '', /execution #2 is left out: .* it is not JSON; restore it/],
		[
			'is of an old version',
			'{"schema":1}',
			/execution #2 is left out: .* reads no longer; restore/,
		],
		['is of a newer version', '{"schema":3}', /execution #2 is left out: .*; update whichsub/],
	])('names once a record that %s, and lists the others', async (_, text, warning) => {
		const effects = await testEffects()
		for (let id = 1; id <= 3; id += 1) await makeFresh(step, run, effects)
		const path = join(executionDir(effects, 2), 'execution.json')
		await writeFile(path, text)
		for (let again = 0; again < 2; again += 1)
			expect((await listExecutions(effects)).map(({ id }) => id)).toEqual([1, 3])
		expect(effects.said.err).toEqual([expect.stringMatching(warning)])
		expect(effects.said.err[0]).toContain(path)
		expect((await latestExecution(effects, 'train')).id).toBe(3)
		expect((await makeFresh(step, run, effects)).execution.id).toBe(4)
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
		const text = formatExecution((await makeFresh(step, run, effects)).execution, effects)
		expect(text).toContain('execution #1: train')
		expect(text).toContain('loss: 1.5000')
		expect(text).toContain(join(executionDir(effects, 1), 'model.bin'))
	})
})
