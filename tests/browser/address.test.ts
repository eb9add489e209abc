// The title in the address: it outlives a reload, comes from elsewhere, goes elsewhere, and no server sees it.
import { ask, expect, FAILED_REQUEST, suggestions, test, titleBox } from './page-fixtures.ts'

const TITLE = 'Telescope & 100% "moon"?'
const HASH = '#title=Telescope%20%26%20100%25%20%22moon%22%3F'

test('keeps the title when the page is loaded again', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await expect(page).toHaveURL(`${site.url}${HASH}`)
	await page.reload()
	await expect(titleBox(page)).toHaveValue(TITLE)
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await titleBox(page).fill('')
	await expect(page).toHaveURL(site.url)
})

test('has the title again who comes back from another page, however soon they left', async ({
	page,
	site,
	complaints,
}) => {
	// A picture by itself has no icon.
	complaints.expect(FAILED_REQUEST)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.evaluate((url) => location.assign(`${url}icon.svg`), site.url)
	await page.waitForURL(/icon/)
	await page.goBack()
	await expect(titleBox(page)).toHaveValue('telescope')
	await titleBox(page).fill('telescope and moon')
	await page.getByRole('link', { name: 'About' }).click()
	await expect(titleBox(page)).toBeHidden()
	await page.goBack()
	await expect(titleBox(page)).toHaveValue('telescope and moon')
	await page.getByRole('link', { name: 'About' }).click()
	await page.getByRole('link', { name: 'whichsub' }).click()
	await expect(titleBox(page)).toHaveValue('telescope and moon')
})

for (const [way, from] of [
	['a link', `#title=${encodeURIComponent('telescope and moon')}`],
	['another site', '?title=telescope+and+moon'],
	['a share', '?title=&text=telescope%20and%20moon&url='],
])
	test(`takes a title from ${way}`, async ({ page, site }) => {
		await page.goto(`${site.url}${from}`)
		await expect(titleBox(page)).toHaveValue('telescope and moon')
		await expect(suggestions(page).first()).toContainText('r/astronomy')
		await expect(page).toHaveURL(`${site.url}#title=telescope%20and%20moon`)
	})

test('takes another title that is put into its address while it is open', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.evaluate(() => {
		location.hash = '#title=kitten'
	})
	await expect(suggestions(page).first()).toContainText('r/cats')
	await expect(titleBox(page)).toHaveValue('kitten')
})

test('shows no server the title that its address has', async ({ page, site }) => {
	await page.goto(`${site.url}#title=telescope`)
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await page.reload()
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	expect(site.requests.filter((path) => path.includes('telescope'))).toEqual([])
})

test('copies a link to the title', async ({ page, site, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write'])
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await page.getByRole('button', { name: 'Copy link' }).click()
	await expect(page.getByRole('button', { name: 'Link copied' })).toBeVisible()
	await expect(page.getByRole('status').filter({ hasText: 'Link copied' })).toHaveCount(1)
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${site.url}${HASH}`)
	// A context that is reused keeps them.
	await context.clearPermissions()
})

test('says where the link is in a browser that lets no page copy', async ({ page, site }) => {
	await page.addInitScript(() =>
		Object.defineProperty(navigator, 'clipboard', { value: undefined }),
	)
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await page.getByRole('button', { name: 'Copy link' }).click()
	await expect(page.getByRole('button', { name: 'Copy it from the address bar' })).toBeVisible()
})

test('brings what is selected on another page by a bookmark', async ({ page, site }) => {
	await page.goto(`${site.url}#/about`)
	const bookmark = page.getByRole('link', { name: 'Which subreddit?' })
	const script = (await bookmark.getAttribute('href')) ?? ''
	await bookmark.click()
	await expect(page.getByRole('heading', { name: 'About' })).toBeVisible()
	// What a browser runs for the bookmark, on a page that is none of ours.
	const other = await page.context().newPage()
	await other.setContent('<title>A galaxy</title><p>a kitten</p>')
	const opening = page.context().waitForEvent('page')
	await other.evaluate(script.replace(/^javascript:/, ''))
	await expect(titleBox(await opening)).toHaveValue('A galaxy')
	const again = page.context().waitForEvent('page')
	await other.getByText('a kitten').selectText()
	await other.evaluate(script.replace(/^javascript:/, ''))
	await expect(titleBox(await again)).toHaveValue('a kitten')
})

test('is a target for shares of the installed app', async ({ page, site }) => {
	await page.goto(site.url)
	const manifest = await page.evaluate(async () => {
		const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]')
		return (await fetch(link?.href ?? '')).json()
	})
	expect(manifest.share_target).toEqual({
		action: './',
		method: 'GET',
		params: { title: 'title', text: 'text', url: 'url' },
	})
})
