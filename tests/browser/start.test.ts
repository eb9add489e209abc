// How the page comes to its model: the first visit's download, later visits without it, and without a network.
import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	changeWorker,
	expect,
	expectPicks,
	expectRelease,
	expectStored,
	mark,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, SECOND } from './site.ts'

test.use({ reuseContext: false })

test('downloads the production release with a progress bar in bytes', async ({ page, site }) => {
	const model = makeModelFile({ topics: TOPICS, paddingBytes: 2_000_000 })
	await site.publish({ version: SECOND, model })
	await site.setChannels({ production: SECOND })
	const letGo = site.holdModels()
	await page.goto(site.url)
	const bar = page.getByRole('progressbar')
	const bytes = gzipSync(model).length
	await expect(bar).toHaveAttribute('aria-valuemax', String(bytes))
	await expect(bar).toHaveAttribute('aria-valuenow', String(Math.floor(bytes / 2)))
	await expect(page.getByText(/^\d\.\d of \d\.\d MB$/)).toBeVisible()
	// What is typed meanwhile is answered as soon as it can be.
	await titleBox(page).fill('telescope')
	letGo()
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await expect(bar).toBeHidden()
})

test('says within 300 ms what is waited for, from the first byte to the first suggestion', async ({
	page,
	site,
}) => {
	const scripts = await holdRoute(page, '**/assets/page-*.js')
	const releases = await holdRoute(page, '**/releases.json')
	await page.addInitScript(() => {
		const native = Worker.prototype.postMessage
		const held: (() => void)[] = []
		let isHeld = true
		Worker.prototype.postMessage = function (this: Worker, message: { name?: string }) {
			const post = () => native.call(this, message)
			if (isHeld && message.name === 'suggest') held.push(post)
			else post()
		}
		Object.assign(globalThis, {
			letGo: () => {
				isHeld = false
				for (const post of held) post()
			},
		})
	})
	const says = async (text: string) => {
		const sentence = page.getByText(text)
		await expect(sentence).toBeVisible()
		const [delay, duration] = await sentence.evaluate((element) => {
			// The sentence, or what it stands in, is hidden until then.
			const { animationDelay, animationDuration } = getComputedStyle(
				element.closest('.waiting, #starting') ?? element,
			)
			return [animationDelay, animationDuration].map(Number.parseFloat)
		})
		expect((delay ?? 1) + (duration ?? 1)).toBeLessThanOrEqual(0.3)
	}
	await page.goto(site.url, { waitUntil: 'commit' })
	await says('whichsub is loading…')
	scripts()
	await titleBox(page).fill('telescope')
	await says('Looking for the model…')
	releases()
	await says('Working out the suggestions…')
	await expect(suggestions(page)).toHaveCount(0)
	await page.evaluate(() => (globalThis as unknown as { letGo(): void }).letGo())
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await expect(page.getByText('Working out the suggestions…')).toHaveCount(0)
})

/** Requests like this wait. @returns lets them go on */
async function holdRoute(page: Page, pattern: string): Promise<() => void> {
	let letGo = () => {}
	const held = new Promise<void>((go) => {
		letGo = go
	})
	await page.route(pattern, async (route) => {
		await held
		await route.continue()
	})
	return () => letGo()
}

test('tells which release answers, how good it is and how large', async ({ page, site }) => {
	await page.goto(site.url)
	await expectRelease(page, FIRST, 'production')
	await page.getByRole('link', { name: 'About' }).click()
	const model = page.getByRole('main')
	await expect(model).toContainText('57% of 1,000 test posts')
	await expect(model).toContainText('8 subreddits')
	await expect(model).toContainText(/\d kB/)
})

test('starts later visits from IndexedDB, without asking for the model', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	expect(site.modelRequests).toHaveLength(1)
	await page.reload()
	await ask(page, 'telescope', 'astronomy')
	expect(site.modelRequests).toHaveLength(1)
})

test('starts a later visit before the list of releases has come', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.route('**/releases.json', () => {})
	await page.reload()
	await ask(page, 'kitten', 'cats')
})

