import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
	type CompareOptions,
	type Comparison,
	recordComparison,
} from '../../../../scripts/lib/comparison/compare.ts'
import { snapshotOf } from '../../../../scripts/lib/evaluation/models.ts'
import { openRelease } from '../../../../scripts/lib/models/release.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import { listExecutions, readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { promote } from '../../../../scripts/lib/releases/channels.ts'
import { publish } from '../../../../scripts/lib/releases/publish.ts'
import { main } from '../../../../scripts/main.ts'
import { makeCandidate, recordModel } from '../../../fixtures/candidate.ts'
import { formatNdjson, makeCorpus, TOPICS } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const NOW = { now: () => new Date('2013-07-05T12:00:00Z') }

/** A model that never heard of guitars: their posts are lost to it. */
const { guitars: _, ...FEWER_TOPICS } = TOPICS

const TRAINING = 2
const QUANTIZED = 3
const WORSE = 4

async function withModels(): Promise<TestEffects> {
	const effects = await testEffects(NOW)
	const candidate = await makeCandidate(effects)
	const training = await readExecution(effects, TRAINING)
	await recordModel('quantize', training, snapshotOf(candidate), FEWER_TOPICS, effects)
	return effects
}

async function withReleases(): Promise<TestEffects> {
	const effects = await withModels()
	for (const execution of [WORSE, QUANTIZED])
		await publish({ execution, why: '', dryRun: false }, effects)
	const production = {
		version: '20130705.0',
		channel: 'production',
		why: '',
		dryRun: false,
	} as const
	await promote(production, effects)
	return effects
}

async function compare(options: CompareOptions, effects: TestEffects): Promise<Comparison> {
	return (await recordComparison(options, effects)).comparison
}

describe('compare', () => {
	it('says which of two is better on the same posts, and where', async () => {
		const effects = await withModels()
		const models = { a: `#${WORSE}`, b: `${QUANTIZED}` }
		const comparison = await compare({ ...models, minPosts: 5 }, effects)
		const { a, b, gained, lost } = comparison
		expect([a.name, b.name]).toEqual(['execution #4', 'execution #3'])
		expect(a.metrics.posts).toBe(b.metrics.posts)
		expect(comparison.verdict).toBe('better')
		expect(comparison['recall@5'].difference).toBeCloseTo(
			b.metrics['recall@5'] - a.metrics['recall@5'],
		)
		expect(comparison['recall@5'].low).toBeGreaterThan(0)
		expect(gained[0]).toMatchObject({ label: 'guitars', a: 0 })
		expect(gained[0]?.b).toBeGreaterThan(0.8)
		expect(lost.every((change) => change.b < change.a)).toBe(true)
		expect(comparison.warnings).toEqual([])
	})

	it('finds nothing between a model and itself', async () => {
		const effects = await withModels()
		const comparison = await compare({ a: '3', b: '3', minPosts: 1 }, effects)
		expect(comparison).toMatchObject({ verdict: 'no clear difference', gained: [], lost: [] })
		expect(comparison['recall@1']).toMatchObject({ difference: 0, p: 1 })
	})

	it('lists no subreddit with fewer test posts than asked for', async () => {
		const effects = await withModels()
		const comparison = await compare({ a: '4', b: '3', minPosts: 1_000 }, effects)
		expect([...comparison.gained, ...comparison.lost]).toEqual([])
	})

	it('compares on dumps, and warns where a model may have learnt from them', async () => {
		const effects = await withModels()
		const [may, july] = [Date.UTC(2013, 4, 1) / 1000, Date.UTC(2013, 6, 1) / 1000]
		const write = async (from: number) => {
			const path = join(await temporaryFolder(), 'posts.ndjson')
			const posts = makeCorpus({ postsPerSubreddit: 5, from, until: from + 1_000 })
			await writeFile(path, formatNdjson(posts))
			return path
		}
		const models = { a: '4', b: '3', minPosts: 1 }
		const fresh = await compare({ ...models, posts: [await write(july)] }, effects)
		expect(fresh).toMatchObject({ split: 'external', warnings: [] })
		expect(fresh.a.metrics.posts).toBe(5 * Object.keys(TOPICS).length)
		const seen = await compare({ ...models, posts: [await write(may)] }, effects)
		expect(seen.warnings).toHaveLength(2)
		expect(seen.warnings[0]).toContain('execution #4 was trained on posts until 2013-06-01')
	})
})

