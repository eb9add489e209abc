// The file that `report` writes, opened in a browser from the disk: with scripts, without, printed.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test as base, expect, type Page } from '@playwright/test'
import { renderHtml } from '../../scripts/lib/reports/html.ts'
import { readComparison } from '../../src/charts/comparison-figures.ts'
import type { ReportData } from '../../src/charts/report/report-data.ts'
import {
	makeComparisonReport,
	makeDriftReport,
	makeEvaluationReport,
	makeManySubreddits,
	makeUseReport,
} from '../fixtures/reports.ts'
import { findBarriers } from './page-fixtures.ts'

const made = '2013-08-02T00:00:00Z'
const evaluation = makeEvaluationReport({
	subreddits: makeManySubreddits(2_500),
	// As long as Reddit lets a name be.
	confusions: [{ actual: 'ShittyTodayILearnedMe', predicted: 'WhereDoIStartPleaseMe', posts: 45 }],
})
const comparison = readComparison(makeComparisonReport('20130601.0', '20130701.0'))
const REPORTS: readonly ReportData[] = [
	{ kind: 'evaluation', heading: 'Release 20130601.0', made, name: 'release', report: evaluation },
	{ kind: 'comparison', heading: 'A → B', made, figures: comparison },
	{ kind: 'drift', heading: 'Drift', made, report: makeDriftReport('20130601.0') },
	{ kind: 'use', heading: 'Use', made, report: makeUseReport() },
]

const withTitles: ReportData = {
	kind: 'evaluation',
	heading: 'Release 20130601.0',
	made,
	name: 'release',
	report: makeEvaluationReport(),
	titles: {
		source: 'RS_2013-07.zst',
		subreddits: [
			['pics', [{ text: '<b>kitten</b>', first: 'cats', p1: 0.42 }]],
			['linux', [{ text: 'kernel', first: 'linux', p1: 0.9 }]],
		],
	},
}

/** Built once for all: each takes a part of a second, the program some. */
const test = base.extend<object, { files: Record<ReportData['kind'], string>; titled: string }>({
	titled: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
		async ({}, use) => {
			const dir = await mkdtemp(join(tmpdir(), 'whichsub-report-'))
			const path = join(dir, 'titled.html')
			await writeFile(path, await renderHtml(withTitles))
			await use(pathToFileURL(path).href)
			await rm(dir, { recursive: true })
		},
		{ scope: 'worker', timeout: 300_000 },
	],
	files: [
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
		async ({}, use) => {
			const dir = await mkdtemp(join(tmpdir(), 'whichsub-report-'))
			const files: Partial<Record<ReportData['kind'], string>> = {}
			for (const data of REPORTS) {
				const path = join(dir, `${data.kind}.html`)
				await writeFile(path, await renderHtml(data))
				files[data.kind] = pathToFileURL(path).href
			}
			await use(files as Record<ReportData['kind'], string>)
			await rm(dir, { recursive: true })
		},
		{ scope: 'worker', timeout: 300_000 },
	],
})

/** Opens it; whatever it asks for or complains about is kept. */
async function open(page: Page, url: string) {
	const requests: string[] = []
	const complaints: string[] = []
	page.on('request', (request) => requests.push(request.url()))
	page.on('pageerror', (error) => complaints.push(error.message))
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
	})
	await page.goto(url)
	return { requests, complaints }
}

for (const kind of ['evaluation', 'comparison', 'drift', 'use'] as const) {
	test(`${kind}: comes to life, asks nobody for anything, has no barrier`, async ({
		page,
		files,
	}) => {
		const { requests, complaints } = await open(page, files[kind])
		await page.locator('figure').first().getByText('The numbers').click()
		await expect(page.getByRole('button', { name: 'SVG' }).first()).toBeVisible()
		expect(await findBarriers(page)).toEqual([])
		expect(requests).toEqual([files[kind]])
		expect(complaints).toEqual([])
	})
}

