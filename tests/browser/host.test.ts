// Who has been here before finds what the host says, not what the browser has kept: moves, sign-ins, deploys, other copies.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import {
	ask,
	expect,
	expectPicks,
	FAILED_REQUEST,
	findBarriers,
	mark,
	test,
} from './page-fixtures.ts'
import { COPIES, type Site } from './site.ts'

test.use({ serviceWorkers: 'allow', reuseContext: false })

test.beforeEach(({ complaints }) => complaints.expect(FAILED_REQUEST))

/** As the service worker has it: a host that is silent for longer gets the kept page shown in its place. */
const PATIENCE_MS = 3_000

/** Visits until what the host says is shown. On a loaded machine it may be slow, which is the one excuse for the kept page. */
async function visitHost(page: Page, url: string, isShown: () => Promise<boolean>) {
	for (;;) {
		await page.goto('about:blank')
		const start = Date.now()
		const response = await page.goto(url)
		if (await isShown()) return response
		expect(Date.now() - start).toBeGreaterThanOrEqual(PATIENCE_MS)
	}
}

/** Visits until the service worker answers for this address. */
async function visit(page: Page, url: string): Promise<void> {
	await page.goto(url)
	await ask(page, 'telescope', 'astronomy')
	await page.evaluate(() => navigator.serviceWorker.ready)
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

for (const [status, name] of [
	[302, 'a network that wants a sign-in'],
	[301, 'a page that has moved'],
] as const)
	test(`follows ${name}`, async ({ page, site }) => {
		await visit(page, site.url)
		site.answerPage((path, response) => {
			if (path === '/') response.writeHead(status, { location: '/elsewhere' }).end()
			else if (path === '/elsewhere')
				response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Elsewhere</title>')
			else return false
			return true
		})
		await visitHost(page, site.url, async () => (await page.title()) === 'Elsewhere')
		expect(page.url()).toBe(`${site.url}elsewhere`)
	})

for (const status of [404, 410])
	test(`says that the page is gone where the host says ${status}`, async ({ page, site }) => {
		await visit(page, site.url)
		site.answerPage((_path, response) => {
			response.writeHead(status, { 'content-type': 'text/html' }).end('<title>Gone</title>')
			return true
		})
		const isShown = async () => (await page.title()) === 'Gone'
		expect((await visitHost(page, site.url, isShown))?.status()).toBe(status)
	})

test('opens the kept page while the host is out of order', async ({ page, site }) => {
	await visit(page, site.url)
	site.answerPage((_path, response) => {
		response.writeHead(503).end('out of order')
		return true
	})
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
})

test('says of a missing address beside the page that it is missing', async ({ page, site }) => {
	await visit(page, site.url)
	const response = await page.goto(`${site.url}nothing/here`)
	expect(response?.status()).toBe(404)
})

for (const address of ['', 'index.html', '?utm_source=somewhere'])
	test(`opens the newer page after a deploy, by /${address}`, async ({ page, site }) => {
		letBrowserKeepPages(site)
		await visit(page, site.url + address)
		await site.deploy()
		for (let visits = 0; visits < 2; visits += 1) {
			const scripts = page.locator('script[src*="-next.js"]')
			await visitHost(page, site.url + address, async () => (await scripts.count()) > 0)
			await ask(page, 'kitten', 'cats')
		}
	})

test('keeps two copies on one host apart', async ({ page, site }) => {
	for (const copy of COPIES) await visit(page, site.url + copy.slice(1))
	await mark(page)
	await expectPicks(page, 1)
	await page.goto(site.url + COPIES[0].slice(1))
	await ask(page, 'telescope', 'astronomy')
	await expectPicks(page, 0)
	await site.deploy()
	await visit(page, site.url + COPIES[1].slice(1))
	const names = await page.evaluate(async () => {
		const databases = await indexedDB.databases()
		return [...databases.map(({ name }) => name ?? ''), ...(await caches.keys())]
	})
	for (const copy of COPIES) {
		const own = names.filter((name) => name.endsWith(copy))
		// The models, the picks, the page's files.
		expect(own).toHaveLength(3)
	}
	expect(names.filter((name) => !COPIES.some((copy) => name.endsWith(copy)))).toEqual([])
	await site.goDown()
	for (const copy of COPIES) {
		await page.goto(site.url + copy.slice(1))
		await ask(page, 'kitten', 'cats')
	}
	await site.comeBack()
})

test('says that it has not started where its script is missing, and starts when it is there again', async ({
	page,
	site,
}) => {
	const answerAsBefore = site.answerPage((path, response) => {
		if (!/\/page-[^/]+\.js$/.test(path)) return false
		response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
		return true
	})
	await page.goto(site.url)
	const again = page.getByRole('link', { name: 'load the page again' })
	await expect(again).toBeVisible()
	expect(await findBarriers(page)).toEqual([])
	answerAsBefore()
	await again.click()
	await ask(page, 'kitten', 'cats')
	await expect(again).toHaveCount(0)
})

/** As static hosts do: pages may be kept for ten minutes. */
function letBrowserKeepPages(site: Site): void {
	site.answerPage((path, response) => {
		if (!['/', '/index.html'].includes(path.split('?')[0] ?? '')) return false
		void readFile(site.pageFile).then((html) =>
			response
				.writeHead(200, { 'content-type': 'text/html', 'cache-control': 'max-age=600' })
				.end(html),
		)
		return true
	})
}
