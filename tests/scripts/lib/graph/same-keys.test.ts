// `run`, `retrain` and the commands of single steps are three ways to ask for the same: the same keys, and the same bytes.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Execution, StepName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { readLock } from '../../../../scripts/lib/run/lock-file.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { effectsIn, type TestEffects } from '../../../fixtures/effects.ts'

const PARAMETERS = `
snapshot: { split: newest, testPosts: 4, minPosts: 5, maxPosts: 40, seed: 3 }
train: { dim: 8, epochs: 3, threads: 1 }
quantize: { maxBytes: 100000, threads: 2 }
gate: { recallMargin: 0.5, maxCalibrationError: 1 }
`
const MADE = [
	'snapshot',
	'train',
	'quantize',
	'adjust',
	'evaluate',
	'compare',
] as const satisfies StepName[]

async function machine(dir: string): Promise<TestEffects> {
	await mkdir(dir)
	const effects = effectsIn(dir)
	await fillDatabase(effects)
	await writeFile(effects.parametersFile.path, PARAMETERS)
	return effects
}

async function run(effects: TestEffects, ...args: readonly string[]): Promise<void> {
	expect(await main(args, effects), effects.said.err.join('\n')).toBe(0)
}

/** A machine whose production serves another model, with which each way compares its own. */
async function makeProduction(dir: string): Promise<TestEffects> {
	const effects = await machine(dir)
	await writeFile(effects.parametersFile.path, PARAMETERS.replace('epochs: 3', 'epochs: 2'))
	await run(effects, 'run', 'evaluate')
	await run(effects, 'release', 'publish')
	const { releases } = await readReleases(effects.modelsDir)
	await run(effects, 'release', 'promote', releases[0]?.version ?? '')
	return effects
}

const WAYS = {
	run: [['run']],
	'single commands': [
		...MADE.slice(0, 3).map((step) => [step]),
		['evaluate'],
		// `evaluate` has made 4, the candidate, and 5.
		['compare', 'production', '4', '--gate'],
	],
	retrain: [['retrain', '--recipe', 'parameters', '--max-share-rise', '1']],
} as const

describe('each way to make a model', () => {
	const made: Record<string, readonly Execution[]> = {}
	let folder = ''
	let locked: Awaited<ReturnType<typeof readLock>> = {}

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'whichsub-ways-'))
		const production = await makeProduction(join(folder, 'production'))
		for (const [way, commands] of Object.entries(WAYS)) {
			const effects = await machine(join(folder, way))
			await cp(production.modelsDir, effects.modelsDir, { recursive: true })
			for (const args of commands) await run(effects, ...args)
			made[way] = await listExecutions(effects)
			if (way === 'run') locked = await readLock(effects)
		}
	}, 600_000)
	afterAll(() => rm(folder, { recursive: true, force: true }))

	const find = (way: string, step: StepName) => made[way]?.find((one) => one.step === step)

	it.each(MADE)('%s: the same bytes', (step) => {
		const files = Object.keys(WAYS).map((way) => find(way, step)?.outputs)
		expect(files[0]?.length).toBeGreaterThan(0)
		expect(files).toEqual([files[0], files[0], files[0]])
	})

	it.each(Object.keys(WAYS))('%s: run then makes none of it again', async (way) => {
		const effects = effectsIn(join(folder, way))
		await run(effects, 'run', '--dry-run')
		expect(await listExecutions(effects)).toEqual(made[way])
		await run(effects, 'run')
		// Of a retraining the snapshot's own record says that it was to take picks.
		const again = way === 'retrain' ? ['snapshot'] : []
		const now = await listExecutions(effects)
		expect(now.slice(made[way]?.length).map(({ step }) => step)).toEqual(again)
		expect((await readLock(effects)).compare?.key).toBe(find('run', 'compare')?.key)
	})

	it.each(MADE)('%s: the same key, that of whichsub.lock', (step) => {
		const key = locked[step]?.key
		expect(key).toMatch(/^[0-9a-f]{64}$/)
		// A retraining's snapshot is told to take picks; as there are none, it makes the same bytes.
		const ways = step === 'snapshot' ? ['run', 'single commands'] : Object.keys(WAYS)
		expect(ways.map((way) => find(way, step)?.key)).toEqual(ways.map(() => key))
	})
})