describe('whichsub compare', () => {
	it('takes versions and channels, and prints figures side by side', async () => {
		const effects = await withReleases()
		const args = ['compare', 'production', '20130705.1', '--min-posts', '5']
		expect(await main(args, effects)).toBe(0)
		const text = effects.said.out.join('\n')
		expect(text).toMatch(/^A: release 20130705\.0\nB: release 20130705\.1\n/)
		expect(text).toMatch(/recall@5 +\d\.\d{4} +\d\.\d{4} +\+\d\.\d{4} +\+\d\.\d{4} … \+\d\.\d{4}/)
		expect(text).toContain('B is better at recall@5')
		expect(text).toMatch(/gained most \(f1 .* 5 test posts or more\)\n.*\nr\/guitars/)
	})

	it('is recorded, with what went in and what came out', async () => {
		const effects = await withReleases()
		const before = await listExecutions(effects)
		const args = ['compare', 'production', `#${QUANTIZED}`, '--min-posts', '5']
		expect(await main(args, effects)).toBe(0)
		const [record, ...more] = (await listExecutions(effects)).slice(before.length)
		expect(more).toEqual([])
		expect(effects.said.out.join('\n')).toMatch(new RegExp(`\nrecorded as #${record?.id}$`))
		const { manifest } = await openRelease(effects.modelsDir, 'production')
		const [snapshot, , quantized] = before
		expect(record).toMatchObject({
			step: 'compare',
			parameters: { minPosts: 5 },
			inputs: {
				a: { kind: 'release', name: '20130705.0', sha256: manifest.model.decodedSha256 },
				b: {
					kind: 'quantized',
					sha256: quantized?.outputs[0]?.sha256,
					execution: `${QUANTIZED}-${quantized?.uid}`,
				},
				posts: {
					kind: 'snapshot',
					sha256: snapshot?.output.sha256,
					files: [snapshot?.outputs.find(({ name }) => name === 'test.txt')],
				},
			},
			outputs: [{ name: 'comparison.json' }],
		})
		const path = join(executionDir(effects, record?.id ?? 0), 'comparison.json')
		const comparison = JSON.parse(await readFile(path, 'utf8'))
		expect(comparison).toMatchObject({ verdict: 'better' })
		expect(record?.metrics).toMatchObject({
			'a.recall@5': comparison.a.metrics['recall@5'],
			'b.recall@5': comparison.b.metrics['recall@5'],
		})
	})

	it('asks for dumps where the snapshot of B is on another machine', async () => {
		const effects = await withReleases()
		const elsewhere = await testEffects({ ...NOW, modelsDir: effects.modelsDir })
		expect(await main(['compare', 'production', '20130705.1'], elsewhere)).toBe(1)
		expect(elsewhere.said.err.at(-1)).toMatch(
			/snapshot [0-9a-f]{8} of release 20130705\.1 is not in .*; name dumps with --posts/,
		)
	})

	it('prints one object with --json', async () => {
		const effects = await withReleases()
		expect(await main(['compare', 'production', '3', '--json'], effects)).toBe(0)
		expect(effects.said.out).toHaveLength(1)
		expect(JSON.parse(effects.said.out[0] ?? '')).toMatchObject({
			verdict: 'better',
			execution: 9,
		})
	})

	it('ends with 2 where it is told to compare on two things', async () => {
		const effects = await testEffects()
		const args = ['compare', '1', '2', '--posts', 'x.ndjson', '--snapshot', 'abc']
		expect(await main(args, effects)).toBe(2)
		expect(await main(['compare', '1'], effects)).toBe(2)
	})

	it('ends with 1 where a release is not there', async () => {
		const effects = await withReleases()
		expect(await main(['compare', 'staging', '3'], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/channel staging serves no release/)
	})
})
