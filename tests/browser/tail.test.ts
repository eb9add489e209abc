// The long tail of subreddits that the model has not learnt: a second file, on request or on a good connection, kept like the model.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { writeTail } from '../../scripts/lib/unseen/write-tail.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { TAIL_FILE } from '../fixtures/release.ts'
import { makeUnseen, UNSEEN_LIST } from '../fixtures/unseen.ts'
import { ask, expect, test, titleBox } from './page-fixtures.ts'
import { SECOND, type Site } from './site.ts'

const TITLE = 'growing saffron crocus in pots'
const SAFFRON = {
	name: 'SaffronGrowers',
	subscribers: 25_000,
	description: 'Growing the saffron crocus at home',
}

test.use({ serviceWorkers: 'allow', reuseContext: false })

test.beforeEach(async ({ site }) => {
	const model = makeModelFile({ topics: TOPICS })
	const small = await makeUnseen(model)
	const all = await makeUnseen(model, [...UNSEEN_LIST, SAFFRON])
	await site.publish({
		...{ version: SECOND, model },
		unseen: { index: small.bytes, subreddits: small.index.names.length },
		tail: { index: writeTail(all.index), subreddits: all.index.names.length },
	})
	await site.setChannels({ production: SECOND })
})

/** What the browser tells of its connection. */
async function connect(page: Page, saveData: boolean): Promise<void> {
	await page.addInitScript((saves) => {
		const connection = { saveData: saves, effectiveType: '4g', downlink: 10, type: 'wifi' }
		Object.defineProperty(navigator, 'connection', { value: connection })
	}, saveData)
}

function offer(page: Page): Locator {
	return page.getByRole('button', { name: /^Search all of Reddit/ })
}

function found(page: Page): Locator {
	return page.getByRole('button', { name: 'r/SaffronGrowers' })
}

function tailRequests(site: Site): string[] {
	return site.requests.filter((path) => path.endsWith(TAIL_FILE))
}

test('is offered to who saves data, and loaded on request', async ({ page, site }) => {
	await connect(page, true)
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await titleBox(page).fill(TITLE)
	await expect(offer(page)).toBeVisible()
	expect(tailRequests(site)).toEqual([])
	await expect(found(page)).toBeHidden()
	await offer(page).click()
	await expect(found(page)).toBeVisible()
	expect(tailRequests(site)).toHaveLength(1)
})

test('comes by itself on a good connection, after the first suggestion', async ({ page, site }) => {
	await connect(page, false)
	await page.goto(site.url)
	await expect(titleBox(page)).toBeVisible()
	expect(tailRequests(site)).toEqual([])
	await ask(page, 'kitten', 'cats')
	await titleBox(page).fill(TITLE)
	await expect(found(page)).toBeVisible()
	expect(tailRequests(site)).toHaveLength(1)
})

test('is there without a network, from the browser’s storage, also for who saves data', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(/^Failed to load resource/)
	await connect(page, true)
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await offer(page).click()
	await titleBox(page).fill(TITLE)
	await expect(found(page)).toBeVisible()
	await page.evaluate(() => navigator.serviceWorker.ready)
	await site.goDown()
	await page.reload()
	await ask(page, 'kitten', 'cats')
	await titleBox(page).fill(TITLE)
	await expect(found(page)).toBeVisible()
	await site.comeBack()
	expect(tailRequests(site)).toHaveLength(1)
})

test('names subreddits while somebody types the right one', async ({ page, site }) => {
	await connect(page, false)
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await page.getByRole('button', { name: 'None of these' }).click()
	await page.getByLabel('The right subreddit').fill('affron')
	await found(page).click()
	await expect(page.getByText('Kept: r/SaffronGrowers')).toBeVisible()
})

test('is said to be damaged, and comes when it is whole again', async ({ page, site }) => {
	const path = join(site.modelsDir, SECOND, TAIL_FILE)
	const whole = await readFile(path)
	const damaged = Buffer.from(whole)
	damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1
	await writeFile(path, damaged)
	await connect(page, true)
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await offer(page).click()
	await expect(page.getByText('could not be loaded: the download is damaged')).toBeVisible()
	await writeFile(path, whole)
	await page.getByRole('button', { name: 'Try again' }).click()
	await titleBox(page).fill(TITLE)
	await expect(found(page)).toBeVisible()
})
