// Releases that lie at another origin: a page that was built for it loads them from there, and says what is wrong with it.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import { writeTail } from '../../scripts/lib/unseen/write-tail.ts'
import { contentSecurityPolicy } from '../../src/shared/content-security-policy.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { OriginServer } from '../fixtures/origin-server.ts'
import { FACTS_FILE, TAIL_FILE } from '../fixtures/release.ts'
import { makeUnseen, UNSEEN_LIST } from '../fixtures/unseen.ts'
import {
	ask,
	expect,
	expectRelease,
	expectStored,
	FAILED_REQUEST,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, SECOND, Site } from './site.ts'

// One build for all of them: it takes seconds.
test.describe.configure({ mode: 'default' })

const ROOT = resolve(import.meta.dirname, '../..')
const SAFFRON = {
	name: 'SaffronGrowers',
	subscribers: 25_000,
	description: 'Growing the saffron crocus at home',
}

let origin: OriginServer
let folder: string

test.beforeAll(async () => {
	origin = await OriginServer.start()
	folder = await mkdtemp(join(tmpdir(), 'whichsub-build-'))
	await build(join(folder, 'dist'))
})

test.afterAll(async () => {
	await origin.remove()
	await rm(folder, { recursive: true, force: true })
})

test.use({
	serviceWorkers: 'allow',
	reuseContext: false,
	// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
	site: async ({}, use) => {
		origin.reset()
		const site = await Site.start(join(folder, 'dist'))
		await publishElsewhere(site)
		await use(site)
		await site.remove()
	},
})

/** As a checkout whose whichsub.yaml names the origin builds its page. */
async function build(outDir: string): Promise<void> {
	const parameters = join(folder, 'whichsub.yaml')
	await writeFile(parameters, `releases:\n  origins: ['${origin.origin}']\n`)
	const args = ['vite', 'build', '--logLevel', 'error', '--outDir', outDir]
	const env = { ...process.env, WHICHSUB_PARAMETERS: parameters }
	const building = spawn('npx', args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] })
	const code = await new Promise((done) => building.on('exit', done))
	expect(code).toBe(0)
}

/** A release with every kind of file, of which only manifest and report stay with the page. */
async function publishElsewhere(site: Site): Promise<void> {
	const model = makeModelFile({ topics: TOPICS })
	const small = await makeUnseen(model)
	const all = await makeUnseen(model, [...UNSEEN_LIST, SAFFRON])
	const labels = Object.keys(TOPICS)
	await site.publish({
		...{ version: SECOND, model },
		unseen: { index: small.bytes, subreddits: small.index.names.length },
		tail: { index: writeTail(all.index), subreddits: all.index.names.length },
		facts: {
			schema: 1,
			members: labels.map(() => 12_000),
			words: labels.map(() => 'weasel words'),
		},
	})
	await site.moveElsewhere(SECOND, origin)
	await site.setChannels({ production: SECOND })
}

function alert(page: Page) {
	return page.getByRole('alert')
}

function asked(file: string): string[] {
	return origin.requests.filter((request) => request.endsWith(file))
}

test('are loaded from there: the model, facts, and the long tail on request, each once', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await expect(page.getByText('12k members').first()).toBeVisible()
	await expect(page.getByText('weasel').first()).toBeVisible()
	const offer = page.getByRole('button', { name: /^Search all of Reddit/ })
	const found = page.getByRole('button', { name: 'r/SaffronGrowers' })
	await titleBox(page).fill('growing saffron crocus in pots')
	await expect(offer.or(found).first()).toBeVisible()
	if (await offer.isVisible()) await offer.click()
	await expect(found).toBeVisible()
	const files = ['/model.bin.packed', `/${FACTS_FILE}`, `/${TAIL_FILE}`]
	for (const file of files) expect(asked(file), file).toEqual([`GET /${SECOND}${file}`])
	expect(site.requests.filter((path) => path.includes('packed'))).toEqual([])

	// Without any network it all comes from the browser's database, and none of it from a cache.
	await page.evaluate(() => navigator.serviceWorker.ready)
	const cached = await page.evaluate(async () => {
		const responses = (await caches.keys()).map(async (name) => {
			const cache = await caches.open(name)
			return Promise.all((await cache.keys()).map((request) => cache.match(request)))
		})
		return (await Promise.all(responses)).flat().map((found) => `${found?.type} ${found?.url}`)
	})
	expect(cached.length).toBeGreaterThan(3)
	for (const one of cached) expect(one).toMatch(/^(basic|default) http:\/\/localhost:/)
	await origin.goDown()
	await site.goDown()
	await page.reload()
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText('weasel').first()).toBeVisible()
	await titleBox(page).fill('growing saffron crocus in pots')
	await expect(found).toBeVisible()
	await site.comeBack()
	await origin.comeBack()
})

