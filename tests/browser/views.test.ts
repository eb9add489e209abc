// The views beside the title box, each by its address: what they say, and the numbers of their marks.
import type { Locator, Page } from '@playwright/test'
import { publishFigures } from '../../scripts/lib/reports/publish-figures.ts'
import type { PublishedFigures } from '../../src/shared/published-figures.ts'
import { effectsIn } from '../fixtures/effects.ts'
import {
	makeComparisonReport,
	makeDriftReport,
	makeEvaluationReport,
	makeManySubreddits,
	makeReportWithSplits,
	toFirstSchema,
} from '../fixtures/reports.ts'
import { ask, expect, FAILED_REQUEST, findBarriers, test } from './page-fixtures.ts'
import { BELOW, FIRST, SECOND, type Site } from './site.ts'

const MANY = 2_500

/** A published release with a report as today's commands write it. */
async function publishSecond(site: Site): Promise<void> {
	const report = makeEvaluationReport({ subreddits: makeManySubreddits(MANY, 0.05) })
	await site.publish({ version: SECOND, report: JSON.stringify(report) })
	await site.setChannels({ production: SECOND })
}

function publish(
	site: Site,
	figures: Parameters<typeof publishFigures>[0],
): Promise<PublishedFigures> {
	return publishFigures(figures, effectsIn('', { modelsDir: site.modelsDir }))
}

/** A chart by what it says. */
function chart(page: Page, finding: string | RegExp): Locator {
	return page.getByRole('figure', { name: finding })
}

/** The numbers that a chart's visible marks carry. */
async function readMarks(figure: Locator, name: string): Promise<number[]> {
	const marks = figure.locator(`svg:visible [data-${name}]`)
	await expect(marks.first()).toBeAttached()
	return marks.evaluateAll(
		(elements, attribute) => elements.map((element) => Number(element.getAttribute(attribute))),
		`data-${name}`,
	)
}

test('shows the releases, and the evaluation of the one in production', async ({ page, site }) => {
	await publishSecond(site)
	await page.goto(`${site.url}#/releases`)
	await expect(page.getByRole('heading', { name: 'Releases', exact: true })).toBeFocused()
	await expect(page).toHaveTitle('Releases · whichsub')
	await expect(page.getByRole('row', { name: SECOND })).toContainText('production')
	const p1 = chart(page, 'The model is sure of 25.0% of titles (p@1 of 50% or more)')
	const shares = await readMarks(p1, 'share')
	expect(shares).toHaveLength(20)
	// Each bar holds five bins of 199, 197, … posts of 10,000.
	expect(shares.slice(0, 3)).toEqual([0.0975, 0.0925, 0.0875])
	const heights = await p1
		.locator('svg:visible .bar')
		.evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().height))
	expect((heights[2] ?? 0) / (heights[0] ?? 1)).toBeCloseTo(0.0875 / 0.0975, 2)
	const reliability = await readMarks(
		chart(page, /^What the model claims is off by 1\.2 points/),
		'value',
	)
	expect(reliability[0]).toBeCloseTo(0.0246, 2)
	expect(await readMarks(chart(page, /^Week by week/), 'value')).toHaveLength(8)
})

test('prints its charts with their bars, on a few pages, and nothing to press', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	await page.goto(`${site.url}#/releases`)
	const bars = chart(page, /^The model is sure/).locator('svg .bar:visible')
	await expect(bars).toHaveCount(20)
	await page.emulateMedia({ media: 'print' })
	await expect(bars).toHaveCount(20)
	for (const bar of await bars.all()) {
		// What SVG draws is printed where backgrounds are not.
		expect(await bar.evaluate((mark) => getComputedStyle(mark).fill)).toMatch(/^rgb\(/)
		expect((await bar.boundingBox())?.height).toBeGreaterThan(0)
	}
	for (const controls of [
		page.getByRole('navigation', { name: 'Model' }),
		page.getByRole('contentinfo'),
		page.getByLabel('Find'),
	])
		await expect(controls).toBeHidden()
	const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
	expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBeLessThanOrEqual(10)
})

