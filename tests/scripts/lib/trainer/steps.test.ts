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
})
