// Subreddits that the model has not learnt: an index of them comes after the first suggestion, and is kept like the model.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { UNSEEN_FILE } from '../fixtures/release.ts'
import { makeUnseen } from '../fixtures/unseen.ts'
import {
	ask,
	expect,
	expectKept,
	exportPicks,
	findBarriers,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { SECOND, type Site } from './site.ts'

const TITLE = 'stories about the maria of the moon'

test.use({ serviceWorkers: 'allow', reuseContext: false })

test.beforeEach(async ({ site }) => {
	const model = makeModelFile({ topics: TOPICS })
	const { index, bytes } = await makeUnseen(model)
	const unseen = { index: bytes, subreddits: index.names.length }
	await site.publish({ version: SECOND, model, unseen })
	await site.setChannels({ production: SECOND })
})

/** The rows of subreddits that the model has not learnt. */
function unseen(page: Page): Locator {
	return suggestions(page).filter({ hasText: 'not learnt' })
}

function indexRequests(site: Site): string[] {
	return site.requests.filter((path) => path.endsWith(UNSEEN_FILE))
}

test('stand in the list with their mark, and a pick of one is kept', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await expect(unseen(page).filter({ hasText: 'r/moonlore' })).toContainText(
		'not learnt by the model',
	)
	// Where it has been picked its row says that instead.
	const button = suggestions(page).getByRole('button', { name: 'r/moonlore is the right one' })
	// Each says how sure it is, and stands where that belongs: five at most, so the least likely one makes room.
	await expect(suggestions(page).filter({ hasText: '%' })).toHaveCount(5)
	const sure = (await suggestions(page).locator('.sure').allTextContents()).map(Number.parseFloat)
	expect(sure).toEqual([...sure].sort((a, b) => b - a))
	expect(indexRequests(site)).toHaveLength(1)
	await button.click()
	await expectKept(page, 'r/moonlore')
	const [kept] = await exportPicks(page)
	expect(kept?.pick).toEqual({ how: 'unseen', subreddit: 'moonlore' })
	// My picks lists it where it stood.
	const names = await suggestions(page).locator('.name b').allTextContents()
	await page.getByRole('link', { name: /^My picks/ }).click()
	const row = page.getByRole('list', { name: 'Picks, newest first' }).getByRole('listitem')
	const suggested = (await row.locator('.suggested').textContent()) ?? ''
	expect(suggested.match(/r\/\w+/g)).toEqual(names.map((name) => name.trim()))
	await expect(row.locator('.right')).toContainText('r/moonlore')
	await expect(row).not.toContainText('not among the suggestions')
	await expect(page.getByText('among the five for 1')).toBeVisible()
	await page.goBack()
	await page.reload()
	await ask(page, TITLE, 'astronomy')
	await expect(button).toHaveAttribute('aria-pressed', 'true')
})

test('are found for a title of which the model knows no word', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).fill('software developers in ireland')
	await expect(unseen(page).filter({ hasText: 'r/DevelEire' })).toBeVisible()
	await expect(page.getByText('No idea')).toBeVisible()
})

test('are found by name where none of the suggestions is right', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await expect(unseen(page).first()).toBeVisible()
	await page.getByRole('button', { name: 'None of these' }).click()
	await page.getByLabel('The right subreddit').fill('eire')
	await page.getByRole('button', { name: 'r/DevelEire', exact: true }).click()
	await expectKept(page, 'r/DevelEire')
})

test('are there without a network, from the browser’s storage', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(/^Failed to load resource/)
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await expect(unseen(page).first()).toBeVisible()
	await page.evaluate(() => navigator.serviceWorker.ready)
	await site.goDown()
	await page.reload()
	await ask(page, TITLE, 'astronomy')
	await expect(unseen(page).filter({ hasText: 'r/moonlore' })).toBeVisible()
	await site.comeBack()
	expect(indexRequests(site)).toHaveLength(1)
})

test('are missing, and nothing else, where the index is damaged', async ({ page, site }) => {
	const path = join(site.modelsDir, SECOND, UNSEEN_FILE)
	const whole = await readFile(path)
	const damaged = Buffer.from(whole)
	damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1
	await writeFile(path, damaged)
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await expect.poll(() => indexRequests(site).length).toBe(1)
	await ask(page, 'kitten', 'cats')
	await expect(unseen(page)).toHaveCount(0)
	await expect(page.getByRole('alert')).toBeHidden()
})

test('are missing where a release has no index', async ({ page, site }) => {
	await site.publish({ version: '20130801.0' })
	await site.setChannels({ production: '20130801.0' })
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await ask(page, 'kitten', 'cats')
	await expect(unseen(page)).toHaveCount(0)
	expect(indexRequests(site)).toEqual([])
})

for (const colorScheme of ['light', 'dark'] as const)
	test.describe(`in ${colorScheme} colours`, () => {
		test.use({ colorScheme, viewport: { width: 360, height: 800 } })

		test('fit a phone and are no barrier', async ({ page, site }) => {
			await page.goto(site.url)
			await ask(page, TITLE, 'astronomy')
			await expect(unseen(page).first()).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			const width = await page.evaluate(() => document.documentElement.scrollWidth)
			expect(width).toBeLessThanOrEqual(360)
		})
	})
