// Picks: stored at once, whole, in this browser only; out as a file, away on request.
import type { Page } from '@playwright/test'
import {
	ask,
	expect,
	expectKept,
	expectPicks,
	exportPicks,
	mark,
	postLink,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST } from './site.ts'

test.beforeEach(async ({ page, site }) => {
	await page.goto(site.url)
})

/** Follows a link to Reddit's form: it opens a tab of its own. @returns the address that the tab was to open */
async function post(page: Page, rank: number): Promise<string> {
	await page.context().route('https://www.reddit.com/**', (route) => route.fulfill({ body: '' }))
	const opening = page.context().waitForEvent('page')
	await postLink(suggestions(page).nth(rank - 1)).click()
	const tab = await opening
	await tab.waitForURL(/reddit/)
	const address = tab.url()
	await tab.close()
	return address
}

test('keeps a pick with all that was shown, from the moment of the click', async ({ page }) => {
	await ask(page, 'Telescope & kitten, kitten', 'cats')
	await mark(page)
	await expectPicks(page, 1)
	await page.reload()
	await expectPicks(page, 1)
	const [pick, ...others] = await exportPicks(page)
	expect(others).toEqual([])
	expect(pick).toMatchObject({
		schema: 1,
		title: 'Telescope & kitten, kitten',
		pick: { how: 'suggestion', rank: 1, subreddit: 'cats' },
		release: FIRST,
		channel: 'production',
		app: expect.stringMatching(/^\d+\.\d+\.\d+/),
	})
	expect(pick?.suggestions).toHaveLength(5)
	expect(pick?.suggestions[0]?.subreddit).toBe('cats')
})

test('exports picks of several titles, oldest first', async ({ page }) => {
	for (const [title, subreddit] of [
		['telescope', 'astronomy'],
		['kitten', 'cats'],
		['kernel', 'linux'],
	] as const) {
		await ask(page, title, subreddit)
		await mark(page)
		await expect(page.getByText(`Kept: r/${subreddit}`)).toBeVisible()
	}
	await expectPicks(page, 3)
	expect((await exportPicks(page)).map(({ title }) => title)).toEqual([
		'telescope',
		'kitten',
		'kernel',
	])
})

test('leads to the form of Reddit with the title in it, and takes that for the pick', async ({
	page,
}) => {
	await ask(page, 'Telescope & 100% "moon"?', 'astronomy')
	await expect(postLink(suggestions(page).first())).toHaveAttribute('rel', 'noopener noreferrer')
	expect(await post(page, 1)).toBe(
		'https://www.reddit.com/r/astronomy/submit?title=Telescope%20%26%20100%25%20%22moon%22%3F',
	)
	await expectPicks(page, 1)
	expect(await exportPicks(page)).toMatchObject([
		{ pick: { how: 'suggestion', rank: 1, subreddit: 'astronomy' } },
	])
})

test('says once that posting counts as the pick, and takes it back', async ({ page }) => {
	const told = suggestions(page).getByText('Posting counts as your pick, kept in this browser.')
	await ask(page, 'telescope', 'astronomy')
	await post(page, 1)
	await expect(told).toBeVisible()
	await suggestions(page).getByRole('button', { name: 'Take back' }).click()
	await expectPicks(page, 0)
	await ask(page, 'kitten', 'cats')
	await post(page, 1)
	await expectKept(page, 'r/cats')
	await expect(told).toBeHidden()
	await page.reload()
	await ask(page, 'kernel', 'linux')
	await post(page, 1)
	await expectKept(page, 'r/linux')
	await expect(told).toBeHidden()
})

test('takes the same pick for the same title once', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	await post(page, 1)
	await post(page, 1)
	await expectPicks(page, 1)
	expect(await exportPicks(page)).toHaveLength(1)
})

test('marks by a button that says whether it is pressed, and unmarks by it', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	const button = page.getByRole('button', { name: 'r/astronomy is the right one' })
	await expect(button).toHaveAttribute('aria-pressed', 'false')
	await button.click()
	await expect(button).toHaveAttribute('aria-pressed', 'true')
	await expectPicks(page, 1)
	await button.click()
	await expect(button).toHaveAttribute('aria-pressed', 'false')
	await expectPicks(page, 0)
})

