// `whichsub snapshot` and `retrain`: options that contradict each other, whatever the posts are.
import { describe, expect, it } from 'vitest'
import { exists } from '../../../scripts/lib/files.ts'
import { main } from '../../../scripts/main.ts'
import { testEffects } from '../../fixtures/effects.ts'

const CONTRADICTIONS: [string[], string][] = [
	[['--until', '2013-07-01', '--test-from', '2013-06-01'], 'test window starts in the training'],
	[['--test-from', '2013-06-01', '--test-until', '2013-05-01'], 'test window is empty'],
	[['--until', '2013-06-01', '--test-until', '2013-05-01'], 'test window is empty'],
	[['--from', '2013-06-01', '--until', '2013-06-01'], 'training window is empty'],
	[['--from', '2013-06-01', '--test-from', '2013-05-01'], '--test-from 2013-05-01 is not after'],
	[['--from', '2013-06-01', '--test-until', '2013-05-01'], '--test-until 2013-05-01 is not after'],
	[['--split', 'random', '--test-from', '2013-06-01'], '--test-from and --test-until are for'],
	[['--test-share', '1'], '--test-share is 1'],
	[['--validation-share', '1'], '--validation-share is 1'],
	[['--max-posts', '3', '--min-posts', '5'], '--max-posts 3 is below --min-posts 5'],
	[['--max-share', '0'], '--max-share is 0'],
]

describe.each(['snapshot', 'retrain'])('whichsub %s', (command) => {
	it.each(CONTRADICTIONS)('ends with 2 and the help for %s', async (flags, message) => {
		const effects = await testEffects()
		expect(await main([command, ...flags], effects)).toBe(2)
		const err = effects.said.err.join('\n')
		expect(err).toMatch(/^error: /)
		expect(err).toContain(message)
		expect(err).toContain(`Usage: whichsub ${command}`)
		expect(await exists(effects.dataDir)).toBe(false)
	})
})

describe('whichsub snapshot', () => {
	it('ends with 1 for what only the posts can tell', async () => {
		const effects = await testEffects()
		expect(await main(['snapshot', '--until', '2013-06-01'], effects)).toBe(1)
		expect(effects.said.err.join()).toContain('no posts yet')
	})
})
