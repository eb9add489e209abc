import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTwin } from '../../../../scripts/lib/evaluation/models.ts'
import { executionName, RECORD_FILE } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { readGateRecord } from '../../../../scripts/lib/release-files/gates.ts'
import { readManifest } from '../../../../scripts/lib/release-files/release.ts'
import { findRelease, readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { readSnapshot } from '../../../../scripts/lib/snapshot/read-snapshot.ts'
import { main } from '../../../../scripts/main.ts'
import { FIGURES_FOLDER } from '../../../../src/shared/published-figures.ts'
import type { TestEffects } from '../../../fixtures/effects.ts'
import {
	EVALUATION,
	QUANTIZING,
	RELEASE,
	SNAPSHOT,
	usePipeline,
	useRefitted,
	WINDOWS,
} from '../../../fixtures/pipeline.ts'

const copyPipeline = usePipeline()
const copyRefitted = useRefitted()

async function run(effects: TestEffects, ...args: readonly string[]): Promise<string> {
	effects.said.out.length = 0
	effects.said.err.length = 0
	const code = await main(args, effects)
	expect(`${code} ${code === 0 ? '' : effects.said.err.join('\n')}`).toBe('0 ')
	return effects.said.out.join('\n')
}

async function manifestOf(effects: TestEffects, name: string) {
	return readManifest(effects.modelsDir, findRelease(await readReleases(effects.modelsDir), name))
}

describe('retrain --refit', () => {
	it('publishes what was trained on all posts, with the figures of the twin that was measured', async () => {
		const effects = await copyPipeline()
		// With the fixture's seed the candidate would be the model that is there, and nothing of it made again.
		const flags = ['--refit', '--measure-unseen', '--max-share-rise', '1', '--seed', '5']
		const said = await run(effects, 'retrain', ...flags, ...WINDOWS)
		expect(said).toContain('these are the figures of its twin')
		// There is no list of subreddits; the rest goes on.
		expect(effects.said.err.join('\n')).toContain('unseen.recall@5 was not measured: no list')
		const made = (await listExecutions(effects)).slice(-12)
		expect(made.map(({ step }) => step)).toEqual([
			...['snapshot', 'train', 'quantize', 'adjust', 'evaluate', 'evaluate', 'compare'],
			...['snapshot', 'train', 'quantize', 'adjust', 'publish'],
		])
		const [twinSnapshot, twinTraining, , , twin, , , , , refitted, adopted] = made
		const manifest = await manifestOf(effects, 'staging')
		expect(manifest.metrics).toMatchObject(twin?.metrics ?? { none: 1 })
		expect(manifest.twin).toEqual({
			execution: twin && executionName(twin),
			snapshot: twinSnapshot?.output?.sha256,
			trainedUntil: '2013-06-01T00:00:00.000Z',
		})
		expect(manifest.data.until).toBe('2013-07-01T00:00:00.000Z')
		expect(manifest.model.decodedSha256).toBe(refitted?.output?.sha256)
		expect(adopted?.inputs.twin?.execution).toBe(twin?.inputs.model?.execution)
		const { snapshot } = await readSnapshot(effects, manifest.data.snapshot)
		const before = await readSnapshot(effects, manifest.twin?.snapshot ?? '')
		await main(['compare', 'production', 'staging', '--gate'], effects)
		const compared = (await listExecutions(effects)).at(-1)
		expect(compared?.inputs.b?.execution).toBe(twin?.inputs.model?.execution)
		expect(effects.said.err.join('\n')).toContain(
			`release ${manifest.version} has learnt the test posts, so its twin is measured, the same recipe trained without them: execution #`,
		)
		const gate = await readGateRecord(effects.modelsDir, manifest.version, RELEASE)
		expect(gate?.release.version).toBe(manifest.version)
		// The page shows the two releases side by side, and says whose figures those of the second one are.
		await run(effects, 'report', 'production..staging', '--publish')
		const { figures } = await readReleases(effects.modelsDir)
		expect(figures).toMatchObject([{ kind: 'comparison', a: RELEASE, b: manifest.version }])
		const path = join(effects.modelsDir, FIGURES_FOLDER, figures?.[0]?.file ?? '')
		expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
			a: { name: `release ${RELEASE}` },
			b: { name: `twin of release ${manifest.version}` },
		})
		expect(snapshot.counts).toMatchObject({ valid: 0, test: 0 })
		const { train, valid, test } = before.snapshot.counts
		expect(snapshot.counts.train).toBeGreaterThanOrEqual(train + valid + test)
		const ids = ['--execution', `${refitted?.id}`, '--twin', `${twin?.id}`]
		expect(await run(effects, 'evaluate', '--execution', `${refitted?.id}`)).toContain(
			`has learnt its test posts and is not asked them. The figures are those of its twin, the same recipe trained without these posts (evaluation #${twin && executionName(twin)})`,
		)
		// Records of before December 2026 name what there was only one of.
		const record = join(effects.dataDir, 'executions', twinTraining?.folder ?? '', RECORD_FILE)
		const { parameters, ...rest } = JSON.parse(await readFile(record, 'utf8'))
		const earlier = { engine: 'wasm', loss: 'softmax', bucket: 0, ...parameters }
		await writeFile(record, JSON.stringify({ ...rest, parameters: earlier }))
		await run(effects, 'adjust', ...ids)
	})

	it('is measured by its twin wherever posts that it has learnt are asked about', async () => {
		const effects = { ...(await copyRefitted()), recordsDir: undefined }
		const { twin } = await manifestOf(effects, 'staging')
		const evaluation = await readExecution(effects, twin?.execution ?? '')
		const candidate = await readExecution(effects, evaluation.inputs.model?.execution ?? '')
		await run(effects, 'compare', 'staging', `${QUANTIZING}`)
		const compared = (await listExecutions(effects)).at(-1)
		expect(compared?.inputs.a?.execution).toBe(executionName(candidate))
		// Prior and calibration are those of the release, whatever was chosen for its twin since.
		const manifest = await manifestOf(effects, 'staging')
		expect(compared?.inputs.a?.twinOf).toBe(manifest.version)
		expect(compared?.inputs.b?.twinOf).toBeUndefined()
		const prior = { alpha: 0.7, gamma: 0, weights: [1], short: [{ knownWords: 1, times: 3 }] }
		const measured = await loadTwin(candidate, { ...manifest, prior }, effects)
		expect(measured.calibration).toEqual(manifest.calibration)
		expect(measured.prior).toMatchObject({ alpha: 0.7, short: prior.short })
		expect(measured.prior?.weights).toHaveLength(measured.labels.length)

		// Another machine has its record alone.
		const recordsDir = join(effects.dataDir, '../records')
		await mkdir(recordsDir)
		for (const execution of [evaluation, candidate]) {
			const dir = join(effects.dataDir, 'executions', execution.folder)
			await copyFile(join(dir, RECORD_FILE), join(recordsDir, `${executionName(execution)}.json`))
			await rm(dir, { recursive: true })
		}
		const elsewhere = { ...effects, recordsDir }
		expect(await main(['compare', 'staging', `${QUANTIZING}`], elsewhere)).toBe(1)
		const [, name = ''] =
			/make it again: executions rerun (\S+) --with-inputs/.exec(effects.said.err.join('\n')) ?? []
		// A report does without: not even the record is needed.
		const out = join(effects.dataDir, 'report.html')
		await run(
			{ ...effects, recordsDir: join(effects.dataDir, 'none') },
			...['report', 'production..staging', '--out', out],
		)
		await run(elsewhere, 'executions', 'rerun', name, '--with-inputs')
		await run(elsewhere, 'compare', 'staging', `${QUANTIZING}`)
	})

	it('publishes the candidate itself where a subreddit rose too much', async () => {
		const effects = await copyPipeline()
		const args = ['retrain', '--refit', ...WINDOWS, '--max-share-rise', '0', '--seed', '5']
		const code = await main(args, effects)
		const { releases } = await readReleases(effects.modelsDir)
		const manifest = await manifestOf(effects, releases.at(-1)?.version ?? '')
		// With so few posts another seed may make no difference: then nothing rose.
		expect(manifest.twin === undefined).toBe(code === 1)
	})
})

