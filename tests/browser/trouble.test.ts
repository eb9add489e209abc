// What goes wrong on a first visit or later: each shows a sentence that says what happened and what to do.
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
	FAILED_REQUEST,
	findBarriers,
	mark,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, SECOND } from './site.ts'

test('refuses a download with one bit changed, and takes the mended one on request', async ({
	page,
	site,
}) => {
	const mend = await site.breakModel(FIRST, (bytes) => {
		bytes[200] = (bytes[200] ?? 0) ^ 1
		return bytes
	})
	await page.goto(site.url)
	await expectAlert(page, 'The model could not be loaded: the download is damaged')
	await mend()
	await page.getByRole('button', { name: 'Try now' }).click()
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByRole('alert')).toBeHidden()
})

test('refuses a download that ends early', async ({ page, site }) => {
	await site.breakModel(FIRST, (bytes) => bytes.subarray(0, -100))
	await page.goto(site.url)
	await expectAlert(page, /damaged.*bytes came where/)
})

test('refuses a download that is longer than the release', async ({ page, site }) => {
	await site.breakModel(FIRST, (bytes) => Buffer.concat([bytes, Buffer.alloc(100)]))
	await page.goto(site.url)
	// Where the unpacker stops before the last bytes have come, their number is not known.
	await expectAlert(page, /damaged.*(bytes came where|not, byte for byte, what was released)/)
})

test('says that there is no network on a first visit, and goes on when it is back', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await page.route('**/models/**', (route) => route.abort('internetdisconnected'))
	await page.goto(site.url)
	await expectAlert(page, 'there is no connection to the server')
	await page.getByRole('button', { name: 'Try again' }).click()
	await expect(page.getByRole('alert')).toContainText('there is no connection to the server')
	await page.unroute('**/models/**')
	await page.evaluate(() => window.dispatchEvent(new Event('online')))
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByRole('alert')).toBeHidden()
})

test('says that the connection broke in the middle of a download', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	site.holdModels()
	await page.goto(site.url)
	await expect(page.getByRole('progressbar')).toBeVisible()
	await site.goDown()
	await expectAlert(page, /the connection broke after \d+ of \d+ kB/)
	await site.comeBack()
})

test('says that the server has no release', async ({ page, site }) => {
	await site.setChannels({})
	await page.goto(site.url)
	await expectAlert(page, 'no release on the production channel yet')
})

test('refuses a model that reads titles in an unknown way, and offers to reload', async ({
	page,
	site,
}) => {
	await site.publish({ version: SECOND, normalizer: 99 })
	await site.setChannels({ production: SECOND })
	await page.goto(site.url)
	await expectAlert(page, 'needs a newer version of this page')
	await site.setChannels({ production: FIRST })
	await page.getByRole('button', { name: 'Reload the page' }).click()
	await ask(page, 'telescope', 'astronomy')
})

test('says that a list of releases with a newer schema needs a newer page', async ({
	page,
	site,
}) => {
	await page.route('**/releases.json', (route) => route.fulfill({ json: { schema: 3 } }))
	await page.goto(site.url)
	await expectAlert(page, 'needs a newer version of this page')
})

test('says that a list of releases can not be read', async ({ page, site }) => {
	await page.route('**/releases.json', (route) => route.fulfill({ body: '[]' }))
	await page.goto(site.url)
	await expectAlert(page, "list of releases can't be read")
})

test('says that a network wants a sign-in, where a web page comes for the list', async ({
	page,
	site,
}) => {
	await page.route('**/releases.json', (route) =>
		route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Sign in</title>' }),
	)
	await page.goto(site.url)
	const alert = page.getByRole('alert')
	await expectAlert(page, 'a web page came in place of releases.json')
	await expect(alert).toContainText('If this network wants you to sign in')
	await expect(alert).not.toContainText('no connection')
})

for (const file of ['releases.json', 'manifest.json'])
	test(`says that the server fails over ${file}, not the connection`, async ({
		page,
		site,
		complaints,
	}) => {
		complaints.expect(FAILED_REQUEST)
		await page.route(`**/${file}`, (route) => route.fulfill({ status: 503, body: '' }))
		await page.goto(site.url)
		const alert = page.getByRole('alert')
		await expectAlert(page, 'the server answers with error 503')
		await expect(alert).not.toContainText('connection')
		await page.unroute(`**/${file}`)
		await page.getByRole('button', { name: 'Try again' }).click()
		await ask(page, 'telescope', 'astronomy')
	})

test('says that the connection broke in the middle of the list of releases', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	site.cutShort('releases.json')
	await page.goto(site.url)
	await expectAlert(page, 'the connection to the server broke')
})

