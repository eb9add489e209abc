import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { readManifest } from '../../../../scripts/lib/release-files/release.ts'
import { findRelease, readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { type TestEffects, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { makeFeedback } from '../../../fixtures/feedback.ts'
import { useData } from '../../../fixtures/made-data.ts'

const NOW = { now: () => new Date('2013-07-05T12:00:00Z') }
const WINDOWS = ['--until', '2013-06-01', '--test-from', '2013-06-01', '--test-until', '2013-07-01']
const SPLIT = [...WINDOWS, '--validation-share', '0.1', '--min-posts', '5']
const SMALL = ['--dim', '8', '--min-count', '1', '--threads', '1']

/** A new subreddit that only picks know: on the page people typed its name. */
const picks = Array.from({ length: 6 }, (_, id) =>
	makeFeedback({
		id,
		title: `Sourdough starter number ${id} is bubbling`,
		pick: { how: 'typed', subreddit: 'Sourdough' },
	}),
)

async function withPosts(): Promise<TestEffects> {
	const effects = await testEffects(NOW)
	await fillDatabase(effects)
	return effects
}

async function run(effects: TestEffects, ...args: readonly string[]): Promise<void> {
	effects.said.out.length = 0
	effects.said.err.length = 0
	const code = await main(args, effects)
	expect(`${code} ${code === 0 ? '' : effects.said.err.join('\n')}`).toBe('0 ')
}

async function importPicks(effects: TestEffects): Promise<void> {
	const path = join(await temporaryFolder(), 'picks.jsonl')
	await writeFile(path, picks.map((pick) => `${JSON.stringify(pick)}\n`).join(''))
	await run(effects, 'feedback', 'import', path)
}

async function readManifestOf(version: string, { modelsDir }: TestEffects) {
	return readManifest(modelsDir, findRelease(await readReleases(modelsDir), version))
}

/** Steps until production serves a first release, run once for all tests. */
const withRelease = useData('first release', NOW, async (effects) => {
	await fillDatabase(effects)
	await run(effects, 'snapshot', ...SPLIT)
	await run(effects, 'train', ...SMALL)
	await run(effects, 'quantize', '--cutoff', '400', '--no-retrain')
	await run(effects, 'release', 'publish')
	await run(effects, 'release', 'promote', '20130705.0')
})

describe('whichsub retrain', () => {
	it('learns from picks, compares with production, and publishes to staging alone', async () => {
		const effects = await withRelease()
		await importPicks(effects)
		// A new subreddit among nine rises from nothing.
		await run(effects, 'retrain', ...SPLIT, '--labels-from-feedback', '--max-share-rise', '1')
		const { channels } = await readReleases(effects.modelsDir)
		expect(channels).toMatchObject({ production: '20130705.0', staging: '20130705.1' })
		const steps = await listExecutions(effects)
		expect(steps.slice(6).map(({ step }) => step)).toEqual([
			'snapshot',
			'train',
			'quantize',
			'adjust',
			'evaluate',
			'evaluate',
			'compare',
			'publish',
		])
		// As production was trained: what differs is the posts.
		expect(steps[7]?.parameters).toMatchObject({ dim: 8, minCount: 1 })
		expect(steps[8]?.parameters).toMatchObject({ cutoff: 400, retrain: false })
		const text = effects.said.out.join('\n')
		expect(text).toContain('release 20130705.0: recall@5')
		expect(text).toMatch(/feedback: 6 titles/)
		expect(text).toContain('staging serves 20130705.1; production is as it was')
		expect(text).toContain('next: release promote 20130705.1')
		await run(effects, 'predict', '--release', 'staging', '--json', 'sourdough starter bubbling')
		expect(effects.said.out[0]).toContain('"Sourdough"')
	})

	it("tests on each subreddit's newest posts, and every figure says so", async () => {
		const effects = await withPosts()
		const split = ['--split', 'newest', '--test-posts', '4', '--min-posts', '5']
		await run(effects, 'snapshot', ...split)
		await run(effects, 'train', ...SMALL)
		await run(effects, 'quantize', '--cutoff', '400', '--no-retrain')
		await run(effects, 'release', 'publish')
		expect(effects.said.out.join('\n')).toContain("(each subreddit's newest 4, posts from 2013-0")
		await run(effects, 'release', 'promote', '20130705.0')
		await run(effects, 'retrain', ...split, '--refit', '--max-share-rise', '1')
		const manifest = await readManifestOf('20130705.1', effects)
		expect(manifest).toMatchObject({
			metrics: { split: 'newest', newest: 4 },
			twin: { snapshot: expect.any(String) },
		})
		// The refitted model has learnt its twin's test posts: those of the last hours of the database.
		expect(manifest.data.until).toBe(manifest.metrics.testUntil)
		// So few posts may pass the gate or not.
		await main(['compare', 'production', '20130705.1', '--gate'], effects)
		const compared = effects.said.out.join('\n')
		expect(compared).toContain("(each subreddit's newest 4, posts from 2013-0")
		expect(effects.said.err.join('\n')).toContain('its twin is measured')
		const gates = join(effects.modelsDir, 'gates', '20130705.1-over-20130705.0.json')
		expect(JSON.parse(await readFile(gates, 'utf8'))).toMatchObject({ split: 'newest', newest: 4 })
		await run(
			effects,
			'drift',
			'--release',
			'20130705.1',
			'--current',
			'database',
			'--from',
			'2013-06-01',
		)
		expect(effects.said.err.join('\n')).toContain("was tested on each subreddit's newest 4")
		await run(effects, 'report', '20130705.1', '--markdown')
		expect(effects.said.out.join('\n')).toContain("trained without each subreddit's newest 4")
	})

	it('keeps a release off every channel where subreddits rose too much, and names them', async () => {
		const effects = await withRelease()
		await importPicks(effects)
		effects.said.err.length = 0
		// A ninth subreddit moves the shares of the others on so few test posts.
		const limit = ['--labels-from-feedback', '--max-share-rise', '0']
		expect(await main(['retrain', ...SPLIT, ...limit], effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(
			/release 20130705\.1 is on no channel: .* r\/\w+ \([\d.]+% → [\d.]+%\)/,
		)
		const { channels, releases } = await readReleases(effects.modelsDir)
		expect(channels).toEqual({ production: '20130705.0', staging: null, canary: null })
		expect(releases.map(({ version }) => version)).toContain('20130705.1')
	})

	it('says so where production serves nothing yet, and goes on', async () => {
		const effects = await withPosts()
		await run(effects, 'snapshot', ...SPLIT)
		await run(effects, 'train', ...SMALL)
		await run(effects, 'quantize', '--cutoff', '400')
		await importPicks(effects)
		await run(effects, 'retrain', ...SPLIT, '--json')
		const { channels } = await readReleases(effects.modelsDir)
		expect(channels).toEqual({ production: null, staging: '20130705.0', canary: null })
		expect(effects.said.err.join('\n')).toContain(
			'not compared with production: channel production serves no release',
		)
		expect(effects.said.err).toContain(
			'feedback: 6 titles left out, as their subreddits are no labels',
		)
		expect(JSON.parse(effects.said.out[0] ?? '')).toMatchObject({
			version: '20130705.0',
			feedback: { titles: 6, leftOut: 6 },
			comparison: null,
		})
		const [, training] = (await listExecutions(effects)).slice(3)
		expect(training).toMatchObject({ step: 'train', parameters: { dim: 8, minCount: 1 } })
	})

	it('says in a dry run what it would do, and does nothing', async () => {
		const effects = await withRelease()
		await importPicks(effects)
		await run(effects, 'retrain', ...SPLIT, '--dry-run')
		const text = effects.said.out.join('\n')
		expect(text).toMatch(/would train with the parameters of production: .*dim 8, .*minCount 1/)
		expect(text).toMatch(/feedback: 6 titles/)
		expect(await listExecutions(effects)).toHaveLength(6)
		expect((await readReleases(effects.modelsDir)).channels.staging).toBeNull()
	})

	it("takes the parameters file's recipe in place of production's where it is told to", async () => {
		const effects = await withRelease()
		const path = join(effects.dataDir, 'own.yaml')
		await writeFile(path, 'train:\n  dim: 12\nquantize:\n  maxBytes: 70000\n')
		const told = { ...effects, parametersFile: { path, isNamed: true } }
		await run(told, 'retrain', ...SPLIT, '--recipe', 'parameters', '--dry-run')
		expect(effects.said.out.join('\n')).toContain(
			'would train with the parameters of own.yaml: maxBytes 70000, dim 12',
		)
	})
})
