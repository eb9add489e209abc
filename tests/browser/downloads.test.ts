// Downloads that fail: each is tried again after a growing wait, not at every look, and by one tab for all.
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	changeWorker,
	comeBackToTab,
	expect,
	expectRelease,
	expectStored,
	FAILED_REQUEST,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, type ModelAnswer, SECOND, type Site } from './site.ts'

const PACKED = { 'content-type': 'application/octet-stream' }

/** What a faulty host sends for a model, and what the page says of it. */
const FAULTS: readonly [name: string, answer: ModelAnswer, why: RegExp][] = [
	[
		'an error of the server',
		(response) => response.writeHead(500).end('Internal Server Error'),
		/the server answers with error 500/,
	],
	[
		'a connection that breaks',
		(response, file) => {
			response.writeHead(200, { ...PACKED, 'content-length': file.length })
			response.write(file.subarray(0, 300), () => response.destroy())
		},
		/the connection broke after 0 of \d+ kB/,
	],
	[
		'a wrong Content-Encoding',
		(response, file) => response.writeHead(200, { ...PACKED, 'content-encoding': 'br' }).end(file),
		/Content-Encoding "br".*or the connection broke/,
	],
	[
		'changed bytes',
		(response, file) => response.writeHead(200, PACKED).end(Buffer.from(file).fill(7, 200, 210)),
		/damaged/,
	],
	[
		'a web page',
		(response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'),
		/a web page came in place of/,
	],
]

for (const [name, answer, why] of FAULTS)
	test(`waits after ${name}, says why and until when, and tries at once on request`, async ({
		page,
		site,
		complaints,
	}) => {
		complaints.expect(FAILED_REQUEST)
		const mend = site.answerModels(answer)
		await page.goto(site.url)
		await expectPause(page, why)
		for (let look = 0; look < 5; look += 1) await lookAgain(page, site)
		await expectPause(page, why)
		await page.reload()
		await expectPause(page, why)
		expect(site.modelRequests).toHaveLength(1)
		await page.getByRole('button', { name: 'Try now' }).click()
		await expect.poll(() => site.modelRequests.length).toBe(2)
		await expectPause(page, why)
		mend()
		await page.getByRole('button', { name: 'Try now' }).click()
		await ask(page, 'telescope', 'astronomy')
		await expect(page.getByRole('alert')).toBeHidden()
		expect(await page.evaluate(readPauses)).toEqual({})
	})

test('waits longer after each failure, and tries by itself when the wait is over', async ({
	page,
	site,
}) => {
	site.answerModels(FAULTS[3]?.[1] ?? (() => {}))
	let before = Date.now()
	await page.goto(site.url)
	await expectPause(page, /damaged/)
	for (const [index, minutes] of [1, 5, 15].entries()) {
		await expect
			.poll(async () => (await page.evaluate(readPauses))[FIRST]?.failures)
			.toBe(index + 1)
		const { until = 0 } = (await page.evaluate(readPauses))[FIRST] ?? {}
		// It failed between two looks at the clock, and waits from then on.
		expect(until - minutes * 60_000).toBeGreaterThanOrEqual(before)
		expect(until - minutes * 60_000).toBeLessThanOrEqual(Date.now())
		before = Date.now()
		if (index < 2) await page.getByRole('button', { name: 'Try now' }).click()
	}
	let asked = 0
	site.answerModels((response, file) => {
		asked = Date.now()
		response.writeHead(200, PACKED).end(file)
	})
	const until = await page.evaluate(endPausesIn, 3_000)
	await page.reload()
	await titleBox(page).fill('telescope')
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	expect(asked).toBeGreaterThanOrEqual(until)
	expect(site.modelRequests).toHaveLength(4)
})

test('goes on with the older release while the newer one waits', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	const mend = site.answerModels(FAULTS[3]?.[1] ?? (() => {}))
	await publishSecond(site)
	await comeBackToTab(page)
	const notice = page.getByRole('status').filter({ hasText: 'Another release is out' })
	await expect(notice).toContainText(/damaged.*tries again at \d\d:\d\d/)
	for (let look = 0; look < 5; look += 1) await lookAgain(page, site)
	await page.reload()
	await expect(notice).toContainText(/damaged.*tries again at \d\d:\d\d/)
	expect(site.modelRequests).toHaveLength(2)
	await ask(page, 'kitten', 'cats')
	mend()
	await notice.getByRole('button', { name: 'Try now' }).click()
	await expectRelease(page, SECOND, 'production')
	await expect(notice).toBeHidden()
})

test('downloads once for two tabs of a first visit, and shows both how far it is', async ({
	page,
	site,
	context,
}) => {
	const letGo = site.holdModels()
	const other = await context.newPage()
	await Promise.all([page.goto(site.url), other.goto(site.url)])
	for (const tab of [page, other])
		await expect(tab.getByRole('progressbar')).not.toHaveAttribute('aria-valuenow', '0')
	letGo()
	for (const tab of [page, other]) await ask(tab, 'telescope', 'astronomy')
	expect(site.modelRequests).toHaveLength(1)
})

