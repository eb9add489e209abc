// Picks that a person agreed to send, against `serve --collect`'s own server and a real database.
import type { Page } from '@playwright/test'
import { Collector } from './collector.ts'
import {
	ask,
	test as base,
	expect,
	expectPicks,
	FAILED_REQUEST,
	findBarriers,
	mark,
} from './page-fixtures.ts'
import { FIRST, type Site } from './site.ts'

const test = base.extend<{ collector: Collector }>({
	collector: async ({ site }, use) => {
		const collector = await Collector.start(site)
		await use(collector)
		await collector.remove()
	},
})

test.use({ serviceWorkers: 'allow', reuseContext: false })

const TITLES = [
	['telescope', 'astronomy'],
	['kitten', 'cats'],
	['kernel', 'linux'],
	['bishop', 'chess'],
	['recipe', 'cooking'],
] as const

const question = (page: Page) => page.getByRole('region', { name: 'Send my picks' })

/** The sentence in "My picks"; another element speaks it. */
const status = (page: Page, text: string | RegExp) =>
	page.getByRole('paragraph').filter({ hasText: text })

async function open(page: Page, site: Site): Promise<void> {
	await page.goto(site.url)
	await page.evaluate(() => navigator.serviceWorker.ready)
}

/** Picks titles, of which `already` were picked before. */
async function pick(page: Page, count: number, already = 0): Promise<void> {
	for (let at = already; at < already + count; at += 1) {
		const [title, subreddit] = TITLES[at] ?? ['', '']
		await ask(page, title, subreddit)
		await mark(page)
		await expectPicks(page, at + 1)
	}
}

async function agree(page: Page): Promise<void> {
	await question(page).getByRole('button', { name: 'Send my picks' }).click()
}

/** What the server has kept the page must have heard of: a connection that breaks between the two leaves it in doubt. */
async function expectSent(page: Page, count: number): Promise<void> {
	await openPicks(page)
	await expect(status(page, `: ${count} picks sent.`)).toBeVisible()
	await page.goBack()
}

/** Opens the page and sends three picks: where most tests begin. */
async function sendThree(page: Page, site: Site): Promise<void> {
	await open(page, site)
	await pick(page, 3)
	await agree(page)
	await expectSent(page, 3)
}

async function openPicks(page: Page): Promise<void> {
	await page.getByRole('link', { name: /^My picks/ }).click()
}

const asksOf = (site: Site) => site.requests.filter((path) => path.includes('/api/collect'))

test('asks after the third pick, says what goes where, and sends it once a person agrees', async ({
	page,
	site,
	collector,
}) => {
	await open(page, site)
	await pick(page, 2)
	expect(asksOf(site)).toEqual([])
	await pick(page, 1, 2)
	await expect(question(page)).toContainText(new URL(site.url).host)
	await expect(question(page)).toContainText(
		'each title, what was suggested, your pick, the versions of model and page, and the time',
	)
	expect(await findBarriers(page)).toEqual([])
	expect(await collector.stored()).toEqual([])
	await agree(page)
	await expect.poll(() => collector.titles()).toEqual(['kernel', 'kitten', 'telescope'])
	const [first] = await collector.stored()
	expect(first).toMatchObject({ pick: { how: 'suggestion', rank: 1 }, channel: 'production' })
	await expect(question(page)).toBeHidden()
	await expect(page.getByText('but for the picks that you send.')).toBeVisible()
	// What follows goes, too, and a pick that is changed replaces itself.
	await pick(page, 1, 3)
	await mark(page, 2)
	await expect
		.poll(async () => (await collector.stored()).map(({ pick }) => 'rank' in pick && pick.rank))
		.toEqual([1, 1, 1, 2])
	await openPicks(page)
	await expect(status(page, /^You send your picks to localhost:\d+: 4 picks sent\.$/)).toBeVisible()
	expect(await findBarriers(page)).toEqual([])
	await expect(page.getByText('nowhere else')).toHaveCount(0)
	expect(asksOf(site)).toHaveLength(1)
})

test('sends nothing to a server whose visitor says no, and asks no more', async ({
	page,
	site,
	collector,
}) => {
	await open(page, site)
	await pick(page, 3)
	await question(page).getByRole('button', { name: 'No, keep them here' }).click()
	await expect(question(page)).toBeHidden()
	await page.reload()
	await pick(page, 2, 3)
	await expect(question(page)).toBeHidden()
	expect(await collector.stored()).toEqual([])
	expect(site.requests.filter((path) => path.includes('/api/feedback'))).toEqual([])
	// "My picks" has it again.
	await openPicks(page)
	await page.getByRole('button', { name: 'Send my picks' }).click()
	await expect.poll(() => collector.titles()).toHaveLength(5)
})