test('explains its words where they first stand, and what matters comes first', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	await publish(site, { kind: 'comparison', report: makeComparisonReport(FIRST, SECOND) })
	await page.setViewportSize({ width: 360, height: 740 })
	await page.goto(`${site.url}#/compare/${FIRST}..${SECOND}`)
	await expect(page.getByText(`Release ${SECOND} is better than`)).toBeInViewport()
	await expect(page.getByText('posts whose subreddit is suggested first')).toBeVisible()
	await expect(page.getByText('A release must pass the gate')).toBeVisible()
	// A limit that is not kept is news; the others are there for who asks.
	await expect(page.getByRole('list', { name: 'Limits of the gate not kept' })).toBeVisible()
	const kept = page.getByRole('list', { name: 'Limits of the gate kept' })
	await expect(kept).toBeHidden()
	await page.getByText('1 limit kept').click()
	await expect(kept).toBeVisible()
	await page.goto(`${site.url}#/releases`)
	await expect(page.getByText(`Visitors get release ${SECOND}`)).toBeInViewport()
	await expect(page.getByText('how sure it is of its first suggestion, on average')).toBeVisible()
})

test('leads from a bar to its subreddits, by pointer and by keyboard', async ({ page, site }) => {
	await publishSecond(site)
	await page.goto(`${site.url}#/releases/${SECOND}`)
	const names = page.locator('#subreddits tbody tr:not(.gap) td:first-child')
	const listed = (count: string) => page.getByText(`${count} of 2,500 subreddits`)
	const marks = (finding: RegExp) => chart(page, finding).locator('svg:visible')
	// f1 rises in ten steps of 0.05, from 0.15 on: a tenth of the subreddits is in each bar.
	const bar = marks(/^Half of/).getByRole('button', { name: /^0\.25 to 0\.30: 250 subreddits/ })
	await bar.click()
	await expect(bar).toHaveAttribute('aria-pressed', 'true')
	await expect(listed('250')).toBeVisible()
	await expect(names.first()).toHaveText('sub_2496')
	await bar.click()
	await expect(page.getByText('2,500 subreddits', { exact: true })).toBeVisible()
	// p@1 is of titles: behind its bar are the subreddits that are suggested so surely on average.
	await marks(/^The model is sure/)
		.getByRole('button', { name: /^25% to 30%: / })
		.focus()
	await page.keyboard.press('Enter')
	await expect(listed('250')).toBeVisible()
	await expect(page.getByRole('button', { name: /^mean p@1 from 25% to 30%/ })).toBeVisible()
	// One stop for the tab key, the arrows walk from there.
	await expect(marks(/^The model is sure/).locator('[tabindex="0"]')).toHaveCount(1)
})

test('leads from a pair that is mistaken to both its subreddits', async ({ page, site }) => {
	await site.publish({ version: SECOND, report: JSON.stringify(makeEvaluationReport()) })
	await page.goto(`${site.url}#/releases/${SECOND}`)
	const pairs = chart(page, /^Most often, r\/cats/).locator('svg:visible')
	await pairs.getByRole('button', { name: /^cats → pics: 120 posts/ }).focus()
	await page.keyboard.press('ArrowDown')
	await page.keyboard.press('Enter')
	const names = page.locator('#subreddits tbody td:first-child')
	await expect(names).toHaveText(['askscience', 'linux'])
})

test('shows beside the figures those of the same recipe on a random split', async ({
	page,
	site,
}) => {
	await site.publish({ version: SECOND, report: JSON.stringify(makeReportWithSplits()) })
	await page.goto(`${site.url}#/releases/${SECOND}`)
	const splits = chart(page, /^Split at random, the same recipe would seem better than it is/)
	await expect(splits).toContainText('split by time: 10,000 posts of June 2013')
	expect(await readMarks(splits, 'value')).toEqual([0.5, 0.3, 0.25, 0.012])
	await splits.getByText('The numbers').click()
	const rows = splits.getByRole('row')
	await expect(rows.nth(0)).toContainText('split at random, 95% from')
	await expect(rows.nth(1)).toContainText('recall@555.0%54.0%56.0%50.0%49.0%51.0%')
	await expect(rows.nth(3)).toContainText('macro F10.300––0.250––')
})

test('shows of a first release what its report holds', async ({ page, site }) => {
	const report = toFirstSchema(makeEvaluationReport())
	await site.publish({ version: SECOND, report: JSON.stringify(report) })
	await site.setChannels({ production: FIRST })
	await page.goto(`${site.url}#/releases/${SECOND}`)
	await expect(
		chart(page, /^Half of the 5 subreddits with test posts have an f1 above 0\.30/),
	).toBeVisible()
	await expect(chart(page, /^The model is sure of/)).toHaveCount(0)
})

