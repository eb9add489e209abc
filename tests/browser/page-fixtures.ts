// What every browser test starts from: a site of its own, and a page whose complaints fail the test.
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { Site } from './site.ts'

interface Fixtures {
	site: Site
	/** What the page logged or threw, breaches of its policy included. */
	complaints: Complaints
}

/** The complaints of a page: each that a test does not expect fails it. */
class Complaints {
	readonly lines: string[] = []
	readonly #expected: RegExp[] = [/blocked by Playwright/]

	/** A browser may log late, after the test's last line: what is expected is said, not taken out. */
	expect(pattern: RegExp): void {
		this.#expected.push(pattern)
	}

	unexpected(): string[] {
		return this.lines.filter((line) => !this.#expected.some((pattern) => pattern.test(line)))
	}
}

/** The browser itself logs each request that failed. */
export const FAILED_REQUEST = /^Failed to load resource/

export const test = base.extend<Fixtures>({
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
	site: async ({}, use) => {
		const site = await Site.start()
		await use(site)
		await site.remove()
	},
	// Needs the site, so that it is asked before the site is gone: what a page still fetches then fails.
	complaints: [
		async ({ page, site: _ }, use) => {
			const complaints = new Complaints()
			page.on('pageerror', (error) => complaints.lines.push(`threw: ${error.message}`))
			page.on('console', (message) => {
				if (['error', 'warning'].includes(message.type())) complaints.lines.push(message.text())
			})
			await use(complaints)
			expect(complaints.unexpected()).toEqual([])
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

/** What axe finds serious or critical, as `rule: element`. */
export async function findBarriers(page: Page): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page }).analyze()
	return violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
