import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../../../scripts/main.ts'
import { EvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { EVALUATION, QUANTIZING, TRAINING, usePipeline } from '../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()

describe('whichsub evaluate', () => {
	it('shows weeks and unknown words', async () => {
		const effects = await copyPipeline()
		expect(await main(['evaluate'], effects)).toBe(0)
		const said = effects.said.out.join('\n')
		expect(said).toMatch(/unknown words +\d+\.\d\d %/)
		expect(said).toMatch(/week from +posts +recall@1 +recall@5 +mean p@1\n2013-06-01 /)
	})

	it('puts the figures of another split beside its own, and publishes them', async () => {
		const effects = await copyPipeline()
		const random = ['--split', 'random', '--test-share', '0.2', '--min-posts', '2']
		const steps = [
			['snapshot', ...random],
			['train', '--dim', '8', '--epochs', '3', '--threads', '2'],
		]
		for (const args of steps) expect(await main(args, effects), effects.said.err.join('\n')).toBe(0)
		const other = EVALUATION + 3
		expect(await main(['evaluate', '--execution', `${other}`], effects)).toBe(0)
		effects.said.out.length = 0
		const args = ['evaluate', '--execution', `${QUANTIZING}`, '--beside', `${other}`]
		expect(await main(args, effects), effects.said.err.join('\n')).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/beside execution #\d+: split at random/)
		effects.said.out.length = 0
		const publish = ['release', 'publish', '--execution', `${QUANTIZING}`, '--json']
		expect(await main(publish, effects), effects.said.err.join('\n')).toBe(0)
		const { version } = JSON.parse(effects.said.out.join('')) as { version: string }
		const path = join(effects.modelsDir, version, 'report.json')
		const report = parseJsonWith(EvaluationReport, await readFile(path, 'utf8'), path)
		expect(report.split).toBe('time')
		expect(report.beside).toMatchObject({ split: 'random' })
	})

	it('puts nothing beside that was not evaluated', async () => {
		const effects = await copyPipeline()
		expect(await main(['evaluate', '--beside', `${TRAINING}`], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain(
			`execution #${TRAINING} was not evaluated; run: evaluate --execution ${TRAINING}`,
		)
	})
})