test('compares two releases by their reports, and lists the subreddits of a bar', async ({
	page,
	site,
}) => {
	await site.publish({
		version: '20130602.0',
		report: JSON.stringify(makeEvaluationReport({ subreddits: makeManySubreddits(MANY) })),
	})
	await publishSecond(site)
	await page.goto(`${site.url}#/compare/20130602.0..${SECOND}`)
	const changes = chart(page, '100.0% of subreddits changed their f1 by at most 0.20')
	const counts = await readMarks(changes, 'count')
	expect(counts.reduce((sum, count) => sum + count, 0)).toBe(MANY)
	const bar = changes.getByRole('button', { name: /^\+0\.025 to \+0\.075: 2,500 subreddits/ })
	await expect(page.getByText('2,500 subreddits', { exact: true })).toBeVisible()
	await bar.focus()
	await page.keyboard.press('ArrowRight')
	await page.keyboard.press('Enter')
	await expect(page.getByText('0 of 2,500 subreddits')).toBeVisible()
	await page.getByRole('button', { name: 'Change +0.075 to +0.125 ×' }).click()
	await expect(page.getByText('2,500 subreddits', { exact: true })).toBeVisible()
})

test('compares by what was measured on the same posts where that is published', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	await publish(site, { kind: 'comparison', report: makeComparisonReport(FIRST, SECOND) })
	await page.goto(`${site.url}#/compare/${FIRST}..${SECOND}`)
	await expect(page.getByText(`Release ${SECOND} is better than release ${FIRST}`)).toContainText(
		'+2.0 points, 95% from +1.5 points to +2.5 points',
	)
	await expect(page.getByText('The gate is shut: 1 of 2 limits not kept')).toBeVisible()
	const groups = chart(
		page,
		/^1 of 1 named group changed by more than chance; politics changed most/,
	)
	expect(await readMarks(groups, 'value')).toEqual([0.54])
	await groups
		.locator('svg:visible')
		.getByRole('button', { name: /^politics: / })
		.click()
	await expect(page.locator('#subreddits tbody td:first-child')).toHaveText(['politics'])
	await page.getByRole('combobox', { name: /^Before/ }).selectOption(SECOND)
	await expect(page).toHaveURL(new RegExp(`#/compare/${SECOND}\\.\\.${SECOND}$`))
	await expect(page.getByText('These are the same release.')).toBeVisible()
})

test('names a release worse in its headline where the gate is open, and says why that is allowed', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	const report = makeComparisonReport(FIRST, SECOND)
	const lower = { difference: -0.0004, low: -0.0006, high: -0.0002, p: 0.001 }
	const metrics = (recall: number) => ({ ...report.a.metrics, 'recall@5': recall })
	await publish(site, {
		kind: 'comparison',
		report: {
			...report,
			a: { ...report.a, metrics: metrics(0.5532) },
			b: { ...report.b, metrics: metrics(0.5528) },
			'recall@5': lower,
			verdict: 'worse',
			gate: {
				passed: true,
				rules: (report.gate?.rules ?? []).map((rule) => ({ ...rule, passed: true })),
			},
		},
	})
	await page.goto(`${site.url}#/compare/${FIRST}..${SECOND}`)
	await expect(page.getByText('The gate is open: 2 limits kept')).toBeVisible()
	await expect(page.getByText(`Release ${SECOND} is worse than release ${FIRST}`)).toContainText(
		'by less than the gate forbids: recall@5 55.32% → 55.28%',
	)
})

test('shows drift that is published, and says so where none is', async ({ page, site }) => {
	await page.goto(`${site.url}#/drift`)
	await expect(page.getByText('No drift has been published yet.')).toBeVisible()
	await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
	await page.reload()
	await expect(
		page.getByText(`New titles, July 2013: drifted from the posts that release ${FIRST}`),
	).toBeVisible()
	const estimate = chart(page, /^Judged by p@1 alone/)
	await expect(estimate).toContainText('so the estimate is too high by 0.5 points')
	expect(await readMarks(estimate, 'value')).toEqual([0.34, 0.325, 0.32])
	const windows = await readMarks(chart(page, /^From July 2013 to October 2013/), 'value')
	expect(windows.slice(0, 4).map((value) => value.toFixed(3))).toEqual([
		'0.320',
		'0.310',
		'0.300',
		'0.290',
	])
	const now = await readMarks(chart(page, /^p@1 hardly differs/), 'share')
	expect(now).toHaveLength(20)
})

