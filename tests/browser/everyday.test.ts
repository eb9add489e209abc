// What people do with any page: select and copy, print, zoom, share, go back; and what a browser keeps for them.
import { makeEvaluationReport, makeSubreddits } from '../fixtures/reports.ts'
import {
	ask,
	comeBackToTab,
	expect,
	expectPicks,
	expectRelease,
	mark,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, SECOND, type Site } from './site.ts'

/** A second release, whose report has these subreddits. */
async function publishSubreddits(site: Site, names: readonly string[]): Promise<void> {
	const report = makeEvaluationReport({ subreddits: makeSubreddits(0.05, names) })
	await site.publish({ version: SECOND, report: JSON.stringify(report) })
	await site.setChannels({ production: FIRST, staging: SECOND })
}

test('lets a name be selected and copied, and takes that for no pick', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	const name = await suggestions(page).first().locator('.name b').boundingBox()
	if (!name) throw new Error('the row has no name')
	const middle = name.y + name.height / 2
	await page.mouse.move(name.x + 1, middle)
	await page.mouse.down()
	await page.mouse.move(name.x + name.width + 1, middle, { steps: 8 })
	await page.mouse.up()
	expect(await page.evaluate(() => String(getSelection()).trim())).toContain('r/astronomy')
	await suggestions(page).nth(1).locator('.name b').dblclick()
	await expectPicks(page, 0)
})

test('names no word as unknown that was only cut off', async ({ page, site }) => {
	await page.goto(site.url)
	const beginning = 'telescope '.repeat(29)
	await ask(page, `${beginning}and qwxyzloaves`, 'astronomy')
	await expect(page.getByText("Doesn't know")).toContainText('and')
	await expect(page.getByText("Doesn't know")).not.toContainText('qwx')
})

test('reads a title from right to left where its script is', async ({ page, site }) => {
	await page.goto(site.url)
	await titleBox(page).fill('تلسكوب telescope')
	await expect(titleBox(page)).toHaveCSS('direction', 'rtl')
})

test('prints the suggestions with how sure they are, and nothing to press', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.emulateMedia({ media: 'print' })
	const row = suggestions(page).first()
	await expect(row.locator('.sure span').first()).toHaveText(/^\d+%$/)
	await expect(row.locator('.sure span').first()).toBeVisible()
	for (const control of ['.post', '.mark', '.name a'])
		await expect(row.locator(control)).toBeHidden()
	await expect(page.getByRole('contentinfo')).toBeHidden()
})

test('shows a long title whole in a browser that sizes no box by itself', async ({
	page,
	site,
}) => {
	await page.addInitScript(() => {
		const native = CSS.supports.bind(CSS)
		CSS.supports = (...given: string[]) =>
			given[0] !== 'field-sizing' && native(...(given as [string]))
	})
	await page.setViewportSize({ width: 360, height: 740 })
	await page.goto(site.url)
	await titleBox(page).evaluate((box) =>
		box.style.setProperty('field-sizing', 'fixed', 'important'),
	)
	for (const title of ['telescope', 'My telescope is broken, '.repeat(11), 'telescope']) {
		await titleBox(page).fill(title)
		const [whole, shown] = await titleBox(page).evaluate((box) => [
			box.scrollHeight,
			box.clientHeight,
		])
		expect(whole).toBeLessThanOrEqual(shown ?? 0)
	}
})

test('has something to show where a link to it is shared', async ({ page, site }) => {
	await page.goto(site.url)
	for (const name of ['title', 'description', 'type'])
		await expect(page.locator(`meta[property="og:${name}"]`)).toHaveAttribute('content', /.{3}/)
	// A preview's picture must have a whole address: none where the build is not told it.
	await expect(page.locator('meta[property="og:image"]')).toHaveCount(0)
})

test('asks the browser to keep its storage after the first pick and when it is installed, not before', async ({
	page,
	site,
}) => {
	await page.addInitScript(() => {
		const asked: string[] = []
		Object.assign(globalThis, { asked })
		navigator.storage.persist = async () => {
			asked.push('persist')
			return true
		}
	})
	const asked = () =>
		page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked.length)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	expect(await asked()).toBe(0)
	await mark(page)
	await expectPicks(page, 1)
	expect(await asked()).toBe(1)
	await mark(page, 2)
	await expect(suggestions(page).nth(1)).toHaveClass(/picked/)
	expect(await asked()).toBe(1)
	await page.reload()
	expect(await asked()).toBe(0)
	await page.evaluate(() => dispatchEvent(new Event('appinstalled')))
	expect(await asked()).toBe(1)
})

test('keeps the focus in the page when a button goes away with its notice', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await expectRelease(page, FIRST, 'production')
	site.answerModels((response) => response.writeHead(200).end('damaged'))
	await site.publish({ version: SECOND })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	const again = page.getByRole('button', { name: 'Try now' })
	await expect(again).toBeVisible()
	await again.click()
	await expect(titleBox(page)).toBeFocused()
	await page.getByRole('link', { name: 'About' }).click()
	await again.click()
	await expect(page.getByRole('heading', { name: 'About' })).toBeFocused()
})

test('takes who chooses a release to its figures, and back to where it was chosen', async ({
	page,
	site,
}) => {
	await publishSubreddits(site, ['cats'])
	await page.setViewportSize({ width: 390, height: 700 })
	await page.goto(`${site.url}#/releases`)
	const link = page.getByRole('row', { name: SECOND }).getByRole('link')
	await link.scrollIntoViewIfNeeded()
	const before = await page.evaluate(() => scrollY)
	await link.click()
	const heading = page.getByRole('heading', { name: `Release ${SECOND}` })
	await expect(heading).toBeFocused()
	await expect(heading).toBeInViewport()
	expect((await heading.boundingBox())?.y).toBeLessThan(60)
	await page.goBack()
	await expect.poll(() => page.evaluate(() => scrollY)).toBe(before)
	await expect(link).toBeInViewport()
})

test('opens a link to one release at its figures, below the list of all', async ({
	page,
	site,
}) => {
	await publishSubreddits(site, ['cats'])
	await page.setViewportSize({ width: 390, height: 700 })
	await page.goto(`${site.url}#/releases/${FIRST}`)
	const heading = page.getByRole('heading', { name: `Release ${FIRST}` })
	await expect(page.getByRole('row', { name: SECOND })).toBeAttached()
	await expect(heading).toBeFocused()
	await expect(heading).toBeInViewport()
	await expect.poll(async () => (await heading.boundingBox())?.y).toBeLessThan(60)
})

test('shows names of subreddits whole at 400 %', async ({ page, site }) => {
	// As long as Reddit lets a name be.
	await publishSubreddits(site, ['ThingsThatBlowUpOften', 'WomenWhoMakeMemesOnly'])
	// 1,280 pixels wide at 400 %.
	await page.setViewportSize({ width: 320, height: 256 })
	await page.goto(`${site.url}#/releases/${SECOND}`)
	const cells = page.locator('#subreddits tbody tr:not(.gap) td:first-child')
	await expect(cells.first()).toBeVisible()
	const cut = await cells.evaluateAll((all) =>
		all
			.filter((cell) => cell.scrollWidth > cell.clientWidth || cell.scrollHeight > 34)
			.map((cell) => `${cell.textContent} ${cell.scrollWidth}×${cell.scrollHeight}`),
	)
	expect(cut).toEqual([])
})
