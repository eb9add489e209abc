import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UNSEEN_DRAW } from '../../../scripts/lib/evaluation/unseen-figure.ts'
import { makeFresh } from '../../../scripts/lib/graph/make.ts'
import type { ArtifactOf } from '../../../scripts/lib/pipeline/artifacts.ts'
import { executionDir } from '../../../scripts/lib/pipeline/claim.ts'
import { outputRef, RECORD_FILE } from '../../../scripts/lib/pipeline/execution-schema.ts'
import { readExecution } from '../../../scripts/lib/pipeline/executions.ts'
import { refList, unseenStep } from '../../../scripts/lib/unseen/step.ts'
import type { UnseenFigures } from '../../../scripts/lib/unseen/tally.ts'
import { main } from '../../../scripts/main.ts'
import { EvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { TestEffects } from '../../fixtures/effects.ts'
import { EVALUATION, QUANTIZING, SNAPSHOT, TRAINING, usePipeline } from '../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()

/** As `subreddits index --measure` records it: this corpus has too few subreddits to leave 250 out. */
async function recordMeasurement(
	effects: TestEffects,
	recall: number,
	parameters: { leaveOut: number; seed: number; evidenceBytes?: number },
	list?: ArtifactOf<'posts'>,
): Promise<number> {
	const training = { ...outputRef(await readExecution(effects, TRAINING)), kind: 'model' as const }
	const snapshot = {
		...outputRef(await readExecution(effects, SNAPSHOT)),
		kind: 'snapshot' as const,
	}
	const work = async () => ({
		files: [],
		metrics: { 'unseen.recall@5': recall },
		result: {} as UnseenFigures,
	})
	const inputs = { training, snapshot, list: list ?? (await refList(effects)) }
	const run = { inputs, parameters: { evidenceBytes: 0, ...parameters } }
	const { execution } = await makeFresh({ ...unseenStep, work }, run, effects)
	return execution.id
}

/** As if other code had made it: a key is of the code, too. */
async function giveOtherKey(id: number, effects: TestEffects): Promise<void> {
	const path = join(executionDir(effects, id), RECORD_FILE)
	const record = JSON.parse(await readFile(path, 'utf8')) as object
	await writeFile(path, JSON.stringify({ ...record, key: 'a'.repeat(64) }))
}

describe('whichsub evaluate', () => {
	it('shows weeks and unknown words', async () => {
		const effects = await copyPipeline()
		expect(await main(['evaluate'], effects)).toBe(0)
		const said = effects.said.out.join('\n')
		expect(said).toMatch(/\d+\.\d\d% of the words are unknown/)
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
		expect(effects.said.out.join('\n')).toMatch(/Beside it, execution #\d+: split at random/)
		effects.said.out.length = 0
		const publish = ['release', 'publish', '--execution', `${QUANTIZING}`, '--json']
		expect(await main(publish, effects), effects.said.err.join('\n')).toBe(0)
		const { version } = JSON.parse(effects.said.out.join('')) as { version: string }
		const path = join(effects.modelsDir, version, 'report.json')
		const report = parseJsonWith(EvaluationReport, await readFile(path, 'utf8'), path)
		expect(report.split).toBe('time')
		expect(report.beside).toMatchObject({ split: 'random' })
	})

	it('reports how well unseen subreddits are found where that was measured, and says how else', async () => {
		const effects = await copyPipeline()
		expect(await main(['evaluate'], effects)).toBe(0)
		expect(effects.said.err.join('\n')).toContain('run subreddits index --measure')
		expect(effects.said.out.join('\n')).not.toContain('unseen')
		// Another draw than the stated one is another figure.
		await recordMeasurement(effects, 0.5, { ...UNSEEN_DRAW, seed: 1 })
		await recordMeasurement(effects, 0.1625, UNSEEN_DRAW)
		// As is that of another model of the same training.
		await recordMeasurement(effects, 0.7, { ...UNSEEN_DRAW, evidenceBytes: 4_000 })
		// And what was measured with another list of subreddits or by other code, though it is the newest.
		const list = { ...(await refList(effects)), sha256: 'b'.repeat(64) }
		await recordMeasurement(effects, 0.8, UNSEEN_DRAW, list)
		await giveOtherKey(await recordMeasurement(effects, 0.9, UNSEEN_DRAW), effects)
		effects.said.out.length = 0
		effects.said.err.length = 0
		expect(await main(['evaluate'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/unseen subreddits: recall@5 +0\.1625/)
		expect(effects.said.err.join('\n')).not.toContain('run subreddits index --measure')
		effects.said.out.length = 0
		expect(await main(['compare', `${QUANTIZING}`, `${QUANTIZING}`], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/unseen subreddits: recall@5 +0\.1625 +0\.1625/)
	}, 60_000)

	it('puts nothing beside that was not evaluated', async () => {
		const effects = await copyPipeline()
		expect(await main(['evaluate', '--beside', `${TRAINING}`], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain(
			`execution #${TRAINING} was not evaluated; run: evaluate --execution ${TRAINING}`,
		)
	})
})