test('says that another release is served than the one whose drift is shown', async ({
	page,
	site,
}) => {
	await site.setChannels({ production: FIRST })
	await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
	await page.goto(`${site.url}#/drift`)
	await expect(page.getByRole('figure').first()).toBeVisible()
	await expect(page.getByText('Production serves')).toHaveCount(0)
	await publishSecond(site)
	await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
	await page.reload()
	await expect(
		page.getByText(`Production serves release ${SECOND}, not release ${FIRST}`),
	).toBeVisible()
})

test('shows the drift of the release that is served first, and says where it is beside another', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	await publish(site, { kind: 'drift', report: makeDriftReport(SECOND) })
	await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
	await page.goto(`${site.url}#/drift`)
	await expect(
		page.getByText(`drifted from the posts that release ${SECOND} was tested on`),
	).toBeVisible()
	await expect(page.getByText('Production serves')).toHaveCount(0)
	await page.getByRole('link', { name: `release ${FIRST}` }).click()
	await expect(
		page.getByText(`drifted from the posts that release ${FIRST} was tested on`),
	).toBeVisible()
	await expect(page.getByText('its own drift is in the list.')).toBeVisible()
})

test('shows drift where what is served has a manifest that can not be had', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await publishSecond(site)
	await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
	await page.route(`**/${SECOND}/manifest.json`, (route) => route.fulfill({ status: 503 }))
	await page.goto(`${site.url}#/drift`)
	await expect(
		page.getByText(`drifted from the posts that release ${FIRST} was tested on`),
	).toBeVisible()
	await expect(
		page.getByText(`not release ${FIRST}: its own drift has not been published.`),
	).toBeVisible()
})

test('draws beside each other what was measured on posts of one time, and says how many', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	const earlier = { testFrom: '2013-05-01T00:00:00Z', testUntil: '2013-06-01T00:00:00Z' }
	await site.publish({ version: '20130501.0', metrics: earlier })
	await site.setChannels({ production: SECOND })
	await page.goto(`${site.url}#/releases`)
	const releases = chart(page, /^recall@5 went from .* over 2 releases \(June 2013\)$/)
	await expect(releases).toContainText('measured on posts of another time are in the table below')
	await expect(releases.locator('svg:visible [data-value]')).toHaveCount(2)
	await expect(page.getByRole('link', { name: '20130501.0' })).toBeVisible()
	await expect(
		releases
			.locator('svg:visible')
			.getByText(/, n = [\d,]+$/)
			.first(),
	).toBeVisible()
})

test('is lighter where only a title is asked, and downloads no model for a view', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	expect(site.requests.filter((path) => /\/views-/i.test(path))).toEqual([])
	site.requests.length = 0
	const other = await page.context().newPage()
	await other.goto(`${site.url}${BELOW.slice(1)}#/releases`)
	await expect(other.getByRole('row', { name: SECOND })).toBeVisible()
	expect(site.modelRequests).toEqual([])
	await other.getByRole('link', { name: 'whichsub' }).click()
	await ask(other, 'telescope', 'astronomy')
})

test('leaves no hole beside its charts on a wide screen', async ({ page, site }) => {
	await publishSecond(site)
	await publish(site, { kind: 'comparison', report: makeComparisonReport(FIRST, SECOND) })
	await publish(site, { kind: 'drift', report: makeDriftReport(SECOND) })
	await page.setViewportSize({ width: 1280, height: 720 })
	for (const view of ['releases', `compare/${FIRST}..${SECOND}`, 'drift']) {
		await page.goto(`${site.url}#/${view}`)
		await expect(page.getByRole('figure').first()).toBeVisible()
		await expect(page.getByText('Reading')).toHaveCount(0)
		for (const run of await readColumns(page)) {
			const where = `${view}: ${JSON.stringify(run)}`
			expect(run.columns, where).toHaveLength(2)
			// What is empty below one of them is less than a chart.
			const [one = 0, other = 0] = run.columns
			expect(Math.abs(one - other), where).toBeLessThan(run.lowestChart)
		}
	}
})

