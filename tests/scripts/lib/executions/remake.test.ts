import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { remake } from '../../../../scripts/lib/executions/remake.ts'
import { restoreRelease } from '../../../../scripts/lib/executions/restore.ts'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { publish } from '../../../../scripts/lib/nodes/publish.ts'
import { executionName, RECORD_FILE } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { findCopy } from '../../../../scripts/lib/pipeline/outputs.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { promote } from '../../../../scripts/lib/releases/channels.ts'
import { pruneReleases } from '../../../../scripts/lib/releases/prune.ts'
import type { TestEffects } from '../../../fixtures/effects.ts'
import { QUANTIZING, RELEASE, TRAINING, usePipeline } from '../../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()

/** A machine that has the posts, and the records through git, but nothing that the steps made. */
async function anotherMachine(effects: TestEffects): Promise<TestEffects> {
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

async function filesOf(dir: string): Promise<Record<string, string>> {
	const names = (await readdir(dir)).sort()
	const digests = names.map(async (name) => [name, sha256(await readFile(join(dir, name)))])
	return Object.fromEntries(await Promise.all(digests)) as Record<string, string>
}

describe('restoreRelease', () => {
	it('makes the files of a pruned release again from the posts, byte for byte', async () => {
		const here = await copyPipeline()
		const folder = join(here.modelsDir, RELEASE)
		const before = await filesOf(folder)
		const { manifest } = await publish({ execution: QUANTIZING, why: '', dryRun: false }, here)
		const serve = { version: manifest.version, channel: 'production', force: true } as const
		await promote({ ...serve, why: 'a test', dryRun: false }, here)
		const { pruned } = await pruneReleases({ keep: 0, dryRun: false }, here)
		expect(pruned.map(({ version }) => version)).toEqual([RELEASE])
		expect(Object.keys(await filesOf(folder))).toEqual(['manifest.json', 'report.json'])
		const there = await anotherMachine(here)
		const { execution } = await restoreRelease(RELEASE, there)
		expect(execution?.output.name).toBe(RELEASE)
		expect(await filesOf(folder)).toEqual(before)
		expect((await readReleases(there.modelsDir)).releases[0]).not.toHaveProperty('pruned')
	}, 120_000)
})

describe('remake', () => {
	it('makes a model again with all that it was made from, byte for byte', async () => {
		const effects = await anotherMachine(await copyPipeline())
		const recorded = await readExecution(effects, QUANTIZING)
		expect(await findCopy(recorded, effects)).toBeNull()
		const made = await remake(recorded, effects)
		expect(made.output.sha256).toBe(recorded.output.sha256)
		const steps = (await listExecutions(effects)).map(({ step }) => step)
		expect(steps).toEqual(['snapshot', 'train', 'quantize'])
		expect((await findCopy(recorded, effects))?.id).toBe(made.id)
	}, 120_000)

	it('runs once what comes out otherwise than the record says', async () => {
		const effects = await copyPipeline()
		const recorded = await readExecution(effects, TRAINING)
		const other = { ...recorded, output: { ...recorded.output, sha256: 'f'.repeat(64) } }
		expect((await remake(other, effects)).id).toBe(TRAINING)
		expect(await listExecutions(effects)).toHaveLength(6)
	})

	it('runs nothing that is there', async () => {
		const effects = await copyPipeline()
		const made = await remake(await readExecution(effects, TRAINING), effects)
		expect(made.id).toBe(TRAINING)
		expect(await listExecutions(effects)).toHaveLength(6)
	})
})