describe('adjust --twin', () => {
	it('gives a twin the prior and the calibration of the other; it is measured and published by itself', async () => {
		const effects = await copyPipeline()
		await run(effects, 'snapshot', ...WINDOWS, '--validation-share', '0')
		await run(effects, 'train', '--dim', '8', '--epochs', '3', '--threads', '2')
		await run(effects, 'quantize', '--max-bytes', '100000')
		await run(effects, 'adjust', '--twin', `${EVALUATION}`)
		await run(effects, 'evaluate')
		await run(effects, 'release', 'publish')
		const { releases } = await readReleases(effects.modelsDir)
		const before = await manifestOf(effects, 'production')
		const manifest = await manifestOf(effects, releases.at(-1)?.version ?? '')
		expect(manifest.twin).toBeUndefined()
		expect(manifest.calibration).toEqual(before.calibration)
		expect(manifest.data.posts).toBeGreaterThan(before.data.posts)
		expect(manifest.metrics.posts).toBe(before.metrics.posts)
	})

	it('refuses the evaluation of a model with other parameters', async () => {
		const effects = await copyPipeline()
		await run(effects, 'quantize', '--max-bytes', '90000')
		expect(await main(['adjust', '--twin', `${EVALUATION}`], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain(
			`is no twin of #${QUANTIZING}: they were made with different parameters`,
		)
	})

	it('refuses what is no model', async () => {
		const effects = await copyPipeline()
		expect(await main(['adjust', '--twin', `${SNAPSHOT}`], effects)).toBe(1)
	})
})
