// Many titles at once: pasted, dropped or opened, answered in batches, stopped, sorted, filtered, counted, given away.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { ask, expect, findBarriers, listenToWorker, test, titleBox } from './page-fixtures.ts'

const rows = (page: Page) =>
	page.getByRole('region', { name: 'Titles and their subreddits' }).getByRole('listitem')

async function open(page: Page, name: string, content: string | Buffer): Promise<void> {
	await page
		.getByLabel('Open a file')
		.setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })
}

/** As on a slow device: the worker gets each batch a little later. @returns ends it */
async function slowDown(page: Page): Promise<() => Promise<void>> {
	await page.addInitScript(() => {
		const native = Worker.prototype.postMessage
		Worker.prototype.postMessage = function (this: Worker, message: { name?: string }) {
			const wait = message.name === 'suggestMany' && !('isFast' in globalThis) ? 60 : 0
			setTimeout(() => native.call(this, message), wait)
		}
	})
	return () => page.evaluate(() => void Object.assign(globalThis, { isFast: true }))
}

async function expectDone(page: Page, titles: string): Promise<void> {
	await expect(page.getByRole('status').filter({ hasText: 'Done' })).toContainText(titles)
}

test('answers pasted titles as it answers each alone, and shows the subreddits', async ({
	page,
	site,
}) => {
	const answers = await listenToWorker(page)
	await page.goto(site.url)
	await ask(page, 'telescope and moon', 'astronomy')
	const alone = answers.at(-1)?.suggestions ?? []
	await page.getByRole('link', { name: 'Many titles' }).click()
	await expect(page.getByRole('heading', { name: 'Many titles' })).toBeFocused()
	await page
		.getByLabel('Paste titles')
		.fill('telescope and moon\nkitten\n\nqwxyz\nkitten purring\n')
	await page.getByRole('button', { name: 'Find subreddits' }).click()
	await expectDone(page, '4 titles')
	await expect(rows(page)).toHaveCount(4)
	const said = alone.map(
		({ subreddit, probability }) => `r/${subreddit} ${Math.round(100 * probability)}%`,
	)
	const shown = (await rows(page).first().locator('p').textContent())?.replace(/\s+/g, ' ').trim()
	expect(shown?.split(/(?=r\/)/).map((one) => one.trim())).toEqual(said)
	await expect(rows(page).nth(2)).toContainText('Nothing suggested')
	const bars = page.getByRole('region', { name: '2 subreddits' }).getByRole('button')
	await expect(bars).toHaveText([/r\/cats\s*2/, /r\/astronomy\s*1/, /nothing suggested\s*1/])
	const widths = await bars.locator('i').evaluateAll((all) => all.map((bar) => bar.clientWidth))
	expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(2, 1)
	expect(await findBarriers(page)).toEqual([])
})

test('filters by a subreddit and by a text, sorts, and leads to a title', async ({
	page,
	site,
}) => {
	await page.goto(`${site.url}#/many`)
	await open(page, 'a.txt', 'telescope\nkitten\nkitten purring and recipe\nkernel\nqwxyz')
	await expectDone(page, '5 titles')
	await page.getByRole('button', { name: /^r\/cats/ }).click()
	await expect(rows(page)).toHaveCount(2)
	await page.getByRole('button', { name: 'r/cats ×' }).click()
	await page.getByLabel('Find').fill('ASTRO')
	await expect(rows(page)).toHaveCount(1)
	await expect(page.getByText('1 of 5 titles')).toBeVisible()
	await page.getByLabel('Find').fill('')
	await page.getByLabel('Order').selectOption('by title')
	await expect(rows(page).locator('a')).toHaveText([
		'kernel',
		'kitten',
		'kitten purring and recipe',
		'qwxyz',
		'telescope',
	])
	await page.getByLabel('Order').selectOption('least sure first')
	await expect(rows(page).locator('a').first()).toHaveText('qwxyz')
	await rows(page).locator('a').last().click()
	await expect(titleBox(page)).toHaveValue(/.+/)
	await page.goBack()
	await expect(rows(page)).toHaveCount(5)
})

test('takes a file that is dropped anywhere, as CSV, and gives CSV that no spreadsheet runs', async ({
	page,
	site,
}) => {
	await page.goto(`${site.url}#/many`)
	await expect(page.getByLabel('Paste titles')).toBeVisible()
	await page.evaluate(() => {
		const data = new DataTransfer()
		const csv = 'id;title\n1;"=HYPERLINK(""http://x""); telescope"\n2;kitten\n3;\n'
		data.items.add(new File([csv], 'posts.csv', { type: 'text/csv' }))
		const drop = new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
		document.body.dispatchEvent(drop)
	})
	await expect(page.getByText('2 titles from posts.csv; 1 row without a title.')).toBeVisible()
	await expectDone(page, '2 titles')
	const download = page.waitForEvent('download')
	await page.getByRole('button', { name: 'CSV' }).click()
	const file = await download
	expect(file.suggestedFilename()).toBe('whichsub-titles.csv')
	const text = await readFile(await file.path(), 'utf8')
	const lines = text.trimEnd().split('\r\n')
	expect(lines[0]).toMatch(/^\uFEFFtitle,subreddit 1,probability 1,.*,subreddit 5,probability 5$/)
	expect(lines[1]).toMatch(/^"'=HYPERLINK\(""http:\/\/x""\); telescope",astronomy,0\.\d+,/)
	expect(lines[2]).toMatch(/^kitten,cats,0\.\d+,/)
})