test('comparison: one name for both breaks nothing', async ({ page }, testInfo) => {
	const { name } = comparison.a
	const warnings = [`${name} may have seen some`, `${name} may have seen some`]
	const figures = {
		...comparison,
		b: { ...comparison.b, name },
		came: ['cats'],
		went: ['pics'],
		churn: [...comparison.churn, ...comparison.churn],
		warnings,
	}
	const path = testInfo.outputPath('one-name.html')
	await mkdir(dirname(path), { recursive: true })
	await writeFile(path, await renderHtml({ kind: 'comparison', heading: 'A', made, figures }))
	const { complaints } = await open(page, pathToFileURL(path).href)
	await page.locator('figure').first().getByText('The numbers').click()
	await expect(page.getByRole('button', { name: 'SVG' }).first()).toBeVisible()
	await expect(page.getByText(`By ${name} only: 1`, { exact: true })).toHaveCount(2)
	expect(complaints).toEqual([])
})

test.describe('without scripts', () => {
	test.use({ javaScriptEnabled: false })

	test('has every finding, every mark and every subreddit', async ({ page, files }) => {
		await page.goto(files.evaluation)
		await expect(page.getByRole('figure', { name: /^The model is sure of 25\.0%/ })).toBeVisible()
		expect(await page.locator('#p1-finding').count()).toBe(1)
		expect(await page.locator('svg.wide .bar').count()).toBeGreaterThanOrEqual(20)
		await expect(page.getByRole('cell', { name: 'sub_0000' })).toBeAttached()
		expect(await page.locator('#subreddits tbody tr').count()).toBe(2_500)
		await expect(page.getByRole('button')).toHaveCount(0)
	})

	test('shows the drawing that fits', async ({ page, files }) => {
		await page.goto(files.drift)
		await expect(page.locator('svg.wide').first()).toBeVisible()
		await page.setViewportSize({ width: 360, height: 800 })
		await expect(page.locator('svg.wide').first()).toBeHidden()
		await expect(page.locator('svg.narrow').first()).toBeVisible()
	})
})

