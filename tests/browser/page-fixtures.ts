// What every browser test starts from: a site of its own, and a page whose complaints fail the test.
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { Site } from './site.ts'

interface Fixtures {
	site: Site
	/** What the page logged or threw, breaches of its policy included. A test that expects some empties it. */
	complaints: string[]
}

export const test = base.extend<Fixtures>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
	site: async ({}, use) => {
		const site = await Site.start()
		await use(site)
		await site.remove()
	},
	complaints: [
		async ({ page }, use) => {
			const complaints: string[] = []
			page.on('pageerror', (error) => complaints.push(`threw: ${error.message}`))
			page.on('console', (message) => {
				const text = message.text()
				const isExpected = text.includes('blocked by Playwright')
				if (['error', 'warning'].includes(message.type()) && !isExpected) complaints.push(text)
			})
			await use(complaints)
			expect(complaints).toEqual([])
		},
		{ auto: true },
	],
})

export { expect }

export function titleBox(page: Page): Locator {
	return page.getByLabel('Title')
}

export function suggestionList(page: Page): Locator {
	return page.getByRole('list', { name: 'Suggested subreddits' })
}

/** The buttons of the suggestions, first to last. */
export function suggestions(page: Page): Locator {
	return suggestionList(page).getByRole('button')
}

/** Types a title and waits until the suggestion that the tests' model must give stands first. */
export async function ask(page: Page, title: string, subreddit: string): Promise<void> {
	await titleBox(page).fill(title)
	await expect(suggestions(page).first()).toContainText(`r/${subreddit}`)
}

/** Coming back to a tab makes the page look for another release. */
export async function comeBackToTab(page: Page): Promise<void> {
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
}

/** Waits until a release answers. */
export async function expectRelease(page: Page, version: string, channel: string): Promise<void> {
	const facts = page.getByRole('region', { name: 'The model' })
	await expect(facts).toContainText(`Release ${version}`)
	await expect(facts).toContainText(channel)
}
