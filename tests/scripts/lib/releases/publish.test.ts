import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { sha256 } from '../../../../scripts/lib/files.ts'
import { publish } from '../../../../scripts/lib/nodes/publish.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import { type Execution, executionName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { openRelease } from '../../../../scripts/lib/release-files/release.ts'
import { readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { checkRelease } from '../../../../scripts/lib/releases/verify.ts'
import { importSubreddits } from '../../../../scripts/lib/subreddits/import.ts'
import { sortLabels } from '../../../../src/model/sort-labels.ts'
import { parseJsonWith } from '../../../../src/shared/parse.ts'
import { SubredditFactsFile } from '../../../../src/shared/subreddit-facts.ts'
import { formatNdjson, TOPICS } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { useCandidate } from '../../../fixtures/made-data.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { UNSEEN_LIST } from '../../../fixtures/unseen.ts'

const OPTIONS = { why: 'a test', dryRun: false }

const withCandidate = useCandidate()

function nameOf(execution: Execution | undefined): string {
	return execution ? executionName(execution) : ''
}

/** As if a file had been edited when this execution ran. */
async function markDirty(effects: Effects, id: number): Promise<void> {
	const path = join(executionDir(effects, id), 'execution.json')
	const record = JSON.parse(await readFile(path, 'utf8')) as Execution
	await writeFile(path, JSON.stringify({ ...record, code: { ...record.code, dirty: true } }))
}

async function importList(effects: Effects): Promise<void> {
	const rows = UNSEEN_LIST.map(({ name, subscribers, description }, index) => ({
		...{ display_name: name, subscribers, public_description: description },
		...{ id: `2aaa${index}`, over18: false, created_utc: 1_209_000_000 },
	}))
	const file = join(await temporaryFolder(), 'subreddits.ndjson')
	await writeFile(file, formatNdjson(rows))
	await importSubreddits({ file }, effects)
}

describe('publish', () => {
	it('makes a release that says what it is and what made it', async () => {
		const effects = await withCandidate()
		const candidate = await readExecution(effects, 3)
		const { manifest, execution } = await publish(OPTIONS, effects)
		const steps = await listExecutions(effects)
		expect(steps.map(({ step }) => step)).toEqual([
			'snapshot',
			'train',
			'quantize',
			'adjust',
			'evaluate',
			'publish',
		])
		expect(execution?.inputs.evaluation?.execution).toBe(nameOf(steps[4]))
		expect(manifest).toMatchObject({
			version: '20130705.0',
			created: '2013-07-05T12:00:00.000Z',
			labels: Object.keys(TOPICS).length,
			loss: 'softmax',
			schema: 2,
			training: { dim: 8, dilution: 0 },
			quantizing: { cutoff: 100 },
			data: { snapshot: candidate.inputs.snapshot?.sha256, until: '2013-06-01T00:00:00.000Z' },
			executions: steps.slice(0, 5).map(nameOf),
		})
		expect(manifest.metrics).toMatchObject({
			split: 'time',
			testFrom: '2013-06-01T00:00:00.000Z',
			testUntil: '2013-07-01T00:00:00.000Z',
			unknownLabelPosts: 0,
		})
		// The titles are made of the words that the model was given.
		expect(manifest.metrics['recall@1']).toBeGreaterThan(0.8)
		// Some of them also of words that it was not: their percentages shrink.
		expect(manifest.metrics.meanP1).toBeGreaterThan(0.7)
		expect(manifest.metrics.meanP1).toBeLessThan(manifest.metrics['recall@1'] + 0.05)
	})

	it('says how many members each subreddit has and what it is about', async () => {
		const effects = await withCandidate()
		const file = join(await temporaryFolder(), 'sizes.csv')
		await writeFile(file, 'name,subscribers\nCATS,123456\n')
		await importSubreddits({ file }, effects)
		const { manifest } = await publish(OPTIONS, effects)
		const path = join(effects.modelsDir, manifest.version, manifest.facts?.file ?? '')
		const packed = await readFile(path)
		expect([packed.length, sha256(packed)]).toEqual([manifest.facts?.bytes, manifest.facts?.sha256])
		const facts = parseJsonWith(SubredditFactsFile, gunzipSync(packed).toString(), path)
		const labels = sortLabels(Object.keys(TOPICS))
		expect(facts.members).toEqual(labels.map((label) => (label === 'cats' ? 120_000 : null)))
		for (const [place, label] of labels.entries()) {
			const words = facts.words[place]?.split(' ') ?? []
			expect(words.length).toBeGreaterThan(0)
			expect(TOPICS[label]).toEqual(expect.arrayContaining(words))
		}
		const { releases } = await readReleases(effects.modelsDir)
		const checks = await checkRelease(effects, releases[0] as (typeof releases)[number])
		expect(checks.find(({ file: name }) => name.endsWith('facts.gzip'))?.problem).toBeNull()
	})

	it('takes the index of unseen subreddits along where the database has a list of them', async () => {
		const effects = await withCandidate()
		await importList(effects)
		const { manifest } = await publish(OPTIONS, effects)
		const { unseen } = manifest
		expect(unseen?.subreddits).toBe(UNSEEN_LIST.length)
		const path = join(effects.modelsDir, manifest.version, unseen?.file ?? '')
		const packed = await readFile(path)
		expect([packed.length, sha256(packed)]).toEqual([unseen?.bytes, unseen?.sha256])
		expect(sha256(gunzipSync(packed))).toBe(unseen?.decodedSha256)
		const [entry] = (await readReleases(effects.modelsDir)).releases
		if (!entry) throw new Error('no release')
		const problems = async () =>
			(await checkRelease(effects, entry)).filter(({ problem }) => problem !== null)
		expect(await problems()).toEqual([])
		await writeFile(path, packed.subarray(1))
		expect((await problems()).map(({ file }) => file)).toEqual([
			`${manifest.version}/${unseen?.file}`,
		])
	})

	it('writes files that go over the wire as they are, and lists them by digest', async () => {
		const effects = await withCandidate()
		const { manifest } = await publish(OPTIONS, effects)
		const { modelsDir } = effects
		expect((await readdir(modelsDir)).sort()).toEqual(['20130705.0', 'releases.json'])
		const dir = join(modelsDir, '20130705.0')
		expect((await readdir(dir)).sort()).toEqual([
			'facts.gzip',
			'manifest.json',
			'model.ftz.gzip',
			'report.json',
		])
		const packed = await readFile(join(dir, 'model.ftz.gzip'))
		expect(gunzipSync(packed).equals(makeModelFile({ topics: TOPICS }))).toBe(true)
		expect(sha256(packed)).toBe(manifest.model.sha256)
		const releases = await readReleases(modelsDir)
		expect(releases.channels).toEqual({ production: null, staging: null, canary: null })
		const text = await readFile(join(dir, 'manifest.json'))
		expect(releases.releases).toEqual([
			{ version: '20130705.0', manifest: { bytes: text.length, sha256: sha256(text) } },
		])
		expect((await openRelease(effects, '20130705.0')).manifest).toEqual(manifest)
	})

	it('warns of code that no commit has, in a dry run too', async () => {
		const effects = await withCandidate()
		const clean = await publish(OPTIONS, effects)
		// A checkout that somebody works in is dirty itself.
		const warnings = () => effects.said.err.filter((line) => line.startsWith('warning: '))
		expect(warnings()).toHaveLength(clean.manifest.code.dirty ? 1 : 0)
		effects.said.err.length = 0
		await markDirty(effects, 2)
		for (const dryRun of [true, false]) {
			const { manifest } = await publish({ ...OPTIONS, dryRun }, effects)
			expect(manifest.code.dirty).toBe(true)
		}
		expect(warnings()).toHaveLength(2)
		for (const line of warnings())
			expect(line).toMatch(
				/^warning: code was dirty \(train #2.*cannot be made again from a commit/,
			)
	})

	it('counts up within a day, and passes over a folder that is there', async () => {
		const effects = await withCandidate()
		const versions = []
		for (let count = 0; count < 3; count += 1)
			versions.push((await publish(OPTIONS, effects)).manifest.version)
		expect(versions).toEqual(['20130705.0', '20130705.1', '20130705.2'])
	})

	it('takes the evaluation that is there in place of another one', async () => {
		const effects = await withCandidate()
		const candidate = await readExecution(effects, 3)
		await publish(OPTIONS, effects)
		await publish({ ...OPTIONS, execution: candidate.id }, effects)
		await publish({ ...OPTIONS, execution: 5 }, effects)
		const steps = await listExecutions(effects)
		expect(steps.filter(({ step }) => step === 'evaluate')).toHaveLength(1)
		expect(steps.at(-1)?.inputs.evaluation?.execution).toBe(nameOf(steps[4]))
	})

	it('changes nothing in a dry run, and shows the whole manifest', async () => {
		const effects = await withCandidate()
		const { manifest, execution } = await publish({ ...OPTIONS, dryRun: true }, effects)
		expect(execution).toBeNull()
		expect(manifest.metrics['recall@5']).toBeGreaterThan(0.8)
		expect(await readdir(effects.modelsDir).catch(() => [])).toEqual([])
		expect(await listExecutions(effects)).toHaveLength(3)
	})

	it('refuses a model that was not quantized, and says how to go on', async () => {
		const effects = await withCandidate()
		await expect(publish({ ...OPTIONS, execution: 2 }, effects)).rejects.toMatchObject({
			code: 'bad-input',
			message: expect.stringContaining('run: quantize --execution 2'),
		})
	})

	it('says what to run where there is no candidate', async () => {
		const effects = await testEffects()
		await expect(publish(OPTIONS, effects)).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringContaining('run quantize first'),
		})
	})
})
