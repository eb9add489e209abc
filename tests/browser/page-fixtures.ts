// What every browser test starts from: a site of its own, and a page whose complaints fail the test.
import { readFile } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import {
	type BrowserContext,
	test as base,
	expect,
	type Locator,
	type Page,
} from '@playwright/test'
import * as v from 'valibot'
import { Feedback } from '../../src/shared/feedback.ts'
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
	return page.getByLabel('Title', { exact: true })
}

export function suggestionList(page: Page): Locator {
	return page.getByRole('list', { name: 'Suggested subreddits' })
}

/** The rows of the suggestions, first to last. */
export function suggestions(page: Page): Locator {
	return suggestionList(page).getByRole('listitem')
}

/** The link of a row to Reddit's form. */
export function postLink(row: Locator): Locator {
	return row.getByRole('link', { name: /^Post here/ })
}

/** Marks a suggestion as the right one. */
export async function mark(page: Page, rank = 1): Promise<void> {
	const row = suggestions(page).nth(rank - 1)
	await row.getByRole('button', { name: /is the right one$/ }).click()
}

/** Waits until a subreddit is kept as the pick of the title. */
export async function expectKept(page: Page, name: string): Promise<void> {
	await expect(page.getByText(`Kept: ${name} is your pick`)).toBeVisible()
}

/** Waits until so many picks are counted. */
export async function expectPicks(page: Page, count: number): Promise<void> {
	const name = count === 0 ? 'My picks' : `My picks ${count}`
	await expect(page.getByRole('link', { name, exact: true })).toBeVisible()
}

/** Exports the picks from their page, and comes back to the title. @returns each line, as the import takes it */
export async function exportPicks(page: Page): Promise<Feedback[]> {
	await page.getByRole('link', { name: /^My picks/ }).click()
	const download = page.waitForEvent('download')
	await page.getByRole('button', { name: 'Export' }).click()
	const file = await download
	expect(file.suggestedFilename()).toMatch(/^whichsub-feedback-\d{4}-\d\d-\d\d\.jsonl$/)
	const text = await readFile(await file.path(), 'utf8')
	expect(text.endsWith('\n')).toBe(true)
	await page.goBack()
	return text
		.trimEnd()
		.split('\n')
		.map((line) => v.parse(Feedback, JSON.parse(line)))
}

/** Types a title and waits until the suggestion that the tests' model must give stands first. */
export async function ask(page: Page, title: string, subreddit: string): Promise<void> {
	await titleBox(page).fill(title)
	await expect(suggestions(page).first()).toContainText(`r/${subreddit}`)
}

/** Lets the workers that start from now on run something before their own code. */
export async function changeWorker(page: Page | BrowserContext, code: string): Promise<void> {
	await page.route('**/assets/classifier-worker-*.js', async (route) => {
		const response = await route.fetch()
		await route.fulfill({ response, body: `{${code}}\n${await response.text()}` })
	})
}

/** Coming back to a tab makes the page look for another release. */
export async function comeBackToTab(page: Page): Promise<void> {
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
}

/** Waits until a release answers. */
export async function expectRelease(page: Page, version: string, channel: string): Promise<void> {
	const link = page.getByRole('link', { name: `Model ${version}` })
	await expect(link).toHaveAttribute('title', `Release ${version}, ${channel}`)
}

/** Waits until the next visit starts with a release from the browser's storage: it answers before it is stored. */
export async function expectStored(page: Page, version: string, channel = 'visitor') {
	await expect.poll(() => page.evaluate(readLastRelease, channel)).toBe(version)
}

async function readLastRelease(channel: string): Promise<string | undefined> {
	const settle = <T>(request: IDBRequest<T>) =>
		new Promise<T>((done, fail) => {
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
	const database = await settle(indexedDB.open('whichsub-models'))
	const transaction = database.transaction(['settings', 'models'])
	const last = await settle(transaction.objectStore('settings').get(`last:${channel}`))
	const models = await settle(transaction.objectStore('models').getAllKeys())
	database.close()
	return models.includes(last?.version) ? last.version : undefined
}

/** What axe finds, as `rule: element`. */
export async function findBarriers(page: Page): Promise<string[]> {
	// Otherwise it opens a second page for what frames of other origins say, and the page has none.
	const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
	return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

export interface WorkerAnswer {
	readonly title: string
	readonly known: boolean
	readonly suggestions: readonly { readonly subreddit: string; readonly probability: number }[]
	readonly doubt: string | null
}

/** What the worker answers, as long as the test runs. */
export async function listenToWorker(page: Page): Promise<WorkerAnswer[]> {
	const answers: WorkerAnswer[] = []
	await page.exposeFunction('tellAnswer', (answer: WorkerAnswer) => {
		answers.push(answer)
	})
	await page.addInitScript(() => {
		const { Worker: Native } = globalThis
		globalThis.Worker = class extends Native {
			constructor(...args: ConstructorParameters<typeof Worker>) {
				super(...args)
				this.addEventListener('message', ({ data }) => {
					const tell = (globalThis as unknown as { tellAnswer(answer: unknown): void }).tellAnswer
					if (data.kind === 'result' && data.result?.suggestions) tell(data.result)
				})
			}
		}
	})
	return answers
}
