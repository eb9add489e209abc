// Each way into a comparison, about posts that a release has learnt: it is refused, or its twin is asked.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import {
	type Execution,
	executionName,
	RECORD_FILE,
} from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listAllExecutions, listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { readManifest } from '../../../../scripts/lib/release-files/release.ts'
import { findRelease, readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { readLock } from '../../../../scripts/lib/run/lock-file.ts'
import { main } from '../../../../scripts/main.ts'
import type { TestEffects } from '../../../fixtures/effects.ts'
import {
	QUANTIZING,
	RELEASE,
	usePipeline,
	useRefitted,
	WINDOWS,
} from '../../../fixtures/pipeline.ts'

const PARAMETERS = `
snapshot: { until: 2013-06-01, testFrom: 2013-06-01, testUntil: 2013-07-01, minPosts: 2 }
train: { dim: 8, epochs: 3, threads: 1 }
quantize: { maxBytes: 100000, threads: 1 }
`

const copyPipeline = usePipeline()
const copyRefitted = useRefitted()

async function call(effects: TestEffects, ...args: readonly string[]): Promise<number> {
	effects.said.err.length = 0
	return main(args, effects)
}

async function run(effects: TestEffects, ...args: readonly string[]): Promise<void> {
	const code = await call(effects, ...args)
	expect(`${code} ${code === 0 ? '' : effects.said.err.join('\n')}`).toBe('0 ')
}

async function newest(effects: TestEffects): Promise<Execution> {
	const found = (await listExecutions(effects)).at(-1)
	if (!found) throw new Error('nothing was run')
	return found
}

/** Puts another model into a recorded comparison, as of before anything was refused. */
async function replaceA(
	comparison: Execution,
	a: Execution['inputs'][string],
	effects: TestEffects,
): Promise<void> {
	const path = join(executionDir(effects, comparison.folder), RECORD_FILE)
	const record = JSON.parse(await readFile(path, 'utf8')) as Execution
	await writeFile(path, JSON.stringify({ ...record, inputs: { ...record.inputs, a } }))
}

describe('posts that production has learnt, and it has no twin', () => {
	it('are refused in every way: by name, by execution, run, retrain and rerun', async () => {
		const effects = await copyPipeline()
		await run(effects, 'compare', RELEASE, `${QUANTIZING}`)
		const comparison = await newest(effects)
		// Of the posts of June, on which the pipeline tests, it has learnt all but a few.
		await run(effects, 'snapshot', '--split', 'random', '--min-posts', '2')
		await run(effects, 'train', '--dim', '8', '--epochs', '3', '--threads', '1')
		await run(effects, 'quantize', '--max-bytes', '100000')
		const { id, output, outputs: files } = await newest(effects)
		await run(effects, 'release', 'publish')
		await run(effects, 'release', 'promote', '20130705.1', '--force', '--why', 'a test')
		const learnt =
			/ has learnt posts until 2013-06-30T\S+, and test posts of snapshot \w+ begin on 2013-06-01: /

		expect(await call(effects, 'compare', 'production', `${QUANTIZING}`)).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(learnt)

		expect(await call(effects, 'compare', `${id}`, `${QUANTIZING}`)).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(learnt)

		await writeFile(effects.parametersFile.path, PARAMETERS)
		expect(await call(effects, 'run')).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(learnt)
		expect((await readLock(effects)).compare).toBeUndefined()

		expect(await call(effects, 'compare', 'production', 'locked', '--gate')).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(learnt)

		expect(await call(effects, 'retrain', ...WINDOWS)).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(learnt)
		// It says so before it trains.
		expect((await listAllExecutions(effects)).at(-1)?.step).toBe('snapshot')

		const execution = `${id}`
		await replaceA(comparison, { ...output, kind: 'quantized', execution, files }, effects)
		expect(await call(effects, 'executions', 'rerun', `${comparison.id}`)).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(learnt)
	})
})

describe('posts that production has learnt, and its twin has not', () => {
	it('are asked of the twin in every way', async () => {
		const effects = await copyRefitted()
		await run(effects, 'release', 'promote', '20130705.1', '--force', '--why', 'a test')
		const entry = findRelease(await readReleases(effects.modelsDir), 'production')
		const { version, twin } = await readManifest(effects.modelsDir, entry)
		const evaluation = (await listExecutions(effects)).find(
			(execution) => executionName(execution) === twin?.execution,
		)
		const asked = { ...evaluation?.inputs.model, twinOf: version }
		const compared = async () => {
			const executions = await listExecutions(effects)
			return executions.findLast(({ step }) => step === 'compare')?.inputs
		}

		await run(effects, 'compare', 'production', `${QUANTIZING}`)
		expect((await compared())?.a).toMatchObject({ sha256: asked.sha256, twinOf: version })
		const comparison = await newest(effects)

		await run(effects, 'executions', 'rerun', `${comparison.id}`)
		expect((await newest(effects)).output.sha256).toBe(comparison.output.sha256)
		expect((await newest(effects)).inputs.a?.twinOf).toBe(version)

		// Nor is the release asked where the posts are named, whichever of the two it is.
		const named = ['--snapshot', twin?.snapshot ?? '']
		await run(effects, 'compare', `${QUANTIZING}`, 'production', ...named)
		expect((await compared())?.b).toMatchObject({ sha256: asked.sha256, twinOf: version })

		await writeFile(effects.parametersFile.path, PARAMETERS)
		await run(effects, 'run')
		expect((await compared())?.a).toMatchObject({ sha256: asked.sha256, twinOf: version })
		expect((await readLock(effects)).compare?.inputs.a).toContain(`twin of ${version}, `)

		await run(effects, 'retrain', ...WINDOWS, '--max-share-rise', '1')
		expect((await compared())?.a).toMatchObject({ sha256: asked.sha256, twinOf: version })
	})
})