test('takes no pick from who only selects a name, or reads a subreddit', async ({ page }) => {
	await page.context().route('https://www.reddit.com/**', (route) => route.fulfill({ body: '' }))
	await ask(page, 'telescope', 'astronomy')
	const name = suggestions(page).first().getByText('r/astronomy', { exact: true })
	await name.dblclick()
	const box = await name.boundingBox()
	if (!box) throw new Error('no name')
	await page.mouse.move(box.x + 1, box.y + box.height / 2)
	await page.mouse.down()
	await page.mouse.move(box.x + box.width, box.y + box.height / 2, { steps: 5 })
	await page.mouse.up()
	expect(await page.evaluate(() => String(getSelection()))).toContain('astronomy')
	const opening = page.context().waitForEvent('page')
	await page.getByRole('link', { name: 'Open r/astronomy on Reddit' }).click()
	await (await opening).close()
	await expectPicks(page, 0)
})

test('replaces the pick of who thinks again about the title', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectKept(page, 'r/astronomy')
	const [first] = await exportPicks(page)
	const second = (await suggestions(page).nth(1).locator('.name b').textContent()) ?? ''
	await mark(page, 2)
	await expectKept(page, second)
	const [changed, ...others] = await exportPicks(page)
	expect(others).toEqual([])
	expect(changed).toMatchObject({
		id: first?.id,
		pick: { how: 'suggestion', rank: 2, subreddit: second.slice('r/'.length) },
	})
	expect(Date.parse(changed?.time ?? '')).toBeGreaterThan(Date.parse(first?.time ?? ''))
	await page.getByRole('button', { name: 'None of these' }).click()
	await expect(page.getByText('Kept: None of these')).toBeVisible()
	// What follows stands where it was asked for, before what else there is.
	const tops = await Promise.all(
		['Your pick', 'Similar subreddits'].map((name) =>
			page
				.locator(`section[aria-label="${name}"], button:text-is("${name}")`)
				.first()
				.evaluate((element) => element.getBoundingClientRect().top),
		),
	)
	expect(tops[0]).toBeLessThan(tops[1] ?? 0)
	const [none] = await exportPicks(page)
	await page.getByLabel('The right subreddit').fill('gardening')
	await page.keyboard.press('Enter')
	await expectKept(page, 'r/gardening')
	const [named] = await exportPicks(page)
	expect([none?.id, none?.pick.how]).toEqual([first?.id, 'none'])
	expect([named?.id, named?.pick.how]).toEqual([first?.id, 'search'])
	expect(Date.parse(named?.time ?? '')).toBeGreaterThan(Date.parse(none?.time ?? ''))
	await expectPicks(page, 1)
})

test('takes a pick for a title anew after it was undone, and after another title', async ({
	page,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	const [undone] = await exportPicks(page)
	await page.getByRole('button', { name: 'Take back' }).click()
	await expectPicks(page, 0)
	await mark(page, 2)
	await expectPicks(page, 1)
	await ask(page, 'kitten', 'cats')
	await mark(page)
	await expectPicks(page, 2)
	expect((await exportPicks(page)).map(({ id }) => id)).not.toContain(undone?.id)
})

test('undoes the last pick', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	await page.getByRole('button', { name: 'Take back' }).click()
	await expectPicks(page, 0)
	await expect(page.getByText('Kept:')).toHaveCount(0)
	await expect(page.getByRole('button', { name: 'r/astronomy is the right one' })).toBeFocused()
})

test('brings back the pick of an earlier visit that was replaced before the page had read it', async ({
	page,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectKept(page, 'r/astronomy')
	await page.clock.install()
	// The page reads earlier picks once the typing has rested, which it never does while no time passes.
	await page.clock.pauseAt(Date.now() + 60_000)
	await page.reload()
	const rows = suggestions(page)
	await mark(page, 2)
	await expect(rows.nth(1)).toContainText('Your pick.')
	await rows.nth(1).getByRole('button', { name: 'Take back' }).click()
	await expect(rows.first()).toContainText('Your pick.')
	await expectPicks(page, 1)
	expect(await exportPicks(page)).toMatchObject([{ pick: { subreddit: 'astronomy' } }])
})

test('takes none of these at once, and the right one if it is named', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await expectPicks(page, 1)
	const name = page.getByLabel('The right subreddit')
	await expect(name).toBeFocused()
	await name.fill('r/GARD')
	await name.press('ArrowDown')
	await page.keyboard.press('Enter')
	await expectKept(page, 'r/gardening')
	await expectPicks(page, 1)
	const [pick] = await exportPicks(page)
	expect(pick?.pick).toEqual({ how: 'search', subreddit: 'gardening' })
})

test('takes a subreddit that the release does not know, as typed', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	const name = page.getByLabel('The right subreddit')
	await name.fill('<name>')
	await name.press('Enter')
	await expect(page.getByText('letters, digits and underscores only')).toBeVisible()
	await name.fill('/r/Origami_Cranes/')
	await name.press('Enter')
	await expectKept(page, 'r/Origami_Cranes')
	const [pick] = await exportPicks(page)
	expect(pick?.pick).toEqual({ how: 'typed', subreddit: 'Origami_Cranes' })
})

