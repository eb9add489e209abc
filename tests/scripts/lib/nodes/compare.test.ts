import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { snapshotOf } from '../../../../scripts/lib/evaluation/models.ts'
import { type CompareOptions, recordComparison } from '../../../../scripts/lib/nodes/compare.ts'
import { publish } from '../../../../scripts/lib/nodes/publish.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import { executionName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions, readExecution } from '../../../../scripts/lib/pipeline/executions.ts'
import { openRelease } from '../../../../scripts/lib/release-files/release.ts'
import { promote } from '../../../../scripts/lib/releases/channels.ts'
import { main } from '../../../../scripts/main.ts'
import type { ComparisonReport } from '../../../../src/shared/comparison-report.ts'
import { makeCandidate, recordModel } from '../../../fixtures/candidate.ts'
import { formatNdjson, makeCorpus, TOPICS } from '../../../fixtures/corpus.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { useData } from '../../../fixtures/made-data.ts'

const NOW = { now: () => new Date('2013-07-05T12:00:00Z') }

/** A model that never heard of guitars: their posts are lost to it. */
const { guitars: _, ...FEWER_TOPICS } = TOPICS

const TRAINING = 2
const QUANTIZED = 3
const WORSE = 4

async function makeModels(effects: TestEffects): Promise<void> {
	const candidate = await makeCandidate(effects)
	const training = await readExecution(effects, TRAINING)
	await recordModel('quantize', training, snapshotOf(candidate), FEWER_TOPICS, effects)
}

const withModels = useData('two models', NOW, makeModels)

const withReleases = useData('two releases', NOW, async (effects) => {
	await makeModels(effects)
	for (const execution of [WORSE, QUANTIZED])
		await publish({ execution, why: '', dryRun: false }, effects)
	const production = {
		version: '20130705.0',
		channel: 'production',
		why: '',
		dryRun: false,
	} as const
	await promote(production, effects)
})

async function compare(options: CompareOptions, effects: TestEffects): Promise<ComparisonReport> {
	return (await recordComparison(options, effects)).comparison
}

