// `whichsub train` and `quantize`: bounds of their options, and what a training that diverges leaves.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exists } from '../../../scripts/lib/files.ts'
import { readAnyExecution } from '../../../scripts/lib/pipeline/executions.ts'
import { main } from '../../../scripts/main.ts'
import { fillDatabase } from '../../fixtures/candidate.ts'
import { testEffects } from '../../fixtures/effects.ts'

const OUT_OF_BOUNDS: Record<string, Record<string, string[]>> = {
	train: {
		'--dim': ['0', '-1', '1025', 'NaN', '1.5', ''],
		'--epochs': ['0', '-3', '10001', '1e9', 'Infinity'],
		'--learning-rate': ['0', '-1', 'NaN', 'Infinity', '1e39', '1e-50', ' '],
		'--word-ngrams': ['0', '6', 'two'],
		'--min-count': ['0', '2147483648'],
		'--negatives': ['0', '-1', 'NaN', '2147483648', '0x10'],
		'--threads': ['0', '65', 'NaN'],
		'--seed': ['-1', '2147483648', '0.5'],
	},
	quantize: {
		'--cutoff': ['-1', 'NaN', '1.5'],
		'--max-bytes': ['0', '-1', 'NaN', '1e6'],
		'--threads': ['0', '65'],
	},
}
const WRONG = Object.entries(OUT_OF_BOUNDS).flatMap(([command, options]) =>
	Object.entries(options).flatMap(([option, values]) =>
		values.map((value) => [command, option, value] as const),
	),
)

describe('numbers out of bounds', () => {
	it.each(WRONG)('%s %s %j ends with 2 and the help', async (command, option, value) => {
		const effects = await testEffects()
		expect(await main([command, `${option}=${value}`], effects)).toBe(2)
		const err = effects.said.err.join('\n')
		expect(err).toMatch(/Expected a (whole )?number from/)
		expect(err).toContain(`Usage: whichsub ${command}`)
		expect(await exists(effects.dataDir)).toBe(false)
	})
})

describe('whichsub train', () => {
	it('ends with 1 and leaves no model when the training diverges', async () => {
		const effects = await testEffects()
		await fillDatabase(effects)
		const split = ['--until', '2013-06-01', '--test-from', '2013-06-01']
		await main(['snapshot', ...split, '--test-until', '2013-07-01', '--min-posts', '5'], effects)
		effects.said.err.length = 0
		const options = ['--dim', '8', '--min-count', '1', '--learning-rate', '1e30']
		expect(await main(['train', ...options], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/training diverged: .*; lower --learning-rate$/)
		const { ending } = await readAnyExecution(effects, 2)
		expect(ending).toMatchObject({ how: 'failed', code: 'diverged' })
		expect(await readdir(join(effects.dataDir, 'executions', '2'))).toEqual(['execution.json'])
	})
})