test('takes none of these without a name, and for a title that it does not know', async ({
	page,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await expectPicks(page, 1)
	await titleBox(page).fill('qwxyz')
	await expect(page.getByText('No idea')).toBeVisible()
	await page.getByRole('button', { name: 'I know where it belongs' }).click()
	await expect(page.getByText('Kept: Nothing was suggested')).toBeVisible()
	await expectPicks(page, 2)
	const picks = await exportPicks(page)
	expect(picks.map(({ pick, suggestions: shown }) => [pick.how, shown.length])).toEqual([
		['none', 5],
		['none', 0],
	])
})

test('deletes the feedback after asking, and nothing else', async ({ page, site }) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	await page.getByRole('link', { name: 'My picks' }).click()
	const remove = page.getByRole('button', { name: 'Delete all' })
	await remove.click()
	await expect(page.getByRole('dialog', { name: 'Delete 1 pick?' })).toBeVisible()
	await page.keyboard.press('Escape')
	await expectPicks(page, 1)
	await remove.click()
	await page.getByRole('button', { name: 'Keep' }).click()
	await expectPicks(page, 1)
	await remove.click()
	await page.getByRole('button', { name: 'Delete 1 pick' }).click()
	await expectPicks(page, 0)
	await expect(page.getByText('No picks yet')).toBeFocused()
	for (const button of [remove, page.getByRole('button', { name: 'Export' })])
		await expect(button).toBeHidden()
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectPicks(page, 0)
	expect(site.modelRequests).toHaveLength(1)
})

test('counts what another tab has picked', async ({ page, site, context }) => {
	await ask(page, 'telescope', 'astronomy')
	const other = await context.newPage()
	await other.goto(site.url)
	await ask(other, 'kitten', 'cats')
	await mark(other)
	await expectPicks(other, 1)
	await page.bringToFront()
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
	await expectPicks(page, 1)
})

test('has one pick for a title, whatever came between, and marks it on a later visit', async ({
	page,
	site,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectKept(page, 'r/astronomy')
	await ask(page, 'kitten', 'cats')
	await mark(page)
	await expectPicks(page, 2)
	await ask(page, 'telescope', 'astronomy')
	const other = (await suggestions(page).nth(2).locator('.name b').textContent()) ?? ''
	await mark(page, 3)
	await expectKept(page, other)
	await expectPicks(page, 2)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectKept(page, other)
	await expect(suggestions(page).nth(2)).toHaveClass(/picked/)
	await expect(titleBox(page)).toBeFocused()
	await mark(page)
	await expectKept(page, 'r/astronomy')
	await expectPicks(page, 2)
	await page.getByRole('button', { name: 'Take back' }).click()
	await expectPicks(page, 2)
	const picks = await exportPicks(page)
	expect(picks.map(({ title, pick }) => [title, 'subreddit' in pick && pick.subreddit])).toEqual([
		['kitten', 'cats'],
		['telescope', other.slice('r/'.length)],
	])
})

test('does not take the focus from a title whose pick was none', async ({ page, site }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await expectPicks(page, 1)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByLabel('The right subreddit')).toBeVisible()
	await expect(titleBox(page)).toBeFocused()
})

test('keeps the focus after a name was chosen', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	const name = page.getByLabel('The right subreddit')
	await name.fill('gardening')
	await name.press('ArrowDown')
	await page.keyboard.press('Enter')
	await expect(page.getByRole('link', { name: 'Post to r/gardening' })).toBeFocused()
})

test('takes a title with half a character: stored, confirmed, undone', async ({ page }) => {
	await ask(page, 'telescope \ud83d', 'astronomy')
	await mark(page)
	await expectKept(page, 'r/astronomy')
	await expect(postLink(suggestions(page).first())).toHaveAttribute(
		'href',
		/title=telescope%20%EF%BF%BD$/,
	)
	const [pick] = await exportPicks(page)
	expect(pick?.title).toBe('telescope \ufffd')
	await page.getByRole('button', { name: 'Take back' }).click()
	await expectPicks(page, 0)
})

test('keeps a pick that was made by a clock of another millennium', async ({ page, site }) => {
	await page.addInitScript(() => {
		Date.now = () => 317_000_000_000_000
	})
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	const [pick] = await exportPicks(page)
	// The day of the release that answered.
	expect(pick?.time).toBe('2013-06-01T00:00:00.000Z')
})
