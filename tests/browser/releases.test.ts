// An open page and its channels: another release takes over only when it can answer, and the way back is short.
import type { Page } from '@playwright/test'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	changeWorker,
	comeBackToTab,
	expect,
	expectKept,
	expectRelease,
	expectStored,
	FAILED_REQUEST,
	mark,
	suggestions,
	test,
} from './page-fixtures.ts'
import { FIRST, SECOND, type Site } from './site.ts'

// The second release has learnt a word and a subreddit that the first does not know.
const NEW_TOPICS = { ...TOPICS, origami: ['crane', 'paper', 'fold'] }

// Runs in the worker, hence as text: drops the releases right behind the read of the one that is in use now.
const DROP_BEHIND_READ = `
	const { get } = IDBObjectStore.prototype
	let isDropped = false
	IDBObjectStore.prototype.get = function (key) {
		const request = get.call(this, key)
		const { objectStoreNames, db } = this.transaction
		if (!isDropped && [...objectStoreNames].join() === 'releases') {
			isDropped = true
			const other = db.transaction(['releases', 'models'], 'readwrite')
			for (const name of ['releases', 'models']) other.objectStore(name).clear()
		}
		return request
	}
`

// Runs in the worker, hence as text: whatever is asked, no suggestions come back.
const SWALLOW_ANSWERS = `
	const post = self.postMessage.bind(self)
	self.postMessage = (message) => {
		if (!message.result?.suggestions) post(message)
	}
`

async function publishSecond(site: Site): Promise<void> {
	const model = makeModelFile({ topics: NEW_TOPICS, paddingBytes: 500_000 })
	await site.publish({ version: SECOND, model, labels: Object.keys(NEW_TOPICS).length })
}

async function openWithFirst(page: Page, site: Site): Promise<void> {
	await page.goto(site.url)
	await ask(page, 'crane and kitten', 'cats')
	await expectRelease(page, FIRST, 'production')
	await expectStored(page, FIRST)
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
	complaints.expect(FAILED_REQUEST)
	await openWithFirst(page, site)
	await site.goDown()
	await comeBackToTab(page)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByRole('status').filter({ hasText: 'release' })).toBeHidden()
	await site.comeBack()
})

test('says that it can not tell whether there is a newer release, and not that there is', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await openWithFirst(page, site)
	const notice = page.getByRole('status').filter({ hasText: 'newer release' })
	for (const [answer, why] of [
		[{ contentType: 'text/html', body: '<html>Sign in</html>' }, 'wants you to sign in'],
		[{ status: 500, body: 'broken' }, 'answers with error 500'],
		[{ body: '[]' }, 'releases.json'],
	] as const) {
		await page.route('**/releases.json', (route) => route.fulfill(answer))
		await comeBackToTab(page)
		await expect(notice).toContainText(why)
		await expect(page.getByText('Another release is out')).toBeHidden()
		await page.unroute('**/releases.json')
		await comeBackToTab(page)
		await expect(notice).toBeHidden()
	}
	await ask(page, 'telescope', 'astronomy')
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
	const versions = [FIRST, SECOND, '20130801.0', '20130901.0'] as const
	for (const version of versions.slice(1)) await site.publish({ version })
	// The second is used again by a rollback: by its age alone it would go.
	for (const version of [...versions.slice(0, 3), SECOND, versions[3]]) {
		await site.setChannels({ production: version })
		await page.goto(site.url)
		await expectRelease(page, version, 'production')
		await expectStored(page, version)
	}
	const kept = [SECOND, versions[3]]
	await expect.poll(() => page.evaluate(listStored)).toEqual({ models: kept, releases: kept })
})

test('never brings back without its model what another tab drops just now', async ({
	page,
	site,
}) => {
	await openWithFirst(page, site)
	await changeWorker(page, DROP_BEHIND_READ)
	await page.reload()
	await ask(page, 'kitten', 'cats')
	await expect.poll(() => page.evaluate(listStored)).toEqual({ models: [], releases: [] })
})

test('names in a pick the release that gave the answer', async ({ page, site }) => {
	await openWithFirst(page, site)
	await publishSecond(site)
	await site.setChannels({ production: FIRST, canary: { version: SECOND, share: 1 } })
	await changeWorker(page, SWALLOW_ANSWERS)
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'canary')
	// The second release has not answered yet: what stands there is the first one's.
	await mark(page)
	await expectKept(page, 'r/cats')
	const pick = await page.evaluate(readPick)
	expect(pick).toMatchObject({ release: FIRST, channel: 'production' })
})

/** The versions that have a model in IndexedDB, and those that have a record of their use. */
async function listStored(): Promise<Record<string, unknown>> {
	const settle = <T>(request: IDBRequest<T>) =>
		new Promise<T>((done, fail) => {
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
	const database = await settle(indexedDB.open('whichsub-models'))
	const transaction = database.transaction(['models', 'releases'])
	const stored = {
		models: await settle(transaction.objectStore('models').getAllKeys()),
		releases: await settle(transaction.objectStore('releases').getAllKeys()),
	}
	database.close()
	return stored
}

/** The one pick of this browser. */
async function readPick(): Promise<unknown> {
	const settle = <T>(request: IDBRequest<T>) =>
		new Promise<T>((done, fail) => {
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
	const database = await settle(indexedDB.open('whichsub-picks'))
	const [pick] = await settle(database.transaction('picks').objectStore('picks').getAll())
	database.close()
	return pick
}