test('use: the marks carry the numbers of the picks', async ({ page, files }) => {
	await page.goto(files.use)
	const read = (finding: RegExp, name: string) =>
		page
			.getByRole('figure', { name: finding })
			.locator(`svg:visible [data-${name}]`)
			.evaluateAll(
				(marks, attribute) => marks.map((mark) => Number(mark.getAttribute(attribute))),
				`data-${name}`,
			)
	expect(await read(/^40\.0% of all picks take the first/, 'value')).toEqual([
		...[0.4, 0.15, 0.075, 0.05, 0.025],
	])
	expect(await read(/^One of the five was taken for/, 'value')).toEqual([0.7, 0.7])
	expect(await read(/^On people's titles release/, 'share')).toHaveLength(20)
})

test('no name of a row is cut, and none leaves its picture', async ({ page, files }) => {
	for (const width of [1280, 360]) {
		await page.setViewportSize({ width, height: 900 })
		for (const kind of ['evaluation', 'comparison', 'use'] as const) {
			await page.goto(files[kind])
			const outside = await page.locator('figure svg text:visible').evaluateAll((texts) =>
				texts
					.filter((text) => {
						const [own, picture] = [text, text.closest('svg') ?? text].map((element) =>
							element.getBoundingClientRect(),
						)
						return own && picture && (own.left < picture.left - 8 || own.right > picture.right + 12)
					})
					.map(({ textContent }) => textContent),
			)
			expect(outside).toEqual([])
			await expect(page.locator('figure svg text').filter({ hasText: '…' })).toHaveCount(0)
		}
	}
})

test('a bar leads to its subreddits', async ({ page, files }) => {
	await page.goto(files.comparison)
	const changes = page.getByRole('figure', { name: /of subreddits changed their f1/ })
	await changes
		.locator('svg:visible')
		.getByRole('button', { name: /^\+0\.275 to \+0\.325/ })
		.click()
	await expect(page.getByText('1 of 5 subreddits')).toBeVisible()
	await expect(page.locator('#subreddits tbody tr')).toHaveCount(1)
	await expect(page.locator('#subreddits tbody tr')).toContainText('cats')
})

test('a bar and a name lead to titles, where the file holds some', async ({ page, titled }) => {
	const { complaints } = await open(page, titled)
	await expect(page.getByText('Not for publication:', { exact: true })).toBeVisible()
	const titles = page.getByRole('region', { name: /^Titles: / })
	await expect(titles).toHaveCount(0)
	const f1 = page.getByRole('figure', { name: /^Half of/ }).locator('svg:visible')
	await f1.getByRole('button', { name: /^0\.10 to 0\.15: 1 subreddits/ }).click()
	await expect(titles).toContainText('<b>kitten</b>')
	await expect(titles).toContainText('r/pics; r/cats first, p@1 42.0%')
	await page.getByRole('button', { name: 'f1 from 0.10 to 0.15 ×' }).click()
	await expect(titles).toHaveCount(0)
	await page.getByRole('button', { name: 'linux', exact: true }).click()
	await expect(titles.getByRole('listitem')).toHaveText([/kernel.*r\/linux; the right one first/])
	const p1 = page.getByRole('figure', { name: /^The model is sure/ }).locator('svg:visible')
	await p1.getByRole('button', { name: /^40% to 45%/ }).click()
	await expect(titles.getByRole('listitem')).toHaveText([/kitten/])
	await p1.getByRole('button', { name: /^95% to 100%/ }).click()
	await expect(titles).toContainText('None of the example titles is behind this.')
	expect(await findBarriers(page)).toEqual([])
	expect(complaints).toEqual([])
})

test('tells the numbers of the mark under the pointer', async ({ page, files }) => {
	await page.goto(files.use)
	const ranks = page.getByRole('figure', { name: /^40\.0% of all picks/ })
	await ranks.locator('svg:visible [data-value]').first().hover()
	await expect(page.locator('.pointed')).toContainText('rank 1: 40.0% (35.3% to 44.9%)')
})

test('scrolls thousands of subreddits at 60 frames a second: little work for each', async ({
	page,
	files,
}) => {
	await page.goto(files.evaluation)
	await expect(page.getByLabel('Find')).toBeVisible()
	const readWork = await watchWork(page)
	const before = await readWork()
	const { added, most } = await page
		.getByRole('region', { name: 'Each subreddit' })
		.evaluate(scrollThrough, { frames: 120, step: 100 })
	const work = ((await readWork()) - before) / 120
	// As many rows as came into sight: 100 pixels are 3.1 of them. Of 2,500, those around the box are there.
	expect(added).toBeLessThan(120 * 4)
	expect(most).toBeLessThan(60)
	// 4.5 ms where this was written, of the 16.7 that a frame has. The thread's own time: the machine may be loaded, and
	// several times slower.
	expect(work).toBeLessThan(40)
})

/** How long the page's main thread has worked, in ms. */
async function watchWork(page: Page): Promise<() => Promise<number>> {
	const session = await page.context().newCDPSession(page)
	await session.send('Performance.enable', { timeDomain: 'threadTicks' })
	return async () => {
		const { metrics } = await session.send('Performance.getMetrics')
		return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
	}
}

/** Runs in the page. @returns the rows that were made, and the most that were there at once */
async function scrollThrough(
	box: Element,
	{ frames, step }: { readonly frames: number; readonly step: number },
): Promise<{ readonly added: number; readonly most: number }> {
	const rows = box.querySelector('tbody')
	if (!rows) throw new Error('no table')
	let [added, most] = [0, 0]
	const observer = new MutationObserver((changes) => {
		for (const { addedNodes } of changes)
			added += [...addedNodes].filter((node) => node.nodeName === 'TR').length
	})
	observer.observe(rows, { childList: true })
	for (let frame = 0; frame < frames; frame += 1) {
		box.scrollBy(0, step)
		await new Promise((done) => requestAnimationFrame(done))
		most = Math.max(most, rows.childElementCount)
	}
	return { added, most }
}

test('prints on a few pages, not one for each screenful of subreddits', async ({ page, files }) => {
	await page.goto(files.evaluation)
	await expect(page.getByLabel('Find')).toBeVisible()
	const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
	const pages = pdf.match(/\/Type\s*\/Page\b/g) ?? []
	expect(pages.length).toBeGreaterThan(2)
	expect(pages.length).toBeLessThan(10)
	await page.emulateMedia({ media: 'print' })
	await expect(page.getByText('Printed: the first 100 of 2,500.')).toBeVisible()
	await expect(page.getByLabel('Find')).toBeHidden()
})