test('takes a model that is not packed, and one that the server unpacks', async ({
	page,
	site,
}) => {
	await site.publish({ version: SECOND, encoding: 'identity' })
	await site.publish({ version: '20130801.0', file: 'model.bin.gz' })
	for (const version of [SECOND, '20130801.0']) {
		await site.setChannels({ production: version })
		await page.goto(site.url)
		await expectRelease(page, version, 'production')
		await ask(page, 'telescope', 'astronomy')
	}
})

test('takes a model in our own packing, and fetches what unpacks an older one where a release has it', async ({
	page,
	site,
}) => {
	await site.publish({ version: SECOND, encoding: 'whichsub-4' })
	await site.publish({ version: '20130801.0', encoding: 'whichsub-1' })
	const askedForOlder = () => site.requests.some((path) => /later-.*\.wasm$/.test(path))
	for (const [version, isOlder] of [
		[SECOND, false],
		['20130801.0', true],
	] as const) {
		await site.setChannels({ production: version })
		await page.goto(site.url)
		await expectRelease(page, version, 'production')
		await ask(page, 'telescope', 'astronomy')
		expect(askedForOlder()).toBe(isOlder)
	}
})

test('downloads again what was damaged on the disk', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.evaluate(changeStoredModels, 'damage' as const)
	await page.reload()
	await ask(page, 'kitten', 'cats')
	expect(site.modelRequests).toHaveLength(2)
})

test('opens a model that an earlier page stored among the records', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.evaluate(changeStoredModels, 'as ArrayBuffer' as const)
	await page.reload()
	await ask(page, 'kitten', 'cats')
	expect(site.modelRequests).toHaveLength(1)
})

test('answers the first title before it stores the model', async ({ page, site }) => {
	await changeWorker(page, NOTE_ORDER)
	await page.goto(`${site.url}#title=telescope`)
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await expect
		.poll(() => page.workers()[0]?.evaluate('order'))
		.toEqual(['model is there', 'answer', 'model is stored'])
})

test('notes what the next visit starts with once it is stored, though the list of releases is read before', async ({
	page,
	site,
}) => {
	await changeWorker(page, STORE_LATE)
	await page.goto(site.url)
	await expectRelease(page, FIRST, 'production')
	await expect.poll(() => page.workers()[0]?.evaluate('order.length')).toBe(4)
	expect(await page.workers()[0]?.evaluate('order')).toEqual([
		'list is read',
		'model is stored',
		'noted',
		'noted',
	])
})

// Runs in the worker, hence as text. The model is stored once the list of releases is read again, and a moment later: 100 ms are
// what the worker waits for the first title.
const STORE_LATE = `
	globalThis.order = []
	const { fetch, setTimeout } = self
	let tellChecked = () => {}
	let lists = 0
	const checked = new Promise((tell) => (tellChecked = tell))
	self.fetch = async (address, ...how) => {
		const response = await fetch(address, ...how)
		if (String(address.url ?? address).includes('releases.json') && (lists += 1) === 2) {
			order.push('list is read')
			setTimeout(tellChecked, 300)
		}
		return response
	}
	self.setTimeout = (go, ms) => (ms === 100 ? void checked.then(go) : setTimeout(go, ms))
	const { put } = IDBObjectStore.prototype
	IDBObjectStore.prototype.put = function (value, ...key) {
		if (value?.bytes) order.push('model is stored')
		if (value?.channel) order.push('noted')
		return put.call(this, value, ...key)
	}
`

// Runs in the worker, hence as text.
const NOTE_ORDER = `
	globalThis.order = []
	const { mark } = performance
	performance.mark = (name) => {
		if (name === 'model is there') order.push(name)
		return mark.call(performance, name)
	}
	const { postMessage } = self
	self.postMessage = (message) => {
		if (message.result?.suggestions && order.length < 3) order.push('answer')
		postMessage.call(self, message)
	}
	const { put } = IDBObjectStore.prototype
	IDBObjectStore.prototype.put = function (value, ...key) {
		if (value.bytes && order.length < 3) order.push('model is stored')
		return put.call(this, value, ...key)
	}
`

