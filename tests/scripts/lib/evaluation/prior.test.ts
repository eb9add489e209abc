// From sizes in the database to a release that weighs its suggestions by them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadEngine } from '../../../../scripts/lib/engine.ts'
import { formatPrior } from '../../../../scripts/lib/evaluation/format.ts'
import { adjustModel } from '../../../../scripts/lib/nodes/candidates.ts'
import { recordComparison } from '../../../../scripts/lib/nodes/compare.ts'
import { runEvaluation } from '../../../../scripts/lib/nodes/evaluate.ts'
import { publish } from '../../../../scripts/lib/nodes/publish.ts'
import { openRelease } from '../../../../scripts/lib/release-files/release.ts'
import { formatText } from '../../../../scripts/lib/reports/document.ts'
import { comparisonSections, evaluationSections } from '../../../../scripts/lib/reports/sections.ts'
import { importSubreddits } from '../../../../scripts/lib/subreddits/import.ts'
import { PriorIndex } from '../../../../src/model/prior.ts'
import { Suggester } from '../../../../src/model/suggest.ts'
import {
	fillDatabase,
	makeSnapshot,
	recordModel,
	SNAPSHOT_OPTIONS,
} from '../../../fixtures/candidate.ts'
import { formatNdjson, TOPICS } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

it('brings a prior from sizes in the database into the release, and into what it suggests', async () => {
	const effects = await testEffects({ now: () => new Date('2013-07-05T12:00:00Z') })
	await fillDatabase(effects, 400)
	const path = join(await temporaryFolder(), 'subreddits.ndjson')
	const rows = Object.keys(TOPICS).map((display_name, index) => ({
		display_name,
		id: `a${index}`,
		created_utc: 1,
		subscribers: 100 * 5 ** index,
	}))
	await writeFile(path, formatNdjson(rows))
	await importSubreddits({ file: path }, effects)
	const options = { ...SNAPSHOT_OPTIONS, validationShare: 0.25 }
	const { snapshot } = await makeSnapshot(options, effects)
	const training = await recordModel('train', null, snapshot.hash, TOPICS, effects)
	const candidate = await recordModel('quantize', training, snapshot.hash, TOPICS, effects)
	const adjusting = await adjustModel(candidate, effects)
	expect(adjusting.metrics['prior.beta']).toBeGreaterThan(0)
	const { manifest } = await publish({ why: '', dryRun: false }, effects)
	expect(manifest.prior?.beta).toBe(adjusting.metrics['prior.beta'])
	expect(manifest.metrics['recall@5.weighted']).toBeGreaterThan(0.8)

	const { model } = await openRelease(effects, manifest.version)
	const engine = await loadEngine(model)
	const { calibration, prior } = manifest
	if (!prior) throw new Error('no prior')
	const weights = new PriorIndex(prior, engine.labels()).weightsFor(100)
	const weightOf = (label: string) => weights.get(label) ?? 0
	const heaviest = engine.labels().toSorted((a, b) => weightOf(b) - weightOf(a))[0]
	expect(heaviest).toBe(rows.at(-1)?.display_name)
	// One word of each of two topics: the model alone is torn between them.
	const [small = '', large = ''] = [rows[0], rows.at(-1)].map((row) => row?.display_name)
	const title = `${TOPICS[small]?.[0]} ${TOPICS[large]?.[0]}`
	const scoreOf = (suggester: Suggester, name: string) =>
		suggester.suggest(title).suggestions.find(({ subreddit }) => subreddit === name)?.score ?? 0
	const [plain, weighed] = [new Suggester(engine, { calibration }), new Suggester(engine, manifest)]
	expect(scoreOf(weighed, large) / scoreOf(weighed, small)).toBeGreaterThan(
		(1.5 * scoreOf(plain, large)) / scoreOf(plain, small),
	)
	const again = await runEvaluation({ release: manifest.version }, effects)
	const said = formatPrior(prior)
	expect(formatText(evaluationSections(again))).toContain(said)
	const names = { a: manifest.version, b: manifest.version }
	const { comparison } = await recordComparison(names, effects)
	const compared = formatText(comparisonSections(comparison))
	expect(compared.split(said)).toHaveLength(3)
	expect(again.report.metrics).toEqual(expect.objectContaining({ posts: manifest.metrics.posts }))
	expect(again.report.metrics['recall@5.weighted']).toBe(manifest.metrics['recall@5.weighted'])
})
