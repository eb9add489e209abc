import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readExecution } from '../../../scripts/lib/pipeline/executions.ts'
import { main } from '../../../scripts/main.ts'
import { DriftReport } from '../../../src/shared/drift-report.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { formatNdjson, makeCorpus } from '../../fixtures/corpus.ts'
import { type TestEffects, testEffects } from '../../fixtures/effects.ts'
import { makeFeedback } from '../../fixtures/feedback.ts'
import { makeModelFile } from '../../fixtures/model-file.ts'
import { RELEASE, usePipeline } from '../../fixtures/pipeline.ts'
import { writeRelease, writeReleases } from '../../fixtures/release.ts'

const JULY = Date.UTC(2013, 6, 1) / 1000
const SEPTEMBER = Date.UTC(2013, 8, 1) / 1000

const copyPipeline = usePipeline()

async function withDump(effects: TestEffects, posts = corpus()): Promise<string> {
	const path = join(effects.dataDir, 'RS_2013-07.ndjson')
	await writeFile(path, formatNdjson(posts))
	return path
}

function corpus(options: Partial<Parameters<typeof makeCorpus>[0]> = {}) {
	const window = { from: JULY, until: SEPTEMBER, seed: 9, idPrefix: 'n' }
	return makeCorpus({ postsPerSubreddit: 30, ...window, ...options })
}

/** Titles of whose words hardly one is known, each under one of the model's subreddits. */
function strangePosts() {
	return corpus().map((post, index) => ({ ...post, title: `Qwfpgj zxcdv brstm ${index}` }))
}

const drift = (effects: TestEffects, ...args: string[]) =>
	main(['drift', '--release', 'production', ...args], effects)

function reportOf(effects: TestEffects): DriftReport {
	return parseJsonWith(DriftReport, effects.said.out.join('\n'), 'drift')
}

