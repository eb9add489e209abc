import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { remake } from '../../../../scripts/lib/executions/remake.ts'
import { executionName, RECORD_FILE } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { findCopy } from '../../../../scripts/lib/pipeline/outputs.ts'
import type { TestEffects } from '../../../fixtures/effects.ts'
import { QUANTIZING, TRAINING, usePipeline } from '../../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()

/** A machine that has the posts, and the records through git, but nothing that the steps made. */
async function anotherMachine(): Promise<TestEffects> {
	const effects = await copyPipeline()
	const recordsDir = join(effects.dataDir, '../records')
	await mkdir(recordsDir)
	for (const execution of await listExecutions(effects)) {
		const from = join(effects.dataDir, 'executions', execution.folder, RECORD_FILE)
		await copyFile(from, join(recordsDir, `${executionName(execution)}.json`))
	}
	for (const name of ['executions', 'snapshots', 'store'])
		await rm(join(effects.dataDir, name), { recursive: true, force: true })
	return { ...effects, recordsDir }
}

describe('remake', () => {
	it('makes a model again with all that it was made from, byte for byte', async () => {
		const effects = await anotherMachine()
		const recorded = await readExecution(effects, QUANTIZING)
		expect(await findCopy(recorded, effects)).toBeNull()
		const made = await remake(recorded, effects)
		expect(made.output.sha256).toBe(recorded.output.sha256)
		const steps = (await listExecutions(effects)).map(({ step }) => step)
		expect(steps).toEqual(['snapshot', 'train', 'quantize'])
		expect((await findCopy(recorded, effects))?.id).toBe(made.id)
	}, 120_000)

	it('runs nothing that is there', async () => {
		const effects = await copyPipeline()
		const made = await remake(await readExecution(effects, TRAINING), effects)
		expect(made.id).toBe(TRAINING)
		expect(await listExecutions(effects)).toHaveLength(5)
	})
})