describe('compare', () => {
	it('says which of two is better on the same posts, and where', async () => {
		const effects = await withModels()
		const models = { a: `#${WORSE}`, b: `${QUANTIZED}` }
		const comparison = await compare({ ...models, parameters: { minPosts: 5 } }, effects)
		const { a, b, gained, lost } = comparison
		expect([a.name, b.name]).toEqual(['execution #6', 'execution #5'])
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

	it('takes a subreddit that one of them writes in another case for the same', async () => {
		const effects = await withModels()
		const { snapshot } = (await readExecution(effects, TRAINING)).inputs
		const shouted = { ...FEWER_TOPICS, GUITARS: TOPICS.guitars ?? [] }
		const training = await readExecution(effects, TRAINING)
		await recordModel('quantize', training, snapshot?.sha256 ?? '', shouted, effects)
		const comparison = await compare({ a: '3', b: '5', parameters: { minPosts: 1 } }, effects)
		expect(comparison).toMatchObject({ came: [], went: [], gained: [], lost: [] })
		expect(comparison['recall@5'].difference).toBe(0)
		expect(comparison.b.metrics.unknownLabelPosts).toBe(0)
		expect(comparison.subreddits.map(({ label }) => label)).toContain('GUITARS')
	})

	it('finds nothing between a model and itself', async () => {
		const effects = await withModels()
		const comparison = await compare({ a: '3', b: '3', parameters: { minPosts: 1 } }, effects)
		expect(comparison).toMatchObject({ verdict: 'no clear difference', gained: [], lost: [] })
		expect(comparison['recall@1']).toMatchObject({ difference: 0, p: 1 })
	})

	it('lists no subreddit with fewer test posts than asked for', async () => {
		const effects = await withModels()
		const comparison = await compare({ a: '4', b: '3', parameters: { minPosts: 1_000 } }, effects)
		expect([...comparison.gained, ...comparison.lost]).toEqual([])
	})

	it('says what came, what went, and what changed for groups and for older posts', async () => {
		const effects = await withModels()
		const groups = { strings: ['Guitars'], animals: ['cats'], nothing: ['knitting'] }
		const parameters = { minPosts: 5, groups, historyMonths: [1, 3, 60], historyPosts: 50 }
		const comparison = await compare({ a: '3', b: '4', parameters }, effects)
		const { came, went, churn, f1Changes, subreddits, emptyGroups } = comparison
		const posts = subreddits.find(({ label }) => label === 'guitars')?.posts
		expect({ came, went }).toEqual({ came: [], went: [{ label: 'guitars', posts }] })
		expect(emptyGroups).toEqual(['nothing'])
		expect(comparison.groups).toMatchObject([
			{ name: 'strings', labels: ['guitars'], posts, 'recall@5': { b: 0 } },
			{ name: 'animals', 'recall@5': { difference: 0 } },
		])
		expect(churn.map(({ name, kind }) => [name, kind])).toEqual([
			[comparison.testSet, 'test'],
			['posts of 2013-05', 'history'],
			['posts of 2013-03', 'history'],
		])
		expect(churn[1]?.posts).toBe(50)
		// One of eight topics is suggested no longer.
		for (const { first } of churn) expect(first.value).toBeGreaterThan(0.05)
		expect(f1Changes?.within20).toBeLessThan(1)
		expect(f1Changes?.subreddits).toBe(Object.keys(TOPICS).length)
		expect(await compare({ a: '3', b: '4', parameters }, effects)).toEqual(comparison)
	})

	it('takes dumps for the older posts, and does without any', async () => {
		const effects = await withModels()
		const path = join(await temporaryFolder(), 'old.ndjson')
		const from = Date.UTC(2012, 4, 1) / 1000
		await writeFile(
			path,
			formatNdjson(makeCorpus({ postsPerSubreddit: 5, from, until: from + 1_000 })),
		)
		const { churn } = await compare({ a: '4', b: '3', history: [path] }, effects)
		expect(churn).toMatchObject([
			{ kind: 'test' },
			{ kind: 'history', name: 'old.ndjson', posts: 40 },
		])
		await rm(join(effects.dataDir, 'posts.db'))
		expect((await compare({ a: '4', b: '3' }, effects)).churn).toMatchObject([{ kind: 'test' }])
		expect(effects.said.err.join('\n')).toContain('no older posts to compare suggestions on')
	})

	it('compares on dumps, and refuses those that a model has learnt from', async () => {
		const effects = await withModels()
		const [may, july] = [Date.UTC(2013, 4, 1) / 1000, Date.UTC(2013, 6, 1) / 1000]
		const write = async (from: number) => {
			const path = join(await temporaryFolder(), 'posts.ndjson')
			const posts = makeCorpus({ postsPerSubreddit: 5, from, until: from + 1_000 })
			await writeFile(path, formatNdjson(posts))
			return path
		}
		const models = { a: '4', b: '3', parameters: { minPosts: 1 } }
		const fresh = await compare({ ...models, posts: [await write(july)] }, effects)
		expect(fresh).toMatchObject({ split: 'external', warnings: [] })
		expect(fresh.a.metrics.posts).toBe(5 * Object.keys(TOPICS).length)
		await expect(compare({ ...models, posts: [await write(may)] }, effects)).rejects.toThrow(
			'execution #6 has learnt posts until 2013-06-01, and posts.ndjson begin on 2013-05-01',
		)
	})
})

describe('whichsub compare', () => {
	it('takes versions and channels, and prints figures side by side', async () => {
		const effects = await withReleases()
		const args = ['compare', 'production', '20130705.1', '--min-posts', '5']
		expect(await main(args, effects)).toBe(0)
		const text = effects.said.out.join('\n')
		expect(text).toMatch(/^Release 20130705\.1 is better than release 20130705\.0: recall@5/)
		expect(text).toMatch(/ +release 20130705\.0 +release 20130705\.1 +change/)
		expect(text).toMatch(
			/recall@5 +\d\.\d{4} +\d\.\d{4} +\+\d\.\d{4} +\+\d\.\d{4} … \+\d\.\d{4} \(p [<\d]/,
		)
		expect(text).toMatch(/Gained most: f1 .* 5 test posts or more\n.*\nr\/guitars/)
	})

	it('is recorded, with what went in and what came out', async () => {
		const effects = await withReleases()
		const before = await listExecutions(effects)
		const args = ['compare', 'production', `#${QUANTIZED}`, '--min-posts', '5']
		expect(await main(args, effects)).toBe(0)
		const made = (await listExecutions(effects)).slice(before.length)
		// The release was not asked about these posts yet.
		expect(made.map(({ step }) => step)).toEqual(['evaluate', 'compare'])
		const record = made[1]
		expect(effects.said.out.join('\n')).toMatch(new RegExp(`\nrecorded as #${record?.id}$`))
		const { manifest } = await openRelease(effects, 'production')
		const [snapshot] = before
		const candidate = before.findLast(({ step }) => step === 'adjust')
		expect(record).toMatchObject({
			step: 'compare',
			parameters: { minPosts: 5 },
			inputs: {
				a: { kind: 'release', name: '20130705.0', sha256: manifest.model.decodedSha256 },
				b: {
					kind: 'candidate',
					sha256: candidate?.output.sha256,
					execution: candidate && executionName(candidate),
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
			execution: 12,
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

describe('whichsub compare --gate', () => {
	const [WORSE_RELEASE, RELEASE] = ['20130705.0', '20130705.1']
	// The calibration of a hundred posts is no better than that.
	const FILE = 'groups: { strings: [guitars] }\ngate: { maxCalibrationError: 0.5 }\n'

	async function withGate(): Promise<TestEffects> {
		const effects = await withReleases()
		await writeFile(effects.parametersFile.path, FILE)
		return effects
	}

	it('lets a better release pass, and production may then serve it', async () => {
		const effects = await withGate()
		expect(await main(['release', 'promote', RELEASE], effects)).toBe(1)
		expect(await main(['compare', 'production', RELEASE, '--gate'], effects)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(/The gate is open: 7 limits kept\n.*\nok /)
		const execution = (await listExecutions(effects)).at(-1)
		expect(execution?.metrics).toMatchObject({ 'gate.passed': 1 })
		const gates = join(effects.modelsDir, 'gates', `${RELEASE}-over-${WORSE_RELEASE}.json`)
		expect(JSON.parse(await readFile(gates, 'utf8'))).toMatchObject({
			release: { version: RELEASE },
			against: { version: WORSE_RELEASE },
			verdict: { passed: true },
			execution: execution?.id,
		})
		expect(await main(['release', 'promote', RELEASE], effects)).toBe(0)
		expect(await main(['release', 'verify'], effects)).toBe(0)
		expect(effects.said.err.join('\n')).not.toContain('not in releases.json')
	})

	it('ends with 1 and says which rules a worse one breaks', async () => {
		const effects = await withGate()
		expect(await main(['compare', RELEASE, WORSE_RELEASE, '--gate'], effects)).toBe(1)
		const text = effects.said.out.join('\n')
		expect(text).toMatch(/The gate is shut: 2 of 7 limits not kept/)
		expect(text).toMatch(/FAILED +recallMargin +recall@5 .*, and it may be lower by 0\.005 or more/)
		expect(text).toMatch(
			/FAILED +groupMargin of strings +strings: recall@5 .* → 0\.0000 on \d+ posts/,
		)
		expect(text).toContain('1 can no longer be suggested (at most 25 are allowed): r/guitars')
		expect(effects.said.err.at(-1)).toMatch(/the gate refuses release 20130705\.0 over release/)
	})

	it('judges a candidate, too, which is no release yet', async () => {
		const effects = await withGate()
		const args = ['compare', 'production', `#${QUANTIZED}`, '--gate', '--json']
		expect(await main(args, effects)).toBe(0)
		const { gate } = JSON.parse(effects.said.out.at(-1) ?? '')
		expect(gate.passed).toBe(true)
		const download = gate.rules.find(({ name }: { name: string }) => name === 'maxDownloadBytes')
		expect(download.value).toBeGreaterThan(100)
		expect(await main(['release', 'promote', RELEASE], effects)).toBe(1)
	})
})