test('takes back one pick, and all of them', async ({ page, site, collector }) => {
	await open(page, site)
	await pick(page, 3)
	await agree(page)
	await expect.poll(() => collector.titles()).toHaveLength(3)
	await openPicks(page)
	await page.getByRole('button', { name: 'Take back: kitten' }).click()
	await expect.poll(() => collector.titles()).toEqual(['kernel', 'telescope'])
	await page.getByRole('button', { name: 'Undo' }).click()
	await expect.poll(() => collector.titles()).toHaveLength(3)
	await page.getByRole('button', { name: 'Stop, and take back what was sent' }).click()
	await expect.poll(() => collector.titles()).toEqual([])
	await expectPicks(page, 3)
	await page.reload()
	await expect(page.getByText('Titles stay in your browser.')).toBeVisible()
	await expect(status(page, 'You send your picks')).toBeHidden()
	expect(await collector.stored()).toEqual([])
})

test('keeps what is picked without a network, and sends it once there is one', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await sendThree(page, site)
	await site.goDown()
	await pick(page, 1, 3)
	await openPicks(page)
	await expect(status(page, '3 picks sent, 1 waiting until there is a network.')).toBeVisible()
	await page.getByRole('button', { name: 'Take back: kitten' }).click()
	await expect(status(page, '3 picks sent, 2 waiting until there is a network.')).toBeVisible()
	await site.comeBack()
	await page.evaluate(() => dispatchEvent(new Event('online')))
	await expect.poll(() => collector.titles()).toEqual(['bishop', 'kernel', 'telescope'])
	await expect(status(page, '3 picks sent.')).toBeVisible()
})

test('sends on the next visit what waited on the one before', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await open(page, site)
	await pick(page, 3)
	await expect(question(page)).toBeVisible()
	await site.goDown()
	await agree(page)
	await openPicks(page)
	await expect(status(page, '3 waiting until there is a network')).toBeVisible()
	await page.goto('about:blank')
	await site.comeBack()
	await page.goto(site.url)
	await expect.poll(() => collector.titles()).toHaveLength(3)
})

test('sends in the background what waited, once the page is closed', async ({
	page,
	site,
	collector,
	complaints,
	context,
}) => {
	complaints.expect(FAILED_REQUEST)
	await open(page, site)
	await pick(page, 3)
	await expect(question(page)).toBeVisible()
	await site.goDown()
	await agree(page)
	await openPicks(page)
	await expect(status(page, '3 waiting until there is a network')).toBeVisible()
	const browser = await context.newCDPSession(page)
	const registration = new Promise<string>((done) =>
		browser.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
			for (const { registrationId, scopeURL } of registrations)
				if (scopeURL === site.url) done(registrationId)
		}),
	)
	await browser.send('ServiceWorker.enable')
	const registrationId = await registration
	await page.goto('about:blank')
	await site.comeBack()
	expect(await collector.stored()).toEqual([])
	const [origin, tag] = [new URL(site.url).origin, 'whichsub-send-picks']
	await browser.send('ServiceWorker.dispatchSyncEvent', {
		origin,
		registrationId,
		tag,
		lastChance: false,
	})
	await expect.poll(() => collector.titles()).toHaveLength(3)
})

test('waits where the server asks for patience, and goes on after it', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await collector.limit({ picksInWindow: 3 })
	await open(page, site)
	await pick(page, 3)
	await agree(page)
	await expect.poll(() => collector.titles()).toHaveLength(3)
	await pick(page, 1, 3)
	await openPicks(page)
	await expect(status(page, '1 waiting because the server asks for patience')).toBeVisible()
	const sends = () => site.requests.filter((path) => path.endsWith('/api/feedback')).length
	const before = sends()
	await page.reload()
	await expect(status(page, '1 waiting because the server asks for patience')).toBeVisible()
	expect(sends()).toBe(before)
	await collector.limit({})
	// Ten minutes later, as the browser's store says it.
	await page.evaluate(async () => {
		const opening = indexedDB.open('whichsub-sending')
		await new Promise((done) => {
			opening.onsuccess = done
		})
		const transaction = opening.result.transaction('settings', 'readwrite')
		transaction.objectStore('settings').put(Date.now() - 1, 'api/feedback')
		await new Promise((done) => {
			transaction.oncomplete = done
		})
		opening.result.close()
	})
	await page.reload()
	await expect.poll(() => collector.titles()).toHaveLength(4)
})

