// An open page and its channels: another release takes over only when it can answer, and the way back is short.
import type { Page } from '@playwright/test'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { ask, comeBackToTab, expect, expectRelease, suggestions, test } from './page-fixtures.ts'
import { FIRST, SECOND, type Site } from './site.ts'

// The second release has learnt a word and a subreddit that the first does not know.
const NEW_TOPICS = { ...TOPICS, origami: ['crane', 'paper', 'fold'] }

async function publishSecond(site: Site): Promise<void> {
	const model = makeModelFile({ topics: NEW_TOPICS, paddingBytes: 500_000 })
	await site.publish({ version: SECOND, model, labels: Object.keys(NEW_TOPICS).length })
}

async function openWithFirst(page: Page, site: Site): Promise<void> {
	await page.goto(site.url)
	await ask(page, 'crane and kitten', 'cats')
	await expectRelease(page, FIRST, 'production')
}

test('switches to a newer release while open, and answers anew', async ({ page, site }) => {
	await openWithFirst(page, site)
	await publishSecond(site)
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await expect(suggestions(page).filter({ hasText: 'r/origami' })).toBeVisible()
	// The old worker has given its memory back.
	expect(page.workers()).toHaveLength(1)
})

test('answers with the old release until the newer one is there', async ({ page, site }) => {
	await openWithFirst(page, site)
	await publishSecond(site)
	await site.setChannels({ production: SECOND })
	const letGo = site.holdModels()
	await comeBackToTab(page)
	await expect(page.getByText(/Another release is on its way \(.+ of .+ kB\)/)).toBeVisible()
	await ask(page, 'telescope', 'astronomy')
	await expectRelease(page, FIRST, 'production')
	letGo()
	await expectRelease(page, SECOND, 'production')
})

test('rolls back while open, without a download', async ({ page, site }) => {
	await openWithFirst(page, site)
	await publishSecond(site)
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	const downloads = site.modelRequests.length
	await site.setChannels({ production: FIRST })
	await comeBackToTab(page)
	await expectRelease(page, FIRST, 'production')
	await ask(page, 'crane and kitten', 'cats')
	expect(site.modelRequests).toHaveLength(downloads)
})

test('keeps the old release where the newer one is damaged, and says so', async ({
	page,
	site,
}) => {
	await page.clock.install()
	await openWithFirst(page, site)
	await publishSecond(site)
	const mend = await site.breakModel(SECOND, (bytes) => bytes.fill(0, 100, 120))
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expect(page.getByText('the one before answers on')).toBeVisible()
	await ask(page, 'telescope', 'astronomy')
	await mend()
	const downloads = site.modelRequests.length
	await comeBackToTab(page)
	await expectRelease(page, FIRST, 'production')
	expect(site.modelRequests).toHaveLength(downloads)
	// Not at every look at the page, but after a while.
	await page.clock.fastForward(61_000)
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await expect(page.getByText('the one before answers on')).toBeHidden()
})

test('keeps the old release where the newer one needs a newer page', async ({ page, site }) => {
	await openWithFirst(page, site)
	await site.publish({ version: SECOND, normalizer: 99 })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expect(page.getByText('needs a newer version of this page')).toBeVisible()
	await expect(page.getByRole('button', { name: 'Reload the page' })).toBeVisible()
	await ask(page, 'telescope', 'astronomy')
})

test('answers on in silence where the network is gone', async ({ page, site, complaints }) => {
	await openWithFirst(page, site)
	await site.goDown()
	await comeBackToTab(page)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByRole('status').filter({ hasText: 'release' })).toBeHidden()
	await site.comeBack()
	// The browser itself logs each request that failed.
	complaints.splice(0)
})

test('previews the staging channel by its address, and says so', async ({ page, site }) => {
	await publishSecond(site)
	await site.setChannels({ production: FIRST, staging: SECOND })
	await page.goto(`${site.url}?channel=staging`)
	await expectRelease(page, SECOND, 'staging')
	await expect(page.getByText('This is a preview')).toBeVisible()
	await page.goto(site.url)
	await expectRelease(page, FIRST, 'production')
	await expect(page.getByText('This is a preview')).toBeHidden()
})

test('gives the canary to its share of visitors, again and again', async ({ page, site }) => {
	await publishSecond(site)
	await site.setChannels({ production: FIRST, canary: { version: SECOND, share: 1 } })
	await page.goto(site.url)
	await expectRelease(page, SECOND, 'canary')
	await page.reload()
	await expectRelease(page, SECOND, 'canary')
	await site.setChannels({ production: FIRST, canary: { version: SECOND, share: 0 } })
	await comeBackToTab(page)
	await expectRelease(page, FIRST, 'production')
})

test('tells when a canary has become production, without loading it again', async ({
	page,
	site,
}) => {
	await site.setChannels({ production: FIRST, canary: { version: FIRST, share: 1 } })
	await page.goto(site.url)
	await expectRelease(page, FIRST, 'canary')
	await site.setChannels({ production: FIRST })
	await comeBackToTab(page)
	await expectRelease(page, FIRST, 'production')
	expect(site.modelRequests).toHaveLength(1)
})

test('keeps the two releases that were used last', async ({ page, site }) => {
	const versions = [FIRST, SECOND, '20130801.0', '20130901.0']
	for (const version of versions.slice(1)) await site.publish({ version })
	for (const version of versions) {
		await site.setChannels({ production: version })
		await page.goto(site.url)
		await expectRelease(page, version, 'production')
	}
	const stored = await page.evaluate(async () => {
		const database = await new Promise<IDBDatabase>((done, fail) => {
			const request = indexedDB.open('whichsub-models')
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
		const keys = database.transaction('models').objectStore('models').getAllKeys()
		return new Promise((done) => {
			keys.onsuccess = () => done(keys.result)
		})
	})
	expect(stored).toEqual(versions.slice(2))
})
