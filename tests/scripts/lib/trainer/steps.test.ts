import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { latestExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'

async function withSnapshot(): Promise<TestEffects> {
	const effects = await testEffects()
	await fillDatabase(effects)
	const split = ['--until', '2013-06-01', '--test-from', '2013-06-01']
	await main(['snapshot', ...split, '--test-until', '2013-07-01', '--min-posts', '5'], effects)
	return effects
}

describe('whichsub train', () => {
	it('makes other bytes with another seed, and so does what is quantised of it', async () => {
		const effects = await withSnapshot()
		const digests: (string | undefined)[] = []
		for (const seed of ['1', '1', '2']) {
			const small = ['--dim', '8', '--min-count', '1', '--epochs', '2', '--seed', seed]
			expect(await main(['train', ...small], effects)).toBe(0)
			expect(await main(['quantize', '--max-bytes', '40000'], effects)).toBe(0)
			digests.push((await latestExecution(effects, 'quantize')).outputs[0]?.sha256)
		}
		expect(digests[1]).toBe(digests[0])
		expect(digests[2]).not.toBe(digests[0])
	})

	it('keeps the trials of another search apart', async () => {
		const effects = await withSnapshot()
		const search = ['train', '--dim', '8', '--min-count', '1', '--autotune', '1']
		for (const more of [[], ['--threads', '1'], ['--pieces', '0.5'], ['--seed', '3']])
			expect(await main([...search, ...more], effects)).toBe(0)
		// Threads change nothing that is measured.
		expect(await readdir(join(effects.dataDir, 'tuning'))).toHaveLength(3)
		const { parameters } = await latestExecution(effects, 'train')
		expect(parameters).toMatchObject({ dim: 8, minCount: 1, seed: 3 })
	})
})

describe('whichsub quantize', () => {
	it('trains kept features again, but not those of a model that went on from another', async () => {
		const effects = await withSnapshot()
		const retrains = async (...training: readonly string[]) => {
			const small = ['--dim', '8', '--min-count', '1']
			expect(await main(['train', ...small, ...training], effects)).toBe(0)
			expect(await main(['quantize', '--max-bytes', '40000'], effects)).toBe(0)
			return (await latestExecution(effects, 'quantize')).parameters.retrain
		}
		expect(await retrains()).toBe(true)
		const { id } = await latestExecution(effects, 'train')
		expect(await retrains('--init', `#${id}`)).toBe(false)
	})
})
