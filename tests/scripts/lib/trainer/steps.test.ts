import { describe, expect, it } from 'vitest'
import { latestExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { testEffects } from '../../../fixtures/effects.ts'

describe('whichsub quantize', () => {
	it('trains kept features again, but not those of a model that went on from another', async () => {
		const effects = await testEffects()
		await fillDatabase(effects)
		const split = ['--until', '2013-06-01', '--test-from', '2013-06-01']
		await main(['snapshot', ...split, '--test-until', '2013-07-01', '--min-posts', '5'], effects)
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