test('takes JSON Lines', async ({ page, site }) => {
	await page.goto(`${site.url}#/many`)
	const posts = [
		{ title: 'telescope, or kitten', score: 3 },
		{ score: 1 },
		{ title: 'kernel\nof Linux' },
	]
	await open(page, 'posts.jsonl', posts.map((post) => JSON.stringify(post)).join('\n'))
	await expectDone(page, '2 titles')
	await expect(rows(page).locator('a')).toHaveText(['telescope, or kitten', 'kernel of Linux'])
})

test('stops, keeps what is done, goes on from there, and takes another list', async ({
	page,
	site,
}) => {
	await slowDown(page)
	await page.goto(`${site.url}#/many`)
	const titles = Array.from({ length: 100_000 }, (_, index) => `telescope number ${index}`)
	await open(page, 'many.txt', titles.join('\n'))
	await expect(page.getByText('100,000 titles from many.txt')).toBeVisible()
	const bar = page.getByRole('progressbar', { name: 'Titles answered' })
	const done = async () => Number(await bar.getAttribute('aria-valuenow'))
	await expect.poll(done).toBeGreaterThan(1_000)
	await expect(page.getByText(/\d (s|min) left/)).toBeVisible()
	await page.getByRole('button', { name: 'Stop' }).click()
	const stopped = await done()
	expect(stopped).toBeLessThan(100_000)
	await expect(page.getByText(`${stopped.toLocaleString('en')} of 100,000`)).toBeVisible()
	await expect(page.getByRole('heading', { name: /^\d+ subreddits? so far$/ })).toBeVisible()
	expect(await rows(page).count()).toBeLessThan(60)
	expect(await findBarriers(page)).toEqual([])
	// Nothing more comes, also while the page is elsewhere.
	await page.getByRole('link', { name: 'About' }).click()
	await page.goBack()
	expect(await done()).toBe(stopped)
	await page.getByRole('button', { name: 'Go on' }).click()
	await expect.poll(done).toBeGreaterThan(stopped)
	await page.getByRole('button', { name: 'Another list' }).click()
	await expect(page.getByLabel('Paste titles')).toBeFocused()
	await open(page, 'empty.txt', '\n\n')
	await expect(page.getByText('There are no titles in empty.txt.')).toBeVisible()
})

test('answers a hundred thousand titles with a stop between, sorts them all, and gives them away as CSV', async ({
	page,
	site,
}) => {
	// On a machine that has much else to do.
	test.slow()
	// Else the worker may have answered all of them before Stop is pressed.
	const endSlowness = await slowDown(page)
	const words = ['telescope', 'kitten', 'kernel', 'qwxyz']
	const titles = Array.from({ length: 100_000 }, (_, at) => `${words[at % 4]} ${100_000 - at}`)
	await page.goto(`${site.url}#/many`)
	await open(page, 'many.txt', titles.join('\n'))
	const bar = page.getByRole('progressbar', { name: 'Titles answered' })
	const done = async () => Number(await bar.getAttribute('aria-valuenow'))
	await expect.poll(done).toBeGreaterThan(0)
	await page.getByRole('button', { name: 'Stop' }).click()
	const stopped = await done()
	expect(stopped).toBeLessThan(100_000)
	await endSlowness()
	await page.getByRole('button', { name: 'Go on' }).click()
	await expect(page.getByRole('status').filter({ hasText: 'Done' })).toContainText(
		'100,000 titles',
		{ timeout: 300_000 },
	)
	const bars = page.getByRole('region', { name: '3 subreddits' }).getByRole('button')
	await expect(bars).toHaveText([/25,000/, /25,000/, /25,000/, /nothing suggested\s*25,000/])
	const order = page.getByLabel('Order')
	await order.selectOption('by title')
	await expect(rows(page).locator('a').first()).toHaveText('kernel 2')
	expect(await rows(page).count()).toBeLessThan(60)
	await order.selectOption('as in the list')
	const download = page.waitForEvent('download')
	await page.getByRole('button', { name: 'CSV' }).click()
	const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\r\n')
	expect(lines).toHaveLength(100_001)
	expect(lines[1]).toMatch(/^telescope 100000,astronomy,0\.\d+,/)
	expect(lines[100_000]).toMatch(/^qwxyz 1,/)
})

test('says that a list is not finished where the worker died, and goes on with another', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(/crashed by the test/)
	await slowDown(page)
	await page.goto(`${site.url}#/many`)
	await open(page, 'many.txt', 'telescope\n'.repeat(20_000))
	const bar = page.getByRole('progressbar', { name: 'Titles answered' })
	const done = async () => Number(await bar.getAttribute('aria-valuenow'))
	await expect.poll(done).toBeGreaterThan(500)
	await page.workers()[0]?.evaluate(() => {
		setTimeout(() => {
			throw new Error('crashed by the test')
		})
	})
	await expect(page.getByRole('alert')).toContainText('The list is not finished')
	await page.getByRole('button', { name: 'Go on' }).click()
	await expectDone(page, '20,000 titles')
	await page.getByRole('link', { name: 'whichsub' }).click()
	await ask(page, 'kitten', 'cats')
})
