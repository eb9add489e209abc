// On a train: once the page was open with a network, it opens and answers without one.
import {
	ask,
	comeBackToTab,
	expect,
	expectPicks,
	expectRelease,
	expectStored,
	FAILED_REQUEST,
	mark,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST } from './site.ts'

test.use({ serviceWorkers: 'allow', reuseContext: false })

test('opens and answers without a network', async ({ page, site, complaints }) => {
	complaints.expect(FAILED_REQUEST)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	await page.evaluate(() => navigator.serviceWorker.ready)
	await site.goDown()
	await page.reload()
	await ask(page, 'kitten', 'cats')
	await mark(page)
	await expectPicks(page, 1)
	await expect(page.getByRole('alert')).toBeHidden()
	await site.comeBack()
})

test('opens by another address of the page too', async ({ page, site, complaints }) => {
	complaints.expect(FAILED_REQUEST)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.evaluate(() => navigator.serviceWorker.ready)
	await site.setChannels({ production: FIRST, staging: FIRST })
	await page.goto(`${site.url}?channel=staging`)
	await expectRelease(page, FIRST, 'staging')
	await expectStored(page, FIRST, 'staging')
	await site.goDown()
	await page.goto(`${site.url}?channel=staging`)
	await ask(page, 'kitten', 'cats')
	await site.comeBack()
})

test('takes the newest page from the network where there is one', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.evaluate(() => navigator.serviceWorker.ready)
	const opened = () => site.requests.filter((path) => path === '/').length
	const before = opened()
	await page.reload()
	await ask(page, 'kitten', 'cats')
	expect(opened()).toBe(before + 1)
})

test('keeps the page, never a model', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.evaluate(() => navigator.serviceWorker.ready)
	const kept = await page.evaluate(async () => {
		const names = await caches.keys()
		const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
		return requests.flat().map(({ url }) => new URL(url).pathname)
	})
	expect(kept).toContain('/')
	expect(kept.filter((path) => path !== '/' && !path.startsWith('/assets/'))).toEqual([])
	expect(kept.some((path) => path.endsWith('.wasm'))).toBe(true)
})

test('a subreddit that is withheld stays away without a network', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(FAILED_REQUEST)
	const cats = suggestions(page).filter({ hasText: 'r/cats' })
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await expectStored(page, FIRST)
	await page.evaluate(() => navigator.serviceWorker.ready)
	await site.withhold(['CATS'])
	await comeBackToTab(page)
	const expectCats = (count: number) =>
		expect(async () => {
			await titleBox(page).fill('')
			await titleBox(page).fill('kitten')
			await expect(suggestions(page)).toHaveCount(5, { timeout: 5_000 })
			await expect(cats).toHaveCount(count, { timeout: 5_000 })
		}).toPass()
	await expectCats(0)
	await site.goDown()
	await page.reload()
	// The address may not have the title yet.
	await expectCats(0)
	await site.comeBack()
	await site.withhold([])
	await page.reload()
	await expectCats(1)
})
