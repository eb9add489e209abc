// Titles in, suggestions out: what the page shows for a title, and how it is picked.

import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	comeBackToTab,
	expect,
	expectRelease,
	suggestionList,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { SECOND } from './site.ts'

test.beforeEach(async ({ page, site }) => {
	await page.goto(site.url)
})

test('gives at most five suggestions, each with its name, a number and a bar', async ({ page }) => {
	await ask(page, 'kernel and kitten and kernel', 'linux')
	await expect(suggestions(page)).toHaveCount(5)
	const first = suggestions(page).first()
	await expect(first).toHaveAccessibleName(/^r\/linux \d\d%$/)
	const percent = Number.parseInt((await first.textContent())?.match(/(\d+)%/)?.[1] ?? '', 10)
	const bar = first.locator('.bar')
	// The bar grows into its place.
	await expect(async () => {
		const whole = (await bar.boundingBox())?.width ?? 0
		const filled = (await bar.locator('span').boundingBox())?.width ?? 0
		expect(Math.abs(filled / whole - percent / 100)).toBeLessThan(0.02)
	}).toPass()
})

test('says of a hundred titles how many belong to one of the five', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText(/Of 100 titles like this one, about \d\d/)).toBeVisible()
})

test('keeps engine and model off the main thread, in a module worker', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	expect(page.workers().map((worker) => worker.url())).toEqual([
		expect.stringContaining('classifier-worker'),
	])
})

test('answers the last of many quick keystrokes', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).fill('')
	await titleBox(page).pressSequentially('telescope telescope kitten kitten kitten')
	await expect(suggestions(page).first()).toContainText('r/cats')
})

test('offers examples for an empty box, and none of them once there is a title', async ({
	page,
}) => {
	await page.getByRole('button', { name: /ten-year-old laptop/ }).click()
	await expect(titleBox(page)).toHaveValue('Which Linux distribution for a ten-year-old laptop?')
	await expect(suggestions(page).first()).toContainText('r/linux')
	await expect(page.getByText('try one of these')).toBeHidden()
	await titleBox(page).fill('   ')
	await expect(suggestionList(page)).toBeHidden()
	await expect(page.getByText('try one of these')).toBeVisible()
})

test('says that it does not know a title without a known word', async ({ page }) => {
	await titleBox(page).fill('qwxyz !!! vbnmp')
	await expect(page.getByText('No idea: not one word of this title')).toBeVisible()
	await expect(suggestionList(page)).toBeHidden()
	await titleBox(page).fill('!!!')
	await expect(page.getByText('No idea: not one word of this title')).toBeVisible()
})

test('says that it is not sure where five suggestions cover little', async ({ page, site }) => {
	await site.publish({ version: SECOND, ceiling: 0.1 })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText('Not sure.')).toBeVisible()
})

test('cuts 5,000 pasted characters at 300 and says so', async ({ page }) => {
	await ask(page, 'telescope '.repeat(500), 'astronomy')
	await expect(titleBox(page)).toHaveValue('telescope '.repeat(30))
	await expect(page.getByText('ends at 300 characters: the last 4,700 were left out')).toBeVisible()
	await titleBox(page).press('End')
	await titleBox(page).press('Backspace')
	await expect(page.getByText('299 of 300 characters')).toBeVisible()
})

test('counts characters as people do: 300 emoji are a title', async ({ page }) => {
	await titleBox(page).fill('🐈'.repeat(300))
	await expect(page.getByText('300 of 300 characters')).toBeVisible()
	await expect(titleBox(page)).toHaveValue('🐈'.repeat(300))
})

test('makes one line of pasted lines', async ({ page }) => {
	await ask(page, 'a nebula\r\nand a kitten\nwith a kitten', 'cats')
	await expect(titleBox(page)).toHaveValue('a nebula and a kitten with a kitten')
})

test('picks by Alt and a digit, from anywhere on the page', async ({ page }) => {
	await ask(page, 'telescope and kitten', 'cats')
	const second = (await suggestions(page).nth(1).textContent())?.match(/r\/\w+/)?.[0]
	await titleBox(page).press('Alt+2')
	await expect(page.getByText(`Kept: ${second} is right`)).toBeVisible()
	await expect(page.getByText('1 pick', { exact: true })).toBeVisible()
})

test('picks by arrows and Enter', async ({ page }) => {
	await ask(page, 'telescope and kitten', 'cats')
	await titleBox(page).press('ArrowDown')
	await expect(suggestions(page).first()).toBeFocused()
	await page.keyboard.press('ArrowDown')
	await page.keyboard.press('ArrowDown')
	await page.keyboard.press('ArrowUp')
	await expect(suggestions(page).nth(1)).toBeFocused()
	await page.keyboard.press('Enter')
	await expect(page.getByText(/^Kept: r\//)).toBeVisible()
	await expect(page.getByText('1 pick', { exact: true })).toBeVisible()
})

test('goes from the box to the first suggestion by Enter, and back by Escape', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).press('Enter')
	await expect(suggestions(page).first()).toBeFocused()
	await expect(titleBox(page)).toHaveValue('telescope')
	await page.keyboard.press('Escape')
	await expect(titleBox(page)).toBeFocused()
})

test('moves the caret, not the focus, while it is inside the title', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).press('Home')
	await titleBox(page).press('ArrowDown')
	await expect(titleBox(page)).toBeFocused()
	await titleBox(page).press('ArrowDown')
	await expect(suggestions(page).first()).toBeFocused()
})

test('reaches every suggestion by Tab', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).focus()
	await page.keyboard.press('Tab')
	await expect(suggestions(page).first()).toBeFocused()
	for (let count = 0; count < 5; count += 1) await page.keyboard.press('Tab')
	await expect(page.getByRole('button', { name: 'None of these' })).toBeFocused()
})

test('shows fewer than five where the release knows fewer subreddits', async ({ page, site }) => {
	const topics = { linux: TOPICS.linux ?? [], cats: TOPICS.cats ?? [] }
	await site.publish({ version: SECOND, model: makeModelFile({ topics }), labels: 2 })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await ask(page, 'kitten', 'cats')
	await expect(suggestions(page)).toHaveCount(2)
})