test('works without IndexedDB, and says what it can not keep', async ({ page, site }) => {
	await page.addInitScript(() => Reflect.deleteProperty(window, 'indexedDB'))
	await removeFromWorker(page, 'indexedDB')
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText('it works now, and is downloaded again')).toBeVisible()
	await expect(page.getByText('kept as long as this page is open')).toBeVisible()
	await mark(page)
	await expect(page.getByText('Your pick is not stored yet')).toBeVisible()
	await expect(page.getByText('1 pick is not stored yet')).toBeVisible()
})

test('says that a browser without WebAssembly can not run the model', async ({ page, site }) => {
	await removeFromWorker(page, 'WebAssembly')
	await page.goto(site.url)
	await expectAlert(page, "can't run WebAssembly")
	await expect(page.getByRole('button', { name: 'Try again' })).toBeHidden()
})

test('says that the policy of the site forbids WebAssembly, and loads no model in vain', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(/Content Security Policy/)
	// A worker has the policy that came with its own script.
	await page.route('**/assets/classifier-worker-*.js', async (route) => {
		const response = await route.fetch()
		const policy = "default-src 'none'; script-src 'self'; connect-src 'self'"
		const headers = { ...response.headers(), 'content-security-policy': policy }
		await route.fulfill({ response, headers })
	})
	await page.goto(site.url)
	const alert = page.getByRole('alert')
	await expectAlert(page, 'does not let WebAssembly run; whoever runs the site can allow')
	await expect(alert).not.toContainText('connection')
	expect(site.modelRequests).toEqual([])
	await page.unroute('**/assets/classifier-worker-*.js')
	await page.getByRole('button', { name: 'Reload the page' }).click()
	await ask(page, 'telescope', 'astronomy')
})

for (const [where, code] of [
	[
		'the engine starts',
		`WebAssembly.instantiate = ((native) => (...given) => given.length > 1
			? Promise.reject(new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory'))
			: native(...given))(WebAssembly.instantiate)`,
	],
	[
		'the engine reads the model',
		"WebAssembly.Memory.prototype.grow = () => { throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded') }",
	],
] as const)
	test(`says that there is too little memory where ${where}, and keeps what was downloaded`, async ({
		page,
		site,
	}) => {
		await site.publish({
			version: SECOND,
			// More than the engine's memory of 16 MB at its start, so that it must grow.
			model: makeModelFile({ topics: TOPICS, paddingBytes: 17_000_000 }),
		})
		await site.setChannels({ production: SECOND })
		await changeWorker(page, code)
		await page.goto(site.url)
		const alert = page.getByRole('alert')
		await expectAlert(page, /too little free memory to start the (engine|model)/)
		await expect(alert).toContainText('close other tabs or apps, then try again')
		await expect(alert).not.toContainText(/connection|damaged/)
		await page.unroute('**/assets/classifier-worker-*.js')
		const before = site.modelRequests.length
		await page.getByRole('button', { name: 'Try again' }).click()
		await ask(page, 'telescope', 'astronomy')
		expect(site.modelRequests).toHaveLength(before)
	})

for (const part of ['scorer-*.wasm', 'engine-*.wasm', 'engine-*.js'])
	test(`says of ${part}, each for its own cause, why it could not be used`, async ({
		page,
		site,
		complaints,
	}) => {
		complaints.expect(FAILED_REQUEST)
		// One that needs all of them.
		await site.publish({ version: SECOND, model: makeModelFile({ topics: TOPICS }) })
		await site.setChannels({ production: SECOND })
		const alert = page.getByRole('alert')
		const visit = async (answer: Parameters<Page['route']>[1]) => {
			await page.unroute('**')
			await page.route(`**/assets/${part}`, answer)
			await page.goto('about:blank')
			await page.goto(site.url)
		}
		const isScript = part.endsWith('.js')
		if (!isScript) {
			await visit((route) => route.fulfill({ status: 503, body: '' }))
			await expectAlert(page, 'the server answers with error 503')
			await visit((route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
			await expect(alert).toContainText('a web page came in place of')
			await visit((route) => route.abort('internetdisconnected'))
			await expect(alert).toContainText('there is no connection to the server')
		}
		await visit((route) =>
			route.fulfill({
				contentType: isScript ? 'text/javascript' : 'application/wasm',
				body: 'x y',
			}),
		)
		await expect(alert).toContainText("A part of this page can't be used")
		// A newer build is there: this one's parts are gone.
		await page.route('**/*is-there', (route) => route.fulfill({ status: 404, body: '' }))
		await visit((route) => route.fulfill({ status: 404, body: '' }))
		if (isScript)
			await page.route('**/*is-there', (route) => route.fulfill({ status: 404, body: '' }))
		await expect(alert).toContainText('This page was replaced by a newer version')
		await expect(alert).not.toContainText('connection')
		await page.unroute(`**/assets/${part}`)
		await page.getByRole('button', { name: 'Reload the page' }).click()
		await ask(page, 'telescope', 'astronomy')
	})

test('says that the page was replaced where its worker is gone, and keeps the title', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await site.deploy()
	// The browser may still have the script of this build.
	await page.route('**/assets/classifier-worker-*.js', (route) =>
		route.request().url().includes('-next') ? route.continue() : route.fulfill({ status: 404 }),
	)
	await page.workers()[0]?.evaluate(() => self.close())
	await titleBox(page).fill('telescope and moon')
	await expectAlert(page, 'This page was replaced by a newer version')
	await page.getByRole('button', { name: 'Reload the page' }).click()
	await expect(titleBox(page)).toHaveValue('telescope and moon')
	await ask(page, 'kitten', 'cats')
})

test('answers on where storing the model never ends, and says that it is not kept', async ({
	page,
	site,
}) => {
	await changeWorker(page, NEVER_STORES)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText('did not keep the model (storing it takes too long)')).toBeVisible()
	await ask(page, 'kitten', 'cats')
})

