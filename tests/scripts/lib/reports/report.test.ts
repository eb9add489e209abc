import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { MAX_COMMENT_CHARACTERS } from '../../../../scripts/lib/reports/document.ts'
import { renderHtml } from '../../../../scripts/lib/reports/html.ts'
import { formatMarkdown } from '../../../../scripts/lib/reports/report.ts'
import { main } from '../../../../scripts/main.ts'
import { compareReports, readComparison } from '../../../../src/charts/comparison-figures.ts'
import type { ReportData } from '../../../../src/charts/report/report-data.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'
import {
	figuresOf,
	makeComparisonReport,
	makeDriftReport,
	makeEvaluationReport,
	makeManySubreddits,
	makeReportWithSplits,
	makeUseReport,
} from '../../../fixtures/reports.ts'

const made = '2013-07-02T00:00:00.000Z'

describe('the HTML file', () => {
	let html = ''
	beforeAll(async () => {
		const subreddits = makeManySubreddits(15_000)
		const report = makeEvaluationReport({ subreddits })
		const data = { kind: 'evaluation', heading: '<b>', name: 'release', made, report } as const
		html = await renderHtml(data)
	}, 120_000)

	it('stays below 2 MB with as many subreddits as a release has', () => {
		expect(Buffer.byteLength(html)).toBeLessThan(2_000_000)
	})

	it('can be read without scripts: findings, numbers, each subreddit', () => {
		const body = html.slice(html.indexOf('<body>'), html.indexOf('<script'))
		expect(body).toContain('The model is sure of 25.0% of titles')
		expect(body).toContain('the first 5,000 of 15,000')
		expect(body.match(/sub_\d+</g)?.length).toBeGreaterThanOrEqual(5_000)
	})

	it('allows its own program and its own styles, and nothing else', () => {
		const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? ''
		const script = /<script type="module">(.*)<\/script>/s.exec(html)?.[1] ?? ''
		const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? ''
		const digest = (text: string) => createHash('sha256').update(text).digest('base64')
		expect(policy.split('; ')).toEqual([
			"default-src 'none'",
			`script-src 'sha256-${digest(script)}'`,
			`style-src 'sha256-${digest(style)}'`,
			"base-uri 'none'",
			"form-action 'none'",
		])
	})

	it('has no style attribute, which its policy forbids, and escapes what it is named', () => {
		expect(html).not.toMatch(/<[^>]* style="/)
		expect(html).toContain('<title>&lt;b> · whichsub</title>')
		const data = JSON.parse(figuresOf(html)) as ReportData
		expect(data.heading).toBe('<b>')
	})

	it('names no address to fetch from', () => {
		const outside = html.match(/(?:src|href)="[^"]*"|url\([^)]*\)|@import[^;]*/g)
		expect(outside).toBeNull()
	})
})

describe('each chart', () => {
	const report = makeReportWithSplits()
	const [a, b] = ['20130601.0', '20130701.0']
	const other = makeEvaluationReport({ testFrom: '2013-05-01T00:00:00Z' })
	const unpaired = compareReports({ name: `release ${a}`, report: other }, { name: 'b', report })
	const drift = makeDriftReport(a)
	const drawn = { ...drift, current: { ...drift.current, total: 50_000 } }
	const head = { heading: 'of a test', made }

	it.each<ReportData>([
		{ kind: 'evaluation', ...head, name: 'release', report },
		{ kind: 'comparison', ...head, figures: readComparison(makeComparisonReport(a, b)) },
		{ kind: 'comparison', ...head, figures: unpaired },
		{ kind: 'drift', ...head, report: drawn },
		{ kind: 'use', ...head, report: makeUseReport() },
	])(
		'of $kind says how many it rests on, in its note or beside each row',
		async (data) => {
			const [body = ''] = (await renderHtml(data)).split('<script')
			const html = body.replaceAll(/<!--.*?-->/gs, '')
			const figures = [...html.matchAll(/<figure.*?<h3[^>]*>(.*?)<\/h3>(.*?)<\/figure>/gs)]
			expect(figures.length).toBeGreaterThan(2)
			const n = /n = [\d,]+/
			const silent = figures.filter(([, , chart = '']) => {
				const [note = ''] = /<p[^>]*>.*?<\/p>/s.exec(chart) ?? []
				const [wide = ''] = /<svg[^>]*class="wide.*?<\/svg>/s.exec(chart) ?? []
				const drawnTexts = [...wide.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text]) => text)
				return !n.test(`${note} ${drawnTexts.join(' ')}`)
			})
			expect(silent.map(([, finding]) => finding)).toEqual([])
		},
		120_000,
	)
})

describe('the summary in Markdown', () => {
	const report = makeEvaluationReport()
	const figures = compareReports({ name: 'execution #12', report }, { name: 'b', report })
	const comparison = { kind: 'comparison', heading: 'A → B', made, figures } as const

	it('refers to no issue where it names an execution, and lets no name change its form', () => {
		const text = formatMarkdown({
			...comparison,
			heading: '<img src=x> | #3 *bold* [link](x)',
		})
		expect(text).not.toMatch(/#\d/)
		expect(text).toContain('## &lt;img src=x> \\| #<!-- -->3 \\*bold\\* \\[link\\](x)')
	})

	it('is never longer than a comment may be', () => {
		const groups = Array.from({ length: 2_000 }, (_, index) => ({
			name: `group ${index}`,
			labels: [],
			posts: 100,
			a: { value: 0.5, low: 0.4, high: 0.6 },
			b: { value: 0.5, low: 0.4, high: 0.6 },
			change: { difference: 0, low: -0.1, high: 0.1 },
		}))
		const text = formatMarkdown({ ...comparison, figures: { ...figures, groups } })
		expect(text.length).toBeLessThanOrEqual(MAX_COMMENT_CHARACTERS)
		expect(text).toContain('The rest is left out')
	})
})

describe('whichsub report', () => {
	const run = async (...args: string[]) => {
		const effects = await testEffects()
		const code = await main(args, effects)
		return { code, ...effects.said, effects }
	}

	it('writes the file that --out names, and prints the summary with --markdown', async () => {
		const folder = await temporaryFolder()
		const figures = join(folder, 'evaluation.json')
		await writeFile(figures, JSON.stringify(makeEvaluationReport()))
		const out = join(folder, 'report.html')
		const args = ['report', '20130701.0', '--figures', figures, '--out', out, '--markdown']
		const { code, out: said } = await run(...args)
		expect(code).toBe(0)
		expect(said.join('\n')).toContain('## 20130701.0')
		expect(await readFile(out, 'utf8')).toMatch(/^<!doctype html>/)
	}, 120_000)

	it('says where the file lies where there is no screen to open it on', async () => {
		const folder = await temporaryFolder()
		const figures = join(folder, 'evaluation.json')
		await writeFile(figures, JSON.stringify(makeEvaluationReport()))
		const { out: said, effects } = await run('report', 'staging', '--figures', figures)
		expect(said).toEqual([`the report is in ${join(effects.dataDir, 'reports', 'staging.html')}`])
	}, 120_000)

	it.each([
		['20130701.0', /no release 20130701\.0/],
		['#7', /execution #7/],
		['a..b..c', /report: a\.\.b\.\.c; name a release/],
	])('says what is missing for %s', async (subject, message) => {
		const { code, err } = await run('report', subject)
		expect(code).toBe(1)
		expect(err.join('\n')).toMatch(message)
	})
})
