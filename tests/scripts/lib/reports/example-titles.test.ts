import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectTitles } from '../../../../scripts/lib/reports/example-titles.ts'
import { report } from '../../../../scripts/lib/reports/report.ts'
import { main } from '../../../../scripts/main.ts'
import { formatNdjson } from '../../../fixtures/corpus.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'
import { useRelease } from '../../../fixtures/made-data.ts'
import { figuresOf, makeDriftReport } from '../../../fixtures/reports.ts'

const RELEASE = '20130705.0'
const BYTES = 1_000_000

const withRelease = useRelease()

async function writeDump(titles: readonly string[]): Promise<string> {
	const path = join(await temporaryFolder(), 'RS_2013-07.ndjson')
	const rows = titles.map((title, index) => ({
		id: `t${index}`,
		created_utc: Date.UTC(2013, 6, 1) / 1000 + index,
		subreddit: 'cats',
		title,
		score: 1,
		num_comments: 0,
		over_18: false,
	}))
	await writeFile(path, formatNdjson(rows))
	return path
}

describe('collectTitles', () => {
	it("draws a few of each subreddit from the model's own test posts, the same ones each time", async () => {
		const effects = await withRelease()
		const source = { models: [RELEASE], dumps: [], bytes: BYTES }
		const { source: name, subreddits } = await collectTitles(source, effects)
		expect(name).toMatch(/^test posts of snapshot [0-9a-f]{8}$/)
		expect(subreddits.length).toBeGreaterThan(2)
		for (const [, titles] of subreddits) {
			expect(titles.length).toBeGreaterThan(0)
			expect(titles.length).toBeLessThanOrEqual(3)
			for (const { text, p1, before } of titles) {
				expect(text).not.toBe('')
				expect(p1).toBeGreaterThanOrEqual(0)
				expect(p1).toBeLessThanOrEqual(1)
				expect(before).toBeUndefined()
			}
		}
		expect((await collectTitles(source, effects)).subreddits).toEqual(subreddits)
	})

	it('takes no more than fits, one of each subreddit before a second one', async () => {
		const effects = await withRelease()
		const all = await collectTitles({ models: [RELEASE], dumps: [], bytes: BYTES }, effects)
		const firsts = all.subreddits.map(([label, [first]]) => JSON.stringify([label, first]))
		const bytes = Buffer.byteLength(firsts.join(''))
		const { subreddits } = await collectTitles({ models: [RELEASE], dumps: [], bytes }, effects)
		expect(subreddits.map(([, titles]) => titles.length)).toEqual(firsts.map(() => 1))
		const none = await collectTitles({ models: [RELEASE], dumps: [], bytes: 10 }, effects)
		expect(none.subreddits).toEqual([])
	})

	it('says how to name dumps where the test posts are not here', async () => {
		const effects = await withRelease()
		const elsewhere = { ...effects, dataDir: await temporaryFolder() }
		await expect(
			collectTitles({ models: [RELEASE], dumps: [], bytes: BYTES }, elsewhere),
		).rejects.toThrow('titles: the test posts of 20130705.0 are not in')
	})

	it('asks both models of a comparison about the titles of dumps', async () => {
		const effects = await withRelease()
		const dump = await writeDump(['kitten', 'zzz unheard of'])
		const models = [RELEASE, RELEASE]
		const { source, subreddits } = await collectTitles(
			{ models, dumps: [dump], bytes: BYTES },
			effects,
		)
		expect(source).toBe('RS_2013-07.ndjson')
		expect(subreddits).toHaveLength(1)
		for (const title of subreddits[0]?.[1] ?? []) expect(title.before).toBe(title.first)
		expect(subreddits[0]?.[1].find(({ text }) => text === 'zzz unheard of')).toMatchObject({
			first: null,
			p1: 0,
		})
	})
})

describe('whichsub report --titles', () => {
	it('writes a file that says that it is not for publication, and only then holds titles', async () => {
		const effects = await withRelease()
		const [plain, local] = ['a.html', 'b.html'].map((name) => join(effects.dataDir, name))
		if (!plain || !local) throw new Error('no paths')
		expect(await main(['report', RELEASE, '--out', plain], effects)).toBe(0)
		expect(await main(['report', RELEASE, '--titles', '--out', local], effects)).toBe(0)
		const source = { models: [RELEASE], dumps: [], bytes: BYTES }
		const { subreddits } = await collectTitles(source, effects)
		const some = subreddits[0]?.[1][0]?.text ?? 'none'
		const [without, withTitles] = [await readFile(plain, 'utf8'), await readFile(local, 'utf8')]
		expect(without).not.toContain(some)
		expect(figuresOf(without)).not.toContain(some)
		expect(without).toContain("Figures only: no post's title is in this file.")
		expect(figuresOf(withTitles)).toContain(some)
		expect(withTitles).toContain('Not for publication')
		expect(withTitles).toContain('<meta name="robots" content="noindex">')
		expect(Buffer.byteLength(withTitles)).toBeLessThan(2_000_000)
	}, 120_000)

	it.each([['--publish'], ['--markdown']])(
		'is refused with %s, and nothing is written',
		async (...flags) => {
			const effects = await withRelease()
			const before = await readFile(join(effects.modelsDir, 'releases.json'), 'utf8')
			expect(await main(['report', RELEASE, ...flags, '--titles'], effects)).toBe(2)
			expect(await readFile(join(effects.modelsDir, 'releases.json'), 'utf8')).toBe(before)
			expect(effects.said.out).toEqual([])
		},
	)

	it('is refused by the function, too, whoever calls it, and in the folder of releases', async () => {
		const effects = await withRelease()
		const options = { subject: RELEASE, titles: [], markdown: false, publish: false }
		await expect(report({ ...options, publish: true }, effects)).rejects.toThrow(
			"titles: --publish puts figures beside the releases, and posts' titles are never published",
		)
		const out = join(effects.modelsDir, 'figures', 'report.html')
		await expect(report({ ...options, out }, effects)).rejects.toThrow('the folder of releases')
	})

	it('says where titles are where a report has none', async () => {
		const effects = await withRelease()
		const figures = join(effects.dataDir, 'drift.json')
		await writeFile(figures, JSON.stringify(makeDriftReport(RELEASE)))
		expect(await main(['report', 'drift', '--figures', figures, '--titles'], effects)).toBe(1)
		expect(effects.said.err.join('\n')).toContain('only the bars of an evaluation')
	}, 120_000)
})
