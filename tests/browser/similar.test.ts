// Subreddits like a suggested one, from the model's own vectors, and of them the smaller ones.
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	changeWorker,
	expect,
	FAILED_REQUEST,
	findBarriers,
	suggestions,
	test,
} from './page-fixtures.ts'
import { SECOND } from './site.ts'

test('lists subreddits like a suggestion, those of other suggestions left out, with a way to post there', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	const suggested = await suggestions(page).locator('.name b').allTextContents()
	const button = page.getByRole('button', { name: 'Similar subreddits' })
	await expect(button).toHaveAttribute('aria-expanded', 'false')
	await button.click()
	const list = page.getByRole('list', { name: 'Subreddits like r/astronomy' })
	await expect(list.getByRole('listitem').first()).toBeVisible()
	const names = await list.locator('a:first-child').allTextContents()
	expect(names.map((name) => name.trim()).filter((name) => suggested.includes(name))).toEqual([])
	await expect(list.getByRole('link', { name: /^Post/ }).first()).toHaveAttribute(
		'href',
		/reddit\.com\/r\/\w+\/submit\?title=telescope$/,
	)
	await page.getByRole('combobox', { name: 'Similar to' }).selectOption({ index: 1 })
	await expect(page.getByRole('list', { name: `Subreddits like ${suggested[1]}` })).toBeVisible()
	// Nothing is known of their members here.
	await page.getByLabel('Size').selectOption('under 10,000 members')
	await expect(page.getByText('None of this size.')).toBeVisible()
	expect(await findBarriers(page)).toEqual([])
})

test('lists the smaller ones alone, by what the release knows of their members', async ({
	page,
	site,
}) => {
	const small = 3
	const members = Object.keys(TOPICS).map((_, index) => (index < small ? 9_000 : 5_000_000))
	const facts = { schema: 1, members, words: members.map(() => '') } as const
	await site.publish({ version: SECOND, model: makeModelFile({ topics: TOPICS }), facts })
	await site.setChannels({ production: SECOND })
	await page.goto(site.url)
	// Of eight subreddits one is suggested: the others are shown as similar.
	await ask(page, 'telescope galaxy nebula comet', 'astronomy')
	await page.getByRole('button', { name: 'Similar subreddits' }).click()
	const rows = page.getByRole('list', { name: 'Subreddits like r/astronomy' }).getByRole('listitem')
	const names = rows.locator('a:first-child')
	await expect(rows.filter({ hasText: '9k' }).first()).toBeVisible()
	await expect(rows.filter({ hasText: '5M' }).first()).toBeVisible()
	const smaller = await rows.filter({ hasText: '9k' }).locator('a:first-child').allTextContents()
	expect(smaller.length).toBeLessThanOrEqual(small)
	for (const size of ['under 100,000 members', 'under 10,000 members']) {
		await page.getByLabel('Size').selectOption(size)
		await expect(names).toHaveText(smaller)
	}
})

test('says why they can not be told in a browser that keeps no model', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await changeWorker(page, 'delete self.indexedDB; delete WorkerGlobalScope.prototype.indexedDB')
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'Similar subreddits' }).click()
	await expect(page.getByRole('alert')).toContainText('this browser did not keep the model')
})
