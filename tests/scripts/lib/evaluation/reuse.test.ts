// What a model said to posts is asked for once: who compares it reads what its evaluation found.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { recordComparison } from '../../../../scripts/lib/comparison/compare.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import type { TestEffects } from '../../../fixtures/effects.ts'
import {
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

async function changeRecord(effects: TestEffects, change: (record: object) => object) {
	const path = join(executionDir(effects, EVALUATION), 'execution.json')
	const record = JSON.parse(await readFile(path, 'utf8')) as object
	await writeFile(path, JSON.stringify(change(record)))
}

describe('a comparison', () => {
	it('does not ask a candidate, or the release of it, about the posts of its evaluation again', async () => {
		const effects = await copyPipeline()
		await removeTestPosts(effects)
		const { comparison } = await compare(effects, RELEASE, `#${QUANTIZING}`)
		const path = join(executionDir(effects, EVALUATION), 'report.json')
		const { metrics } = JSON.parse(await readFile(path, 'utf8'))
		expect(comparison.b.metrics).toEqual(metrics)
		expect(comparison.a.metrics).toEqual(metrics)
		expect(comparison['recall@1']).toMatchObject({ difference: 0, p: 1 })
	})

	it('finds the same, whether it asks or reads', async () => {
		const effects = await copyPipeline()
		const read = await compare(effects, `#${TRAINING}`, `#${QUANTIZING}`)
		await rm(executionDir(effects, EVALUATION), { recursive: true })
		const asked = await compare(effects, `#${TRAINING}`, `#${QUANTIZING}`)
		expect(asked.comparison).toEqual(read.comparison)
	})

	it('asks again where the evaluation was on other posts, or of another calibration', async () => {
		const effects = await copyPipeline()
		await removeTestPosts(effects)
		await changeRecord(effects, (record) => {
			const { inputs } = record as { inputs: { posts: object } }
			const posts = { ...inputs.posts, sha256: 'a'.repeat(64) }
			return { ...record, inputs: { ...inputs, posts } }
		})
		await expect(compare(effects, RELEASE, `#${QUANTIZING}`)).rejects.toThrow(/test\.txt/)
	})

	it('asks again where other code evaluated', async () => {
		const effects = await copyPipeline()
		await removeTestPosts(effects)
		const code = { commit: 'b'.repeat(40), dirty: false }
		// Not the execution that this process ran.
		await changeRecord(effects, (record) => ({ ...record, uid: 'ffffff', code }))
		await expect(compare(effects, RELEASE, `#${QUANTIZING}`)).rejects.toThrow(/test\.txt/)
	})

	it('refuses what an evaluation wrote where it was changed', async () => {
		const effects = await copyPipeline()
		const dir = executionDir(effects, EVALUATION)
		await cp(join(dir, 'report.json'), join(dir, 'suggestions.bin'))
		await expect(compare(effects, RELEASE, `#${QUANTIZING}`)).rejects.toMatchObject({
			code: 'damaged',
		})
	})
})