describe('whichsub drift', () => {
	it('measures new posts against what the release says of its test posts, by month', async () => {
		const effects = await copyPipeline()
		const dump = await withDump(effects)
		expect(await drift(effects, '--current', dump, '--window', 'month', '--json')).toBe(0)
		const report = reportOf(effects)
		expect(report).toMatchObject({ release: RELEASE, verdict: { drifted: false } })
		expect(report.reference.from).toBe('2013-06-01T00:00:00.000Z')
		expect(report.current.name).toBe(basename(dump))
		expect(report.windows.map(({ name }) => name)).toEqual(['2013-07', '2013-08'])
		expect(report.windows.reduce((sum, { posts }) => sum + posts, 0)).toBe(report.current.posts)
		const { estimate, actual } = report.current
		expect(actual?.['recall@1'].value).toBeGreaterThan(0.8)
		expect(Math.abs((actual?.['recall@1'].value ?? 0) - estimate['recall@1'].value)).toBeLessThan(
			0.1,
		)
	})

	it('warns of posts that the release may have learnt, and of no others', async () => {
		const effects = await copyPipeline()
		const warnings = () => effects.said.err.filter((line) => line.startsWith('warning'))
		expect(await drift(effects, '--current', await withDump(effects))).toBe(0)
		expect(warnings()).toEqual([])
		const learnt = corpus({ from: JULY - 60 * 86_400, until: JULY })
		expect(await drift(effects, '--current', await withDump(effects, learnt))).toBe(0)
		expect(warnings()).toEqual([expect.stringContaining('it may have learnt some of RS_2013-07')])
	})

	it('is recorded with what it found', async () => {
		const effects = await copyPipeline()
		expect(await drift(effects, '--current', await withDump(effects))).toBe(0)
		const said = effects.said.out.join('\n')
		expect(said).toContain('limits are kept')
		const id = Number(/recorded as #(\d+)$/.exec(said)?.[1])
		const execution = await readExecution(effects, id)
		expect(execution).toMatchObject({
			step: 'drift',
			output: { kind: 'drift' },
			inputs: { release: { name: RELEASE }, current: { kind: 'dumps' } },
			parameters: { maxPsi: 0.01, byMonth: false },
			metrics: { drifted: 0 },
		})
		const path = join(effects.dataDir, 'executions', execution.folder, 'drift.json')
		expect(parseJsonWith(DriftReport, await readFile(path, 'utf8'), path).release).toBe(RELEASE)
		expect(await main(['executions', 'rerun', `${id}`], effects)).toBe(0)
		expect(effects.said.out.at(-1)).toContain('the same outputs, byte for byte')
	})

	it('ends with 1 where posts have drifted and somebody wants to know', async () => {
		const effects = await copyPipeline()
		const dump = await withDump(effects, strangePosts())
		expect(await drift(effects, '--current', dump)).toBe(0)
		expect(effects.said.out.join('\n')).toMatch(
			/FAILED +maxUnknownWordsRise +rise of unknown words/,
		)
		expect(await drift(effects, '--current', dump, '--fail-on-drift')).toBe(1)
		expect(effects.said.err.join('\n')).toMatch(/posts have drifted: .*rise of unknown words/)
	})

	it("reads the database's posts of after the test posts, or of the days that are named", async () => {
		const effects = await copyPipeline()
		const dump = await withDump(effects)
		expect(await main(['ingest', dump], effects)).toBe(0)
		effects.said.out.length = 0
		expect(await drift(effects, '--current', 'database', '--json')).toBe(0)
		const all = reportOf(effects)
		expect(all.current.posts).toBe(corpus().length)
		effects.said.out.length = 0
		const days = ['--from', '2013-07-10', '--until', '2013-07-20']
		expect(await drift(effects, '--current', 'database', ...days, '--json')).toBe(0)
		const { from, until, posts } = reportOf(effects).current
		expect(posts).toBeLessThan(all.current.posts)
		expect(from >= '2013-07-10' && until <= '2013-07-20T00:00:00.000Z').toBe(true)
	})

	it('takes no pick for a label', async () => {
		const effects = await copyPipeline()
		const titles = corpus()
			.slice(0, 3)
			.map(({ title }) => title)
		const lines = titles.map((title, id) =>
			makeFeedback({ id, title, pick: { how: 'suggestion', rank: 1, subreddit: 'cats' } }),
		)
		const picks = join(effects.dataDir, 'picks.jsonl')
		await writeFile(picks, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
		expect(await main(['feedback', 'import', picks], effects)).toBe(0)
		effects.said.out.length = 0
		expect(await drift(effects, '--current', 'feedback', '--json')).toBe(0)
		const report = reportOf(effects)
		expect(report.current).toMatchObject({ posts: 3, actual: null })
		// Three titles can't raise an alarm.
		expect(report.verdict.drifted).toBe(false)
	})

	it('wants dumps as the reference of a release whose report is older', async () => {
		const effects = await copyPipeline()
		const dump = await withDump(effects)
		const older = await testEffects()
		const report = await readFile(join(effects.modelsDir, RELEASE, 'report.json'), 'utf8')
		const first = JSON.stringify({ ...JSON.parse(report), schema: 1 })
		const model = makeModelFile({ topics: { cats: ['kitten'], dogs: ['puppy'] } })
		const listed = await writeRelease(older.modelsDir, {
			version: '20130702.0',
			model,
			labels: 2,
			report: first,
		})
		await writeReleases(older.modelsDir, [listed], { production: '20130702.0' })
		expect(await drift(older, '--current', dump)).toBe(1)
		expect(older.said.err.join('\n')).toMatch(/older kind.+name dumps .+ with --reference/)
		expect(await drift(older, '--current', dump, '--reference', dump)).toBe(0)
		expect(older.said.out.join('\n')).toContain('limits are kept')
	})

	it('says what is wrong with what was asked', async () => {
		const effects = await copyPipeline()
		expect(await drift(effects, '--current', 'database')).toBe(1)
		expect(effects.said.err.join('\n')).toContain('no posts to evaluate on')
		expect(await main(['drift', '--current', 'database'], effects)).toBe(2)
		expect(await drift(effects, '--current', 'database', '--window', 'week')).toBe(2)
	})
})
