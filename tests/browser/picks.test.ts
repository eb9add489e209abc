// Picks: stored at once, whole, in this browser only; out as a file, away on request.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import * as v from 'valibot'
import { Feedback } from '../../src/shared/feedback.ts'
import { ask, expect, suggestions, test, titleBox } from './page-fixtures.ts'
import { FIRST } from './site.ts'

test.beforeEach(async ({ page, site }) => {
	await page.goto(site.url)
})

async function expectCount(page: Page, text: string): Promise<void> {
	await expect(page.getByText(text, { exact: true })).toBeVisible()
}

/** Downloads the feedback; each line must be what the import takes. */
async function exportFeedback(page: Page): Promise<Feedback[]> {
	const download = page.waitForEvent('download')
	await page.getByRole('button', { name: 'Export feedback' }).click()
	const file = await download
	expect(file.suggestedFilename()).toMatch(/^whichsub-feedback-\d{4}-\d\d-\d\d\.jsonl$/)
	const text = await readFile(await file.path(), 'utf8')
	expect(text.endsWith('\n')).toBe(true)
	return text
		.trimEnd()
		.split('\n')
		.map((line) => v.parse(Feedback, JSON.parse(line)))
}

test('keeps a pick with all that was shown, from the moment of the click', async ({ page }) => {
	await ask(page, 'Telescope & kitten, kitten', 'cats')
	await suggestions(page).first().click()
	await expectCount(page, '1 pick')
	await page.reload()
	await expectCount(page, '1 pick')
	const [pick, ...others] = await exportFeedback(page)
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
		await page.keyboard.press('Alt+1')
		await expect(page.getByText(`Kept: r/${subreddit}`)).toBeVisible()
	}
	await expectCount(page, '3 picks')
	expect((await exportFeedback(page)).map(({ title }) => title)).toEqual([
		'telescope',
		'kitten',
		'kernel',
	])
})

test('leads to the form of Reddit with the title in it', async ({ page }) => {
	await ask(page, 'Telescope & 100% "moon"?', 'astronomy')
	await suggestions(page).first().click()
	const link = page.getByRole('link', { name: 'Post it to r/astronomy on Reddit' })
	await expect(link).toHaveAttribute(
		'href',
		'https://www.reddit.com/r/astronomy/submit?title=Telescope%20%26%20100%25%20%22moon%22%3F',
	)
	await expect(link).toHaveAttribute('rel', 'noopener noreferrer')
})

test('takes the same pick for the same title once', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await suggestions(page).first().dblclick()
	await expectCount(page, '1 pick')
	expect(await exportFeedback(page)).toHaveLength(1)
})

test('replaces the pick of who thinks again about the title', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.keyboard.press('Alt+1')
	await expect(page.getByText('Kept: r/astronomy')).toBeVisible()
	const [first] = await exportFeedback(page)
	const second = (await suggestions(page).nth(1).locator('.name').textContent()) ?? ''
	await page.keyboard.press('Alt+2')
	await expect(page.getByText(`Kept: ${second}`)).toBeVisible()
	const [changed, ...others] = await exportFeedback(page)
	expect(others).toEqual([])
	expect(changed).toMatchObject({
		id: first?.id,
		pick: { how: 'suggestion', rank: 2, subreddit: second.slice('r/'.length) },
	})
	expect(Date.parse(changed?.time ?? '')).toBeGreaterThan(Date.parse(first?.time ?? ''))
	await page.getByRole('button', { name: 'None of these' }).click()
	await expect(page.getByText('Kept: none of these')).toBeVisible()
	const [none] = await exportFeedback(page)
	await page.getByLabel('The right subreddit').fill('gardening')
	await page.keyboard.press('Enter')
	await expect(page.getByText('Kept: r/gardening')).toBeVisible()
	const [named] = await exportFeedback(page)
	expect([none?.id, none?.pick.how]).toEqual([first?.id, 'none'])
	expect([named?.id, named?.pick.how]).toEqual([first?.id, 'search'])
	expect(Date.parse(named?.time ?? '')).toBeGreaterThan(Date.parse(none?.time ?? ''))
	await expectCount(page, '1 pick')
})

test('takes a pick for a title anew after it was undone, and after another title', async ({
	page,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await suggestions(page).first().click()
	const [undone] = await exportFeedback(page)
	await page.getByRole('button', { name: 'Undo' }).click()
	await expectCount(page, '0 picks')
	await suggestions(page).nth(1).click()
	await expectCount(page, '1 pick')
	await ask(page, 'kitten', 'cats')
	await suggestions(page).first().click()
	await expectCount(page, '2 picks')
	expect((await exportFeedback(page)).map(({ id }) => id)).not.toContain(undone?.id)
})

test('undoes the last pick', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await suggestions(page).first().click()
	await expectCount(page, '1 pick')
	await page.getByRole('button', { name: 'Undo' }).click()
	await expectCount(page, '0 picks')
	await expect(page.getByText('Kept:')).toBeHidden()
	await expect(titleBox(page)).toBeFocused()
})

