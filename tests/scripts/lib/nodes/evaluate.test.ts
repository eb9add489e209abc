import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { runEvaluation } from '../../../../scripts/lib/nodes/evaluate.ts'
import { publish } from '../../../../scripts/lib/nodes/publish.ts'
import { executionName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { openRelease } from '../../../../scripts/lib/release-files/release.ts'
import { main } from '../../../../scripts/main.ts'
import { EvaluationReport } from '../../../../src/shared/evaluation-report.ts'
import { Metrics } from '../../../../src/shared/metrics.ts'
import { parseWith } from '../../../../src/shared/parse.ts'
import { formatNdjson, makeCorpus, TOPICS } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import { useCandidate, useRelease } from '../../../fixtures/made-data.ts'

const RELEASE = '20130705.0'
const JULY = Date.UTC(2013, 6, 1) / 1000
const DAY = 86_400

const withCandidate = useCandidate()
const withRelease = useRelease()

async function writeDump(rows: readonly object[]): Promise<string> {
	const path = join(await temporaryFolder(), 'RS_2013-07.ndjson')
	await writeFile(path, formatNdjson(rows))
	return path
}

const july = makeCorpus({ postsPerSubreddit: 10, from: JULY, until: JULY + DAY, seed: 7 })

function hasTopicWord(title: string): boolean {
	const words = title.toLowerCase().split(/\W+/)
	return Object.values(TOPICS).some((topic) => topic.some((word) => words.includes(word)))
}

const WEEKS = ['2013-06-01', '2013-06-08', '2013-06-15', '2013-06-22', '2013-06-29']

describe('runEvaluation', () => {
	it('measures a release on its own test posts as its manifest says', async () => {
		const effects = await withRelease()
		const { report, name } = await runEvaluation({ release: RELEASE }, effects)
		expect(name).toContain('release 20130705.0 on test posts of snapshot')
		const [, , , , evaluated] = await listExecutions(effects)
		expect(report.metrics).toEqual(evaluated?.metrics)
		expect(report.split).toBe('time')
		const { weeks } = parseWith(EvaluationReport, report, 'report')
		expect(weeks.map(({ from }) => from.slice(0, 10))).toEqual(WEEKS)
		expect(weeks.reduce((sum, { posts }) => sum + posts, 0)).toBe(report.metrics.posts)
	})

	it('measures a release on a dump, by the rules of ingest', async () => {
		const effects = await withRelease()
		const [first] = july
		const file = await writeDump([
			...july,
			{ ...first },
			{ ...first, id: 'adult', over_18: true },
			{ ...first, id: 'gone', title: '[deleted]' },
			{ ...first, id: 'elsewhere', subreddit: 'nobodyknows' },
			{ ...first, id: 'words', title: 'Qwfpgj zxcdv' },
			{ id: 'broken' },
		])
		const { report } = await runEvaluation({ release: RELEASE, posts: [file, file] }, effects)
		expect(report.metrics).toMatchObject({ posts: july.length + 2, unknownLabelPosts: 1 })
		expect(report).toMatchObject({
			split: 'external',
			testFrom: '2013-07-01T00:00:00.000Z',
			unknownTitlePosts: 1 + july.filter(({ title }) => !hasTopicWord(title)).length,
		})
		expect(Date.parse(report.testUntil) / 1000).toBeLessThanOrEqual(JULY + DAY)
		const said = effects.said.err.join('\n')
		expect(said).toContain('RS_2013-07.ndjson:86: ')
		expect(said).toMatch(/left out: 2 marked over 18/)
		expect(said).toMatch(/left out: 2 deleted/)
		expect(said).toMatch(/left out: 2 broken/)
	})

	it('gives no score where the dump has no posts', async () => {
		const effects = await withRelease()
		const file = await writeDump([{ ...july[0], over_18: true }])
		await expect(runEvaluation({ release: RELEASE, posts: [file] }, effects)).rejects.toMatchObject(
			{ code: 'bad-input', message: expect.stringContaining('no posts') },
		)
	})

	it('measures the latest candidate where nothing is named, and records it', async () => {
		const effects = await withCandidate()
		const { report, name } = await runEvaluation({}, effects)
		expect(name).toContain('recorded as #5')
		const recorded = (await listExecutions(effects)).at(-1)
		expect(recorded).toMatchObject({ step: 'evaluate', metrics: report.metrics })
		expect(recorded?.inputs).toMatchObject({
			model: { kind: 'candidate', name: '#4' },
			posts: { kind: 'snapshot' },
		})
		expect(recorded?.outputs.map((output) => output.name)).toEqual([
			'report.json',
			'suggestions.bin',
		])
	})

	it('measures the full-precision model, too', async () => {
		const effects = await withCandidate()
		const { report } = await runEvaluation({ execution: 2 }, effects)
		expect(report.metrics['recall@1']).toBeGreaterThan(0.8)
	})

	it('records what it finds about a release, or on a dump', async () => {
		const effects = await withRelease()
		const file = await writeDump(july)
		const ofRelease = await runEvaluation({ release: RELEASE }, effects)
		const onDump = await runEvaluation({ execution: 3, posts: [file] }, effects)
		expect([ofRelease.name, onDump.name].map((name) => name.split(', ').at(-1))).toEqual([
			'recorded as #7',
			'recorded as #8',
		])
		const records = await listExecutions(effects)
		const { manifest } = await openRelease(effects, RELEASE)
		expect(records[6]).toMatchObject({
			step: 'evaluate',
			inputs: {
				model: { kind: 'release', name: RELEASE, sha256: manifest.model.decodedSha256 },
				posts: { kind: 'snapshot', files: [{ name: 'test.txt' }] },
			},
			outputs: [{ name: 'report.json' }, { name: 'suggestions.bin' }],
			metrics: ofRelease.report.metrics,
		})
		expect(records[7]).toMatchObject({
			step: 'evaluate',
			inputs: {
				model: { name: '#4', sha256: records[3]?.output.sha256 },
				posts: { kind: 'dumps', name: file, files: [await describeFile(file)] },
			},
			metrics: onDump.report.metrics,
		})
	})

	it('takes no evaluation on other posts for the one that calibrates', async () => {
		const effects = await withCandidate()
		await runEvaluation({ execution: 3, posts: [await writeDump(july)] }, effects)
		const { manifest } = await publish({ why: '', dryRun: false }, effects)
		expect(manifest.metrics.split).toBe('time')
		const steps = await listExecutions(effects)
		const made = steps.filter(({ id }) => [1, 2, 3, 4, 6].includes(id))
		expect(manifest.executions).toEqual(made.map(executionName))
	})

	it('says where to look when the snapshot of a release is not here', async () => {
		const effects = await withRelease()
		const elsewhere = { ...effects, dataDir: await temporaryFolder() }
		await expect(runEvaluation({ release: RELEASE }, elsewhere)).rejects.toMatchObject({
			code: 'not-found',
			message: expect.stringContaining('--posts'),
		})
	})
})

describe('whichsub evaluate', () => {
	it('prints just the figures with --json', async () => {
		const effects = await withRelease()
		const file = await writeDump(july)
		const args = ['evaluate', '--release', RELEASE, '--posts', file, '--json']
		expect(await main(args, effects)).toBe(0)
		expect(effects.said.out).toHaveLength(1)
		const printed = JSON.parse(effects.said.out[0] ?? '') as Record<string, number>
		// A dump says nothing of sizes, and unseen subreddits take a training.
		const missing = ['recall@5.weighted', 'unseen.recall@5']
		const names = Object.keys(Metrics.entries).filter((name) => !missing.includes(name))
		expect(Object.keys(printed)).toEqual(names)
		expect(printed).toMatchObject({ posts: july.length, labels: Object.keys(TOPICS).length })
	})

	it('says on which posts, and prints a table otherwise', async () => {
		const effects = await withRelease()
		expect(await main(['evaluate', '--release', RELEASE], effects)).toBe(0)
		const text = effects.said.out.join('\n')
		expect(text).toMatch(/On \d+ posts of June 2013, newer than all/)
		expect(text).toMatch(/recall@5 +\d\.\d{4}/)
	})

	it('ends with 2 where both a release and an execution are named', async () => {
		const effects = await testEffects()
		const args = ['evaluate', '--release', 'production', '--execution', '3']
		expect(await main(args, effects)).toBe(2)
	})

	it('ends with 1 and one line where the file is not there', async () => {
		const effects = await withRelease()
		const args = ['evaluate', '--release', RELEASE, '--posts', '/nowhere/RS.ndjson']
		expect(await main(args, effects)).toBe(1)
		expect(effects.said.err.at(-1)).toMatch(/^whichsub: file not found: /)
	})
})