/** Of each run of charts in columns: where the columns end, and how high the lowest chart is. */
function readColumns(page: Page): Promise<{ columns: number[]; lowestChart: number }[]> {
	return page.locator('.charts').evaluateAll((all) =>
		all.flatMap((charts) => {
			const runs: Element[][] = [[]]
			for (const child of charts.children) {
				if (child.matches('.whole')) runs.push([])
				else if (child.clientHeight > 0) runs.at(-1)?.push(child)
			}
			return runs
				.filter((run) => run.length > 0)
				.map((run) => {
					const ends = new Map<number, number>()
					for (const child of run) {
						const { left, bottom } = child.getBoundingClientRect()
						ends.set(left, Math.max(bottom, ends.get(left) ?? bottom))
					}
					const charts = run.filter((child) => child.matches('figure'))
					return {
						columns: [...ends.values()],
						lowestChart: Math.min(...charts.map(({ clientHeight }) => clientHeight)),
					}
				})
		}),
	)
}

test('keeps the title while a view is open', async ({ page, site }) => {
	await publishSecond(site)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('link', { name: /^Model/ }).click()
	await expect(page.getByRole('row', { name: SECOND })).toBeVisible()
	await page.goBack()
	await expect(page.getByLabel('Title')).toHaveValue('telescope')
	await expect(page).toHaveTitle('whichsub: the subreddits that a title belongs to')
})

test('sorts and finds among thousands of subreddits, of which it draws those in sight', async ({
	page,
	site,
}) => {
	await publishSecond(site)
	await page.goto(`${site.url}#/releases/${SECOND}`)
	const table = page.getByRole('region', { name: 'Each subreddit' })
	const names = table.locator('tbody tr:not(.gap) td:first-child')
	await expect(names.first()).toHaveText('sub_2499')
	expect(await names.count()).toBeLessThan(60)
	await table.evaluate((box) => box.scrollTo(0, 32 * 1_200))
	await expect(names.filter({ hasText: 'sub_1299' })).toBeVisible()
	await table.getByRole('button', { name: 'subreddit' }).click()
	await expect(names.first()).toHaveText('sub_0000')
	await page.getByLabel('Find').fill('r/SUB_24')
	await expect(page.getByText('100 of 2,500 subreddits')).toBeVisible()
	await expect(names.first()).toHaveText('sub_2400')
})

test('gives a chart away as SVG and its numbers as CSV', async ({ page, site }) => {
	await publishSecond(site)
	await page.goto(`${site.url}#/releases/${SECOND}`)
	const weeks = chart(page, /^Week by week/)
	await weeks.getByText('The numbers').click()
	const [csv] = await Promise.all([
		page.waitForEvent('download'),
		weeks.getByRole('button', { name: 'CSV' }).click(),
	])
	expect(csv.suggestedFilename()).toBe('weeks.csv')
	const lines = (await readDownload(csv)).split('\r\n')
	expect(lines[0]).toBe('week from,series,share of posts,95% from,95% to,posts')
	expect(lines[1]).toBe('2013-06-01,recall@5,52.0%,50.0%,54.0%,2500')
	const [svg] = await Promise.all([
		page.waitForEvent('download'),
		weeks.getByRole('button', { name: 'SVG' }).click(),
	])
	const picture = await readDownload(svg)
	expect(picture).toContain('Week by week')
	expect(picture).not.toContain('var(--')
})

test('says what it could not read, and tries again', async ({ page, site, complaints }) => {
	complaints.expect(/^Failed to load resource/)
	await site.setChannels({ production: FIRST })
	await page.goto(`${site.url}#/releases/20130101.7`)
	await expect(page.getByRole('alert')).toContainText("This can't be shown")
})

/** WCAG 2.2, 1.4.11: what tells graphics apart. */
const LEAST_CONTRAST = 3