test('downloads once for two tabs at an update', async ({ page, site, context }) => {
	const other = await context.newPage()
	for (const tab of [page, other]) {
		await tab.goto(site.url)
		await expectRelease(tab, FIRST, 'production')
	}
	await publishSecond(site)
	const letGo = site.holdModels()
	for (const tab of [page, other]) await comeBackToTab(tab)
	for (const tab of [page, other])
		await expect(tab.getByText('Another release is on its way')).toBeVisible()
	letGo()
	for (const tab of [page, other]) await expectRelease(tab, SECOND, 'production')
	expect(site.modelRequests).toHaveLength(2)
})

test('takes over the download of a tab that was closed', async ({ page, site, context }) => {
	const letGo = site.holdModels()
	await page.goto(site.url)
	await expect(page.getByRole('progressbar')).toBeVisible()
	const other = await context.newPage()
	await other.goto(site.url)
	await page.close()
	// A closed tab lives on for a moment, in which it could end its download.
	await expect.poll(() => site.modelRequests.length).toBe(2)
	letGo()
	await ask(other, 'telescope', 'astronomy')
	expect(site.modelRequests).toHaveLength(2)
})

test('waits in both tabs after one failure', async ({ page, site, context }) => {
	const mend = site.answerModels(FAULTS[3]?.[1] ?? (() => {}))
	const other = await context.newPage()
	await Promise.all([page.goto(site.url), other.goto(site.url)])
	for (const tab of [page, other]) await expectPause(tab, /damaged/)
	expect(site.modelRequests).toHaveLength(1)
	mend()
	await page.getByRole('button', { name: 'Try now' }).click()
	await ask(page, 'telescope', 'astronomy')
	// The other tab takes what is there at its next look.
	await comeBackToTab(other)
	await ask(other, 'kitten', 'cats')
	expect(site.modelRequests).toHaveLength(2)
})

test('downloads in each tab where the browser has no locks', async ({ page, site, context }) => {
	await changeWorker(context, 'delete WorkerNavigator.prototype.locks')
	const other = await context.newPage()
	await Promise.all([page.goto(site.url), other.goto(site.url)])
	for (const tab of [page, other]) await ask(tab, 'telescope', 'astronomy')
})

test('takes a model that the host packs once more, or in its own way', async ({ page, site }) => {
	site.answerModels((response, file) =>
		response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(file)),
	)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await publishSecond(site)
	site.answerModels((response) =>
		response.writeHead(200, PACKED).end(gzipSync(SECOND_MODEL, { level: 1 })),
	)
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
})

const SECOND_MODEL = makeModelFile({ topics: TOPICS, paddingBytes: 500_000 })

async function publishSecond(site: Site): Promise<void> {
	await site.publish({ version: SECOND, model: SECOND_MODEL })
	await site.setChannels({ production: SECOND })
}

/** The page waits, and says why and until when. */
async function expectPause(page: Page, why: RegExp): Promise<void> {
	const alert = page.getByRole('alert')
	await expect(alert).toContainText(why)
	await expect(alert).toContainText(/tries again at \d\d:\d\d/)
}

/** Looks at the page until it has asked which release there is: it does not while it is still busy with a look before. */
async function lookAgain(page: Page, site: Site): Promise<void> {
	const countLooks = () => site.requests.filter((path) => path.endsWith('releases.json')).length
	const before = countLooks()
	const look = async () => {
		await comeBackToTab(page)
		return countLooks()
	}
	await expect.poll(look).toBeGreaterThan(before)
}

interface StoredPause {
	failures: number
	until: number
}

/** What is kept of failed downloads, by release. */
async function readPauses(): Promise<Record<string, StoredPause>> {
	const settle = <T>(request: IDBRequest<T>) =>
		new Promise<T>((done, fail) => {
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
	const database = await settle(indexedDB.open('whichsub-models'))
	const pauses = await settle(
		database.transaction('settings').objectStore('settings').get('pauses'),
	)
	database.close()
	return pauses ?? {}
}

/** @returns when that is */
async function endPausesIn(milliseconds: number): Promise<number> {
	const settle = <T>(request: IDBRequest<T>) =>
		new Promise<T>((done, fail) => {
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
	const database = await settle(indexedDB.open('whichsub-models'))
	const store = database.transaction('settings', 'readwrite').objectStore('settings')
	const pauses = await settle<Record<string, StoredPause>>(store.get('pauses'))
	const until = Date.now() + milliseconds
	for (const pause of Object.values(pauses)) pause.until = until
	await settle(store.put(pauses, 'pauses'))
	database.close()
	return until
}