test('asks a server that does not collect once on a visit, and its visitors nothing', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await open(page, site)
	await pick(page, 5)
	await openPicks(page)
	await expect(page.getByRole('button', { name: 'Export' })).toBeVisible()
	await expect(page.getByRole('button', { name: 'Send my picks' })).toBeHidden()
	await expect.poll(() => asksOf(site)).toHaveLength(1)
	await page.goBack()
	await expect(question(page)).toBeHidden()
	expect(asksOf(site)).toHaveLength(1)
})

test('says that a server takes no picks any more, and sends them once it does again', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await sendThree(page, site)
	await collector.stop()
	await pick(page, 1, 3)
	await openPicks(page)
	await expect(status(page, '1 waiting; the server takes no picks now')).toBeVisible()
	await collector.limit({})
	await page.reload()
	await expect.poll(() => collector.titles()).toHaveLength(4)
})

const stop = (page: Page) =>
	page.getByRole('button', { name: 'Stop, and take back what was sent' }).click()

/** The storage of picks can't be read from now on, nor written; that of sending can. */
async function breakPicks(page: Page): Promise<void> {
	await page.evaluate(() => {
		const fail = () => {
			throw new DOMException('broken by the test', 'UnknownError')
		}
		IDBIndex.prototype.getAll = fail
		const { put } = IDBObjectStore.prototype
		IDBObjectStore.prototype.put = function (...[value, key]) {
			return this.name === 'picks' ? fail() : put.call(this, value, key)
		}
	})
}

/** What is to be sent can't be written down from now on; once that was tried, the document says so. */
async function breakPlan(page: Page): Promise<void> {
	await page.evaluate(() => {
		IDBObjectStore.prototype.clear = () => {
			document.documentElement.dataset.tried = 'yes'
			throw new DOMException('broken by the test', 'UnknownError')
		}
	})
}

/** As Background Sync does, without the page. @returns what the worker says */
function askWorker(page: Page): Promise<unknown> {
	return page.evaluate(async () => {
		const { active } = await navigator.serviceWorker.ready
		const { port1, port2 } = new MessageChannel()
		return new Promise((done) => {
			port1.onmessage = ({ data }) => done(data)
			active?.postMessage('whichsub-send-picks', [port2])
		})
	})
}

const manyPicks = (count: number) =>
	Array.from({ length: count }, (_, index) => ({
		schema: 1,
		id: `6f1b8b1e-6e0f-4a3f-9a77-${String(index).padStart(12, '0')}`,
		time: '2026-01-01T00:00:00.000Z',
		title: `telescope number ${index}`,
		suggestions: [],
		pick: { how: 'none' },
		release: FIRST,
		channel: 'production',
		app: '1.0.0',
	}))

async function importPicks(page: Page, picks: readonly object[]): Promise<void> {
	await openPicks(page)
	await page.getByLabel('Import a file').setInputFiles({
		name: 'picks.jsonl',
		mimeType: 'application/jsonl',
		buffer: Buffer.from(picks.map((pick) => JSON.stringify(pick)).join('\n')),
	})
}

test('takes back while the server asks for patience with new picks', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await collector.limit({ picksInWindow: 3 })
	await sendThree(page, site)
	await pick(page, 1, 3)
	await openPicks(page)
	await expect(status(page, '1 waiting because the server asks for patience')).toBeVisible()
	await stop(page)
	await expect.poll(() => collector.titles()).toEqual([])
})

test('sends new picks while the server asks for patience with what is taken back', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await sendThree(page, site)
	await collector.refuse(({ url }) => url?.endsWith('/take-back') === true, 429, {
		'Retry-After': '600',
	})
	await openPicks(page)
	await page.getByRole('button', { name: 'Take back: kitten' }).click()
	await expect(status(page, '1 waiting because the server asks for patience')).toBeVisible()
	await page.getByRole('button', { name: 'Take back: kernel' }).click()
	await page.goBack()
	await ask(page, 'bishop', 'chess')
	await mark(page)
	await expect.poll(() => collector.titles()).toContain('bishop')
	expect(await collector.titles()).toEqual(['bishop', 'kernel', 'kitten', 'telescope'])
})

test('sends nothing new after "no", though what waited could not be removed', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await open(page, site)
	await pick(page, 3)
	await expect(question(page)).toBeVisible()
	await site.goDown()
	await agree(page)
	await openPicks(page)
	await expect(status(page, '3 waiting until there is a network')).toBeVisible()
	await breakPlan(page)
	await stop(page)
	await expect(status(page, 'You send your picks')).toBeHidden()
	await site.comeBack()
	await askWorker(page)
	expect(await collector.stored()).toEqual([])
})

test('takes back what was sent where the picks can no longer be read', async ({
	page,
	site,
	collector,
}) => {
	await sendThree(page, site)
	await openPicks(page)
	await breakPicks(page)
	await stop(page)
	await expect.poll(() => collector.titles()).toEqual([])
})