// Runs in the worker, hence as text: the transaction that stores a model goes on, and long waits are short.
const NEVER_STORES = `
	const { put } = IDBObjectStore.prototype
	IDBObjectStore.prototype.put = function (value, ...key) {
		const request = put.call(this, value, ...key)
		const goOn = () => { this.count().onsuccess = goOn }
		if (value.bytes) request.addEventListener('success', goOn)
		return request
	}
	const later = setTimeout
	globalThis.setTimeout = (work, ms, ...given) => later(work, ms === 20_000 ? 1_000 : ms, ...given)
`

test('works with a full disk, and keeps the model once there is room', async ({ page, site }) => {
	await site.publish({
		version: SECOND,
		model: makeModelFile({ topics: TOPICS, paddingBytes: 3_000_000 }),
	})
	await site.setChannels({ production: SECOND })
	const devtools = await page.context().newCDPSession(page)
	const origin = new URL(site.url).origin
	await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 })
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText('The disk is full, so the model could not be kept')).toBeVisible()
	await devtools.send('Storage.overrideQuotaForOrigin', { origin })
	await page.reload()
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, SECOND)
	await expect(page.getByText('The disk is full')).toBeHidden()
	expect(site.modelRequests).toHaveLength(2)
})

test('says that a pick could not be stored on a full disk', async ({ page, site }) => {
	const devtools = await page.context().newCDPSession(page)
	const origin = new URL(site.url).origin
	// Room for empty databases, and for nothing in them.
	await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expect(page.getByText('The disk is full, so 1 pick is not stored yet')).toBeVisible()
	await expect(page.getByText('Your pick is not stored yet')).toBeVisible()
	await ask(page, 'kitten', 'cats')
	await devtools.send('Storage.overrideQuotaForOrigin', { origin })
	await mark(page)
	await expectPicks(page, 2)
	await expect(page.getByText('not stored yet')).toHaveCount(0)
})

test('starts a worker that stopped without a word again, and answers the title', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.workers()[0]?.evaluate(() => self.close())
	await ask(page, 'kitten', 'cats')
	await expectRelease(page, FIRST, 'production')
	expect(site.modelRequests).toHaveLength(1)
})

test('does not start a worker that keeps dying for ever, but on request', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(/crashed by the test/)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await crashWorker(page)
	await ask(page, 'kitten', 'cats')
	await crashWorker(page)
	await expectAlert(page, 'works out the suggestions has stopped')
	await page.getByRole('button', { name: 'Try again' }).click()
	await ask(page, 'telescope', 'astronomy')
})

test('gives up on a worker that is silent while it loads', async ({ page, site }) => {
	await page.clock.install()
	await page.route('**/assets/classifier-worker-*.js', (route) =>
		route.fulfill({ contentType: 'text/javascript', body: 'for (;;) {}' }),
	)
	await page.goto(site.url)
	await titleBox(page).fill('telescope')
	await page.clock.runFor(41_000)
	// Where the picks' database had not opened before the clock ran, the page complains of that, too.
	const alerts = page.getByRole('alert')
	await expect(alerts.filter({ hasText: 'took too long to start' })).toBeVisible()
})

/** The page says so, anybody can read it, and no example is offered that nothing would answer. */
async function expectAlert(page: Page, text: string | RegExp): Promise<void> {
	await expect(page.getByRole('alert')).toContainText(text)
	await expect(page.getByText('For example')).toHaveCount(0)
	expect(await findBarriers(page)).toEqual([])
}

async function crashWorker(page: Page): Promise<void> {
	await page.workers()[0]?.evaluate(() => {
		setTimeout(() => {
			throw new Error('crashed by the test')
		})
	})
}

function removeFromWorker(page: Page, name: string): Promise<void> {
	return changeWorker(page, `delete self.${name}; delete WorkerGlobalScope.prototype.${name}`)
}