test('are named by the policy of the page, of its server, and on the page about privacy', async ({
	page,
	site,
}) => {
	const policy = contentSecurityPolicy([origin.origin])
	const response = await page.goto(`${site.url}#/privacy`)
	expect(response?.headers()['content-security-policy']).toBe(`${policy}; frame-ancestors 'none'`)
	const own = page.locator('meta[http-equiv="Content-Security-Policy"]')
	await expect(own).toHaveAttribute('content', policy)
	await expect(page.getByText(`This site keeps models at ${origin.origin}`)).toBeVisible()
})

test('that no page may read are said so, and come once that is mended', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	complaints.expect(/blocked by CORS policy/)
	origin.allowedOrigin = null
	await page.goto(site.url)
	await expect(alert(page)).toContainText(
		`The model could not be loaded: ${origin.origin} answers, but does not let this page read its answer (CORS): whoever runs this site can allow it.`,
	)
	origin.allowedOrigin = new URL(site.url).origin
	await page.getByRole('button', { name: 'Try now' }).click()
	await ask(page, 'kitten', 'cats')
})

const REFUSALS = [
	{ status: 403, says: /could not be loaded: .* answers with error 403 .* private, or not there/ },
	{ status: 404, says: /does not have the model: .* answers with error 404 / },
	{ status: 500, says: /could not be loaded: .* answers with error 500 / },
]
for (const { status, says } of REFUSALS)
	test(`are said to be refused with ${status}`, async ({ page, site, complaints }) => {
		complaints.expect(FAILED_REQUEST)
		origin.answer = (_, response) => Boolean(response.writeHead(status).end())
		await page.goto(site.url)
		await expect(alert(page)).toContainText(says)
		await expect(alert(page)).toContainText(origin.origin)
	})

test('are not followed to an origin that the page was not built for', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	const other = await OriginServer.start()
	origin.answer = (path, response) =>
		Boolean(response.writeHead(302, { Location: other.origin + path }).end())
	await page.goto(site.url)
	await expect(alert(page)).toContainText(`${origin.origin} sends the page to another address`)
	expect(other.requests).toEqual([])
	await other.remove()
})

test('that were tampered with are thrown away', async ({ page, site }) => {
	const changes: ((bytes: Buffer) => Buffer)[] = [
		(bytes) => {
			bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
			return bytes
		},
		(bytes) => bytes.subarray(0, -1),
		(bytes) => Buffer.concat([bytes, bytes]),
	]
	for (const [index, change] of changes.entries()) {
		origin.tamper = change
		if (index === 0) await page.goto(site.url)
		else await page.getByRole('button', { name: 'Try now' }).click()
		await expect.poll(() => asked('/model.bin.packed').length).toBe(index + 1)
		await expect(alert(page)).toContainText(
			'The model could not be loaded: the download is damaged',
		)
		await expect(alert(page)).toContainText(`it came from ${origin.origin}`)
	}
	origin.tamper = (bytes) => bytes
	await page.getByRole('button', { name: 'Try now' }).click()
	await ask(page, 'kitten', 'cats')
})

test('that can not be reached are said so while the page’s own server answers', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await origin.goDown()
	await page.goto(site.url)
	await expect(alert(page)).toContainText(`there is no connection to ${origin.origin}`)
	await origin.comeBack()
	await page.getByRole('button', { name: 'Try now' }).click()
	await ask(page, 'kitten', 'cats')
})

test('take over from one beside the page, which answers on while they can not be had', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	await site.setChannels({ production: FIRST })
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await expectRelease(page, FIRST, 'production')
	await expectStored(page, FIRST)
	origin.answer = (_, response) => Boolean(response.writeHead(403).end())
	await site.setChannels({ production: SECOND })
	await page.reload()
	await expect(
		page.getByText(`Another release is out but could not be used: ${origin.origin}`),
	).toBeVisible()
	await ask(page, 'telescope', 'astronomy')
	origin.answer = () => false
	await page.getByRole('button', { name: 'Try now' }).click()
	await expectRelease(page, SECOND, 'production')
})

test.describe('of a page that was not built for it', () => {
	test.use({
		// biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from this pattern
		site: async ({}, use) => {
			origin.reset()
			const site = await Site.start()
			await publishElsewhere(site)
			await use(site)
			await site.remove()
		},
	})

	test('are refused before anything is asked', async ({ page, site }) => {
		await page.goto(site.url)
		await expect(alert(page)).toContainText(
			`release ${SECOND} lies at ${origin.origin}, and this page was built to load nothing from there`,
		)
		expect(origin.requests).toEqual([])
	})
})
