// What was made once is had: who compares a model reads what its evaluation found, and who adjusts it takes the candidate there is.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordComparison } from '../../../../scripts/lib/nodes/compare.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import type { TestEffects } from '../../../fixtures/effects.ts'
import {
	ADJUSTING,
	EVALUATION,
	QUANTIZING,
	RELEASE,
	TRAINING,
	usePipeline,
} from '../../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()

const compare = (effects: TestEffects, a: string, b: string) => recordComparison({ a, b }, effects)

/** Whoever asks a model about the test posts must read them. */
async function removeTestPosts({ dataDir }: TestEffects): Promise<void> {
	const [snapshot = ''] = await readdir(join(dataDir, 'snapshots'))
	await rm(join(dataDir, 'snapshots', snapshot, 'test.txt'))
}

async function changeRecord(effects: TestEffects, id: number, change: (record: object) => object) {
	const path = join(executionDir(effects, id), 'execution.json')
	const record = JSON.parse(await readFile(path, 'utf8')) as object
	await writeFile(path, JSON.stringify(change(record)))
}

describe('a comparison', () => {
	it('does not ask a candidate about the posts of its evaluation again, nor a release twice', async () => {
		const effects = await copyPipeline()
		const first = await compare(effects, RELEASE, `#${QUANTIZING}`)
		const path = join(executionDir(effects, EVALUATION), 'report.json')
		const { metrics } = JSON.parse(await readFile(path, 'utf8'))
		expect(first.comparison.b.metrics).toEqual(metrics)
		expect(first.comparison['recall@1']).toMatchObject({ difference: 0, p: 1 })
		await removeTestPosts(effects)
		const again = await compare(effects, RELEASE, `#${QUANTIZING}`)
		expect(again.comparison).toEqual(first.comparison)
		const steps = (await listExecutions(effects)).slice(EVALUATION + 1).map(({ step }) => step)
		// The release was asked once, and each comparison is a fresh one.
		expect(steps).toEqual(['evaluate', 'compare', 'compare'])
	})

	it('finds the same, whether it asks or reads', async () => {
		const effects = await copyPipeline()
		const read = await compare(effects, `#${TRAINING}`, `#${QUANTIZING}`)
		await rm(executionDir(effects, EVALUATION), { recursive: true })
		const asked = await compare(effects, `#${TRAINING}`, `#${QUANTIZING}`)
		expect(asked.comparison).toEqual(read.comparison)
	})

	it.each([
		['on other posts, of another candidate, or by other code', { key: 'a'.repeat(64) }],
		['of before there were keys', { key: undefined }],
	])('asks again where the evaluation was %s', async (_, change) => {
		const effects = await copyPipeline()
		await changeRecord(effects, EVALUATION, (record) => ({ ...record, ...change }))
		await removeTestPosts(effects)
		await expect(compare(effects, RELEASE, `#${QUANTIZING}`)).rejects.toThrow(/test\.txt/)
	})

	it('asks again where a file of the evaluation is gone', async () => {
		const effects = await copyPipeline()
		await rm(join(executionDir(effects, EVALUATION), 'suggestions.bin'))
		await compare(effects, `#${QUANTIZING}`, `#${QUANTIZING}`)
		const steps = (await listExecutions(effects)).slice(EVALUATION + 1).map(({ step }) => step)
		expect(steps).toEqual(['evaluate', 'compare'])
	})

	it('refuses what an evaluation wrote where it was changed', async () => {
		const effects = await copyPipeline()
		const dir = executionDir(effects, EVALUATION)
		const { length } = await readFile(join(dir, 'suggestions.bin'))
		await writeFile(join(dir, 'suggestions.bin'), Buffer.alloc(length))
		await expect(compare(effects, RELEASE, `#${QUANTIZING}`)).rejects.toMatchObject({
			code: 'damaged',
		})
	})

	it('adjusts a model once', async () => {
		const effects = await copyPipeline()
		const { execution } = await compare(effects, `#${TRAINING}`, `#${QUANTIZING}`)
		expect(execution.inputs.b?.execution).toMatch(new RegExp(`^${ADJUSTING}-`))
		const again = await compare(effects, `#${TRAINING}`, `#${QUANTIZING}`)
		expect(again.execution.inputs.a).toEqual(execution.inputs.a)
	})
})