for (const colorScheme of ['light', 'dark'] as const) {
	test.describe(`in ${colorScheme} colours`, () => {
		test.use({ colorScheme, viewport: { width: 360, height: 900 } })

		test('has marks that stand out from the ground', async ({ page, site }) => {
			await publishSecond(site)
			await publish(site, { kind: 'comparison', report: makeComparisonReport(FIRST, SECOND) })
			await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
			for (const address of [`#/releases/${SECOND}`, `#/compare/${FIRST}..${SECOND}`, '#/drift']) {
				await page.goto(`${site.url}${address}`)
				await expect(page.getByRole('figure').nth(2)).toBeVisible()
				const found = await page.locator('figure').evaluateAll(measureContrasts)
				expect(found.length).toBeGreaterThan(4)
				expect(found.filter(({ contrast }) => contrast < LEAST_CONTRAST)).toEqual([])
			}
		})

		test('shades the edge of a table that goes on, until its end is there', async ({
			page,
			site,
		}) => {
			await publishSecond(site)
			await page.goto(`${site.url}#/releases/${SECOND}`)
			for (const name of ['All releases', 'Each subreddit']) {
				const table = page.getByRole('region', { name })
				await expect(table).toHaveAttribute('tabindex', '0')
				await table.scrollIntoViewIfNeeded()
				const edge = () => readLightness(page, table)
				const shaded = await edge()
				await table.evaluate((box) => box.scrollTo({ left: box.scrollWidth }))
				await expect.poll(async () => Math.abs((await edge()) - shaded)).toBeGreaterThan(25)
			}
		})
	})

	for (const width of [1280, 360])
		test.describe(`in ${colorScheme} colours on ${width} pixels`, () => {
			test.use({ colorScheme, viewport: { width, height: 900 } })

			test('has no barrier and does not scroll sideways', async ({ page, site }) => {
				await publishSecond(site)
				await publish(site, { kind: 'comparison', report: makeComparisonReport(FIRST, SECOND) })
				await publish(site, { kind: 'drift', report: makeDriftReport(FIRST) })
				const addresses = [`#/releases/${SECOND}`, `#/compare/${FIRST}..${SECOND}`, '#/drift']
				for (const address of addresses) {
					await page.goto(`${site.url}${address}`)
					await expect(page.getByRole('figure').nth(2)).toBeVisible()
					await page.getByText('The numbers').first().click()
					expect(await findBarriers(page)).toEqual([])
					const wide = await page.evaluate(() => document.documentElement.scrollWidth)
					expect(wide).toBeLessThanOrEqual(width)
				}
			})
		})
}

/** How each kind of mark stands out from the ground that it is drawn on; runs in the page. */
function measureContrasts(figures: Element[]): { mark: string; contrast: number }[] {
	type Colour = [red: number, green: number, blue: number, opacity: number]
	const read = (text: string): Colour => {
		const [red = 0, green = 0, blue = 0, opacity = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
		return [red, green, blue, opacity]
	}
	const luminance = (colour: readonly number[]) => {
		const [red = 0, green = 0, blue = 0] = colour.map((part) =>
			part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
		)
		return 0.2126 * red + 0.7152 * green + 0.0722 * blue
	}
	const paper = read(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3)
	const contrast = (paint: string, opacity: number) => {
		if (paint === 'none') return 1
		const [, , , own] = read(paint)
		const mixed = read(paint)
			.slice(0, 3)
			.map((part, at) => part * own * opacity + (paper[at] ?? 0) * (1 - own * opacity))
		const [dark = 0, light = 0] = [luminance(mixed), luminance(paper)].sort((a, b) => a - b)
		return (light + 0.05) / (dark + 0.05)
	}
	const marks = 'circle, path:not(.chance), .bar, .interval, .way, .ideal, .count'
	const found = figures.flatMap((figure) =>
		[...figure.querySelectorAll(`svg:is(${marks}), svg :is(${marks})`)].map((element) => {
			const style = getComputedStyle(element)
			return {
				mark: `${figure.querySelector('h3')?.id} ${element.getAttribute('class')}`,
				contrast: Math.max(
					contrast(style.fill, Number(style.fillOpacity)),
					contrast(style.stroke, Number(style.strokeOpacity)),
				),
			}
		}),
	)
	return [...new Map(found.map((one) => [one.mark, one])).values()]
}

/** Of the last column of pixels that a box shows, below its head. */
async function readLightness(page: Page, box: Locator): Promise<number> {
	const picture = (await box.screenshot()).toString('base64')
	return page.evaluate(async (data) => {
		const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
		const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
		const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
		if (!canvas) throw new Error('no canvas')
		canvas.drawImage(image, 0, 0)
		const { data: pixels } = canvas.getImageData(image.width - 1, 0, 1, image.height)
		const greens = [...pixels].filter((_, at) => at % 4 === 1).sort((a, b) => a - b)
		return greens[Math.floor(greens.length / 2)] ?? 0
	}, picture)
}

async function readDownload(download: { createReadStream(): Promise<NodeJS.ReadableStream> }) {
	let text = ''
	for await (const chunk of await download.createReadStream()) text += chunk
	return text
}