test('takes none of these at once, and the right one if it is named', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await expectCount(page, '1 pick')
	const name = page.getByLabel('The right subreddit')
	await expect(name).toBeFocused()
	await name.fill('r/GARD')
	await name.press('ArrowDown')
	await page.keyboard.press('Enter')
	await expect(page.getByText('Kept: r/gardening is right for this title')).toBeVisible()
	await expectCount(page, '1 pick')
	const [pick] = await exportFeedback(page)
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
	await expect(page.getByText('Kept: r/Origami_Cranes is right')).toBeVisible()
	const [pick] = await exportFeedback(page)
	expect(pick?.pick).toEqual({ how: 'typed', subreddit: 'Origami_Cranes' })
})

test('takes none of these without a name, and for a title that it does not know', async ({
	page,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await expectCount(page, '1 pick')
	await titleBox(page).fill('qwxyz')
	await expect(page.getByText('No idea')).toBeVisible()
	await page.getByRole('button', { name: 'I know where it belongs' }).click()
	await expect(page.getByText('Kept: nothing was suggested')).toBeVisible()
	await expectCount(page, '2 picks')
	const picks = await exportFeedback(page)
	expect(picks.map(({ pick, suggestions: shown }) => [pick.how, shown.length])).toEqual([
		['none', 5],
		['none', 0],
	])
})

test('deletes the feedback after asking, and nothing else', async ({ page, site }) => {
	await ask(page, 'telescope', 'astronomy')
	await suggestions(page).first().click()
	await expectCount(page, '1 pick')
	const remove = page.getByRole('button', { name: 'Delete my feedback' })
	await remove.click()
	await expect(page.getByRole('dialog', { name: 'Delete 1 pick?' })).toBeVisible()
	await page.keyboard.press('Escape')
	await expectCount(page, '1 pick')
	await remove.click()
	await page.getByRole('button', { name: 'Keep' }).click()
	await expectCount(page, '1 pick')
	await remove.click()
	await page.getByRole('button', { name: 'Delete 1 pick' }).click()
	await expectCount(page, '0 picks')
	await expect(page.getByText('Your feedback is deleted.')).toBeVisible()
	await expect(remove).toBeDisabled()
	await page.reload()
	await ask(page, 'telescope', 'astronomy')
	await expectCount(page, '0 picks')
	expect(site.modelRequests).toHaveLength(1)
})

test('counts what another tab has picked', async ({ page, site, context }) => {
	await ask(page, 'telescope', 'astronomy')
	const other = await context.newPage()
	await other.goto(site.url)
	await ask(other, 'kitten', 'cats')
	await suggestions(other).first().click()
	await expectCount(other, '1 pick')
	await page.bringToFront()
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
	await expectCount(page, '1 pick')
})

test('has one pick for a title, whatever came between, and marks it on a later visit', async ({
	page,
	site,
}) => {
	await ask(page, 'telescope', 'astronomy')
	await page.keyboard.press('Alt+1')
	await expect(page.getByText('Kept: r/astronomy')).toBeVisible()
	await ask(page, 'kitten', 'cats')
	await page.keyboard.press('Alt+1')
	await expectCount(page, '2 picks')
	await ask(page, 'telescope', 'astronomy')
	const other = (await suggestions(page).nth(2).locator('.name').textContent()) ?? ''
	await page.keyboard.press('Alt+3')
	await expect(page.getByText(`Kept: ${other}`)).toBeVisible()
	await expectCount(page, '2 picks')
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText(`Kept: ${other}`)).toBeVisible()
	await expect(suggestions(page).nth(2)).toHaveClass(/picked/)
	await expect(titleBox(page)).toBeFocused()
	await page.keyboard.press('Alt+1')
	await expect(page.getByText('Kept: r/astronomy')).toBeVisible()
	await expectCount(page, '2 picks')
	await page.getByRole('button', { name: 'Undo' }).click()
	await expectCount(page, '2 picks')
	const picks = await exportFeedback(page)
	expect(picks.map(({ title, pick }) => [title, 'subreddit' in pick && pick.subreddit])).toEqual([
		['kitten', 'cats'],
		['telescope', other.slice('r/'.length)],
	])
})

test('does not take the focus from a title whose pick was none', async ({ page, site }) => {
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await expectCount(page, '1 pick')
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
	await expect(page.getByRole('link', { name: 'Post it to r/gardening on Reddit' })).toBeFocused()
})

test('takes a title with half a character: stored, confirmed, undone', async ({ page }) => {
	await ask(page, 'telescope \ud83d', 'astronomy')
	await suggestions(page).first().click()
	await expect(page.getByText('Kept: r/astronomy')).toBeVisible()
	await expect(page.getByRole('link', { name: /^Post it/ })).toHaveAttribute(
		'href',
		/title=telescope%20%EF%BF%BD$/,
	)
	const [pick] = await exportFeedback(page)
	expect(pick?.title).toBe('telescope \ufffd')
	await page.getByRole('button', { name: 'Undo' }).click()
	await expectCount(page, '0 picks')
})

test('keeps a pick that was made by a clock of another millennium', async ({ page, site }) => {
	await page.addInitScript(() => {
		Date.now = () => 317_000_000_000_000
	})
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await suggestions(page).first().click()
	await expectCount(page, '1 pick')
	const [pick] = await exportFeedback(page)
	// The day of the release that answered.
	expect(pick?.time).toBe('2013-06-01T00:00:00.000Z')
})