test('takes back nothing because the picks can not be read', async ({ page, site, collector }) => {
	await sendThree(page, site)
	await breakPicks(page)
	await ask(page, 'bishop', 'chess')
	await mark(page)
	await expect(page.getByRole('alert')).toBeVisible()
	// Whatever the page has to say to the server it has said once this is answered.
	await openPicks(page)
	await expect(status(page, ': 3 picks sent')).toBeVisible()
	expect(await askWorker(page)).toEqual({ kind: 'done' })
	expect(await collector.titles()).toEqual(['kernel', 'kitten', 'telescope'])
})

test('goes on behind picks that the server refuses, and says so', async ({
	page,
	site,
	collector,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await open(page, site)
	const [first, ...others] = manyPicks(45)
	await importPicks(page, [{ ...first, title: 'telescope '.repeat(100) }, ...others])
	await expectPicks(page, 45)
	// The request with the first pick is longer than the others.
	const most = JSON.stringify(manyPicks(20)).length + 500
	await collector.refuse(({ headers }) => Number(headers['content-length']) > most, 422)
	await page.getByRole('button', { name: 'Send my picks' }).click()
	await expect(
		status(page, ': 25 picks sent, 20 waiting; the server refused with error 422.'),
	).toBeVisible()
	expect(await collector.stored()).toHaveLength(25)
})

test('says which picks the server refuses for what they say, and sends them once', async ({
	page,
	site,
	collector,
}) => {
	await sendThree(page, site)
	const [one, two] = manyPicks(2)
	const unlisted = { ...one, release: '20120101.0' }
	const early = { ...two, time: '2012-01-01T00:00:00.000Z' }
	await importPicks(page, [unlisted, early])
	await expectPicks(page, 5)
	const says = ': 3 picks sent, 2 refused (wrong time, or a release not listed there).'
	await expect(status(page, says)).toBeVisible()
	const sends = () => site.requests.filter((path) => path.endsWith('/api/feedback')).length
	const before = sends()
	await page.reload()
	await expect(status(page, says)).toBeVisible()
	expect(await askWorker(page)).toEqual({ kind: 'done' })
	expect(sends()).toBe(before)
	// The server has none of them, so there is nothing to take back.
	await page.getByRole('button', { name: 'Take back: telescope number 0' }).click()
	await expect(status(page, ': 3 picks sent, 1 refused')).toBeVisible()
	await stop(page)
	await expect.poll(() => collector.titles()).toEqual([])
	await expect(page.getByText('Not removed')).toHaveCount(0)
	expect(site.requests.filter((path) => path.endsWith('/take-back'))).toHaveLength(1)
})

test('has the earlier pick of a title taken back where the server refused the later one', async ({
	page,
	site,
	collector,
}) => {
	await sendThree(page, site)
	const [kept] = await collector.stored()
	if (!kept) throw new Error('no pick')
	// As by a clock that was set forward meanwhile: later, and of a release that is listed no more.
	const later = new Date(Date.parse(kept.time) + 1_000).toISOString()
	await importPicks(page, [{ ...kept, time: later, release: '20120101.0' }])
	await expect(status(page, ': 2 picks sent, 1 refused')).toBeVisible()
	expect(await collector.stored()).toHaveLength(3)
	await stop(page)
	await expect.poll(() => collector.titles()).toEqual([])
})

test('an answer holds where what follows from it can not be written down', async ({
	page,
	site,
	collector,
}) => {
	await open(page, site)
	await pick(page, 3)
	await expect(question(page)).toBeVisible()
	await breakPlan(page)
	await agree(page)
	await expect(page.locator('html')).toHaveAttribute('data-tried', 'yes')
	await expect(page.getByText(/^Your picks go to localhost/).first()).toBeVisible()
	await expect(page.getByText('nothing is sent')).toBeHidden()
	await page.reload()
	await expect.poll(() => collector.titles()).toHaveLength(3)
})

test('says which picks it can not take back, as another browser has sent them', async ({
	page,
	site,
	collector,
	browser,
}) => {
	await sendThree(page, site)
	const context = await browser.newContext()
	const other = await context.newPage()
	await open(other, site)
	await importPicks(other, await collector.stored())
	await expectPicks(other, 3)
	await expect(other.getByText('imported ones too')).toBeVisible()
	await other.getByRole('button', { name: 'Send my picks' }).click()
	await expect(status(other, ': 3 picks sent.')).toBeVisible()
	await stop(other)
	await expect(
		status(other, /^Not removed at localhost:\d+: 3 picks, sent by another browser/),
	).toBeVisible()
	expect(await collector.stored()).toHaveLength(3)
	await context.close()
})