test('keeps the model in a browser that stores no Blob', async ({ page, site }) => {
	await changeWorker(page, REFUSE_BLOBS)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.reload()
	await ask(page, 'kitten', 'cats')
	expect(site.modelRequests).toHaveLength(1)
})

// Runs in the worker, hence as text: as Safari in a private window.
const REFUSE_BLOBS = `
	const { put } = IDBObjectStore.prototype
	IDBObjectStore.prototype.put = function (value, ...key) {
		if (value.bytes instanceof Blob) throw new DOMException('stores no Blob', 'DataCloneError')
		return put.call(this, value, ...key)
	}
`

test('never sends a title anywhere', async ({ page, site }) => {
	const sent: string[] = []
	page.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`))
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	expect([...sent, ...site.requests].filter((request) => request.includes('telescope'))).toEqual([])
	expect(sent.every((request) => request.startsWith(site.url))).toBe(true)
})

async function changeStoredModels(change: 'damage' | 'as ArrayBuffer'): Promise<void> {
	const settle = <T>(request: IDBRequest<T>) =>
		new Promise<T>((done, fail) => {
			request.onsuccess = () => done(request.result)
			request.onerror = () => fail(request.error)
		})
	const database = await settle(indexedDB.open('whichsub-models'))
	const store = () => database.transaction('models', 'readwrite').objectStore('models')
	for (const model of await settle<{ bytes: Blob }[]>(store().getAll())) {
		const bytes = await model.bytes.arrayBuffer()
		if (change === 'damage') new Uint8Array(bytes)[1000] = 255
		await settle(store().put({ ...model, bytes: change === 'damage' ? new Blob([bytes]) : bytes }))
	}
	database.close()
}

test('starts the worker before the script of the page has come, and no second one', async ({
	page,
	site,
}) => {
	const letGo = await holdRoute(page, '**/assets/page-*.js')
	await page.goto(site.url, { waitUntil: 'commit' })
	await expect.poll(() => page.workers().length).toBe(1)
	await expect(titleBox(page)).toHaveCount(0)
	letGo()
	await ask(page, 'telescope', 'astronomy')
	expect(page.workers()).toHaveLength(1)
})

test('downloads the model before the script of the page has come', async ({ page, site }) => {
	const letGo = await holdRoute(page, '**/assets/page-*.js')
	await page.goto(site.url, { waitUntil: 'commit' })
	await expect.poll(() => stepsOf(page)).toContain('model is there')
	await expect(titleBox(page)).toHaveCount(0)
	letGo()
	await ask(page, 'telescope', 'astronomy')
	expect(site.modelRequests).toHaveLength(1)
})

test('reads the stored model before the script of the page has come', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	const letGo = await holdRoute(page, '**/assets/page-*.js')
	await page.goto('about:blank')
	await page.goto(site.url, { waitUntil: 'commit' })
	await expect.poll(() => stepsOf(page)).toContain('model is there')
	await expect(titleBox(page)).toHaveCount(0)
	letGo()
	await ask(page, 'telescope', 'astronomy')
	expect(site.modelRequests).toHaveLength(1)
})

/** What the worker has done. */
async function stepsOf(page: Page): Promise<string[]> {
	const [worker] = page.workers()
	const marks = worker?.evaluate(() => performance.getEntriesByType('mark').map(({ name }) => name))
	return (await marks) ?? []
}

test('starts no worker for who only looks at another page', async ({ page, site }) => {
	await page.goto(`${site.url}#/about`)
	await expect(page.getByText('No model is loaded yet.')).toBeVisible()
	expect(page.workers()).toHaveLength(0)
})

test('asks for the list of releases after the first suggestion of a later visit', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.goto('about:blank')
	const shown: number[] = []
	await page.route('**/releases.json', async (route) => {
		shown.push(await suggestions(page).count())
		await route.continue()
	})
	await page.goto(`${site.url}#title=kitten`)
	await expect.poll(() => shown.length).toBeGreaterThan(0)
	expect(shown[0]).toBeGreaterThan(0)
})
