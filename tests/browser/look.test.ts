// How the page looks and behaves to everyone: accessibility, phones, both colour schemes, its own policy.
import type { Locator, Page } from '@playwright/test'
import { contentSecurityPolicy } from '../../src/shared/content-security-policy.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	expect,
	expectPicks,
	expectRelease,
	FAILED_REQUEST,
	findBarriers,
	mark,
	postLink,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { BELOW, FIRST, SECOND } from './site.ts'

for (const colorScheme of ['light', 'dark'] as const) {
	test.describe(`in ${colorScheme} colours`, () => {
		test.use({ colorScheme, reducedMotion: 'reduce' })

		test('has no barrier while the model arrives', async ({ page, site }) => {
			const letGo = site.holdModels()
			await page.goto(site.url)
			await expect(page.getByRole('progressbar')).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			letGo()
		})

		test('has no barrier with suggestions, after picks, in a dialog, in lists, and in trouble', async ({
			page,
			site,
			complaints,
		}) => {
			complaints.expect(FAILED_REQUEST)
			// What looks for barriers reads the styles that could not be had.
			complaints.expect(/^Couldn't load preload assets/)
			await page.goto(site.url)
			await ask(page, 'telescope', 'astronomy')
			await suggestions(page).first().hover()
			expect(await findBarriers(page)).toEqual([])
			await mark(page)
			await expect(page.getByText('Kept:')).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await page.getByRole('button', { name: 'None of these' }).click()
			await page.getByLabel('The right subreddit').fill('a')
			await expect(page.getByRole('list', { name: 'Subreddits found' })).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await page.getByRole('button', { name: 'Similar subreddits' }).click()
			await expect(page.getByRole('list', { name: /^Subreddits like/ })).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await page.getByRole('link', { name: 'My picks 1' }).click()
			await expect(page.getByRole('list', { name: /^Picks/ })).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await page.getByRole('button', { name: 'Delete all' }).click()
			await expect(page.getByRole('dialog')).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await page.keyboard.press('Escape')
			await page.getByRole('button', { name: /^Take back/ }).click()
			await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await page.getByRole('link', { name: 'Many titles' }).click()
			await page.getByLabel('Paste titles').fill('telescope\nkitten\nqwxyz')
			await page.getByRole('button', { name: 'Find subreddits' }).click()
			await expect(page.getByRole('region', { name: /^2 subreddits/ })).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await site.goDown()
			await page.getByRole('link', { name: /^Model/ }).click()
			await expect(page.getByRole('alert')).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await site.comeBack()
		})

		test('has no barrier at its start and on its pages of text', async ({ page, site }) => {
			await page.goto(site.url)
			await expectRelease(page, FIRST, 'production')
			expect(await findBarriers(page)).toEqual([])
			for (const [link, heading] of [
				['About', 'About'],
				['Privacy', 'Privacy'],
				['My picks', 'My picks'],
				['Many titles', 'Many titles'],
			] as const) {
				await page.getByRole('link', { name: link }).click()
				await expect(page.getByRole('heading', { name: heading })).toBeFocused()
				expect(await findBarriers(page)).toEqual([])
			}
		})

		test('has no barrier with a title that it does not know, and in trouble', async ({
			page,
			site,
		}) => {
			await page.goto(site.url)
			await titleBox(page).fill('qwxyz')
			await expect(page.getByText('No idea')).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
			await site.setChannels({})
			await page.goto(`${site.url}?channel=staging`)
			await expect(page.getByRole('alert')).toBeVisible()
			expect(await findBarriers(page)).toEqual([])
		})
	})
}

test('changes its colours with the scheme', async ({ page, site }) => {
	await page.goto(site.url)
	const paper = () =>
		page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
	const light = await paper()
	await page.emulateMedia({ colorScheme: 'dark' })
	expect(await paper()).not.toBe(light)
})

/** @returns how far the page could be scrolled; widths would count the room that is kept for a scrollbar */
function scrollSideways(page: Page): Promise<number> {
	return page.evaluate(() => {
		scrollBy({ left: 1000, behavior: 'instant' })
		return scrollX
	})
}

test('fits a phone of 360 pixels', async ({ page, site }) => {
	await page.setViewportSize({ width: 360, height: 740 })
	await page.goto(site.url)
	await ask(page, `telescope ${'W'.repeat(280)}`, 'astronomy')
	await page.getByRole('button', { name: 'None of these' }).click()
	await page.getByLabel('The right subreddit').fill('a')
	await expect(page.getByRole('list', { name: 'Subreddits found' })).toBeVisible()
	expect(await scrollSideways(page)).toBe(0)
	for (const row of await suggestions(page).all())
		for (const control of await row.locator('a, .mark').all()) {
			const box = await control.boundingBox()
			expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40)
		}
})

test('has its links in one line on a phone', async ({ page, site }) => {
	await page.setViewportSize({ width: 360, height: 740 })
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	await expectRelease(page, FIRST, 'production')
	const links = page.getByRole('navigation', { name: 'More' }).getByRole('link')
	await expect(links).toHaveCount(5)
	const tops = await links.evaluateAll((all) => all.map((link) => link.getBoundingClientRect().top))
	expect(new Set(tops).size).toBe(1)
})

for (const width of [360, 768, 1280])
	test(`begins every view at the same edge on ${width} pixels`, async ({ page, site }) => {
		await page.setViewportSize({ width, height: 720 })
		const edges = new Map<string, number | undefined>()
		for (const view of ['', '#/many', '#/picks', '#/releases', '#/compare', '#/drift', '#/about']) {
			await page.goto(`${site.url}${view}`)
			const heads = [page.getByRole('heading', { name: 'whichsub' })]
			if (view) heads.push(page.getByRole('heading', { level: 2 }).first())
			for (const [at, head] of heads.entries()) {
				await expect(head).toBeVisible()
				edges.set(`${view} ${at}`, (await head.boundingBox())?.x)
			}
		}
		expect(new Set(edges.values()).size, JSON.stringify([...edges])).toBe(1)
		const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
		expect(overflow).toBeLessThanOrEqual(0)
	})

/** The lines that an element's text takes. */
function readLines(name: Locator): Promise<string[]> {
	return name.evaluate((element) => {
		const tops = new Map<number, string>()
		const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
		for (let text = walker.nextNode(); text; text = walker.nextNode())
			for (let at = 0; at < (text.textContent ?? '').length; at += 1) {
				const range = document.createRange()
				range.setStart(text, at)
				range.setEnd(text, at + 1)
				const { top, width } = range.getBoundingClientRect()
				if (width > 0) tops.set(top, (tops.get(top) ?? '') + range)
			}
		return [...tops.values()].map((line) => line.trim())
	})
}

for (const [subreddit, words, lines] of [
	['pokemoncardcollectors', 'pokemon', ['r/pokemon', 'cardcollectors']],
	['Mortgageadviceuk', 'lender', ['r/Mortgage', 'adviceuk']],
	['LastWarMobileGame', 'alliance', ['r/LastWar', 'MobileGame']],
] as const)
	test(`breaks r/${subreddit} between its words, not where the line happens to end (${words})`, async ({
		page,
		site,
	}) => {
		const topics = { [subreddit]: ['walnut', 'table'], cats: TOPICS.cats ?? [] }
		const facts = { schema: 1 as const, members: [1_000, 1_000], words: [words, words] }
		await site.publish({ version: SECOND, model: makeModelFile({ topics }), labels: 2, facts })
		await site.setChannels({ production: SECOND })
		await page.setViewportSize({ width: 320, height: 740 })
		await page.goto(site.url)
		await ask(page, 'walnut table', '')
		const row = suggestions(page).first()
		await expect(row.locator('.about')).toContainText(words)
		await expect.poll(() => readLines(row.locator('.name b'))).toEqual(lines)
		// In one line where there is room.
		await page.setViewportSize({ width: 768, height: 740 })
		await expect.poll(() => readLines(row.locator('.name b'))).toEqual([`r/${subreddit}`])
	})

test('shows a long name in smaller letters on a phone, where it would take a second line', async ({
	page,
	site,
}) => {
	const topics = { furniturerestoration: ['walnut', 'table'], cats: TOPICS.cats ?? [] }
	await site.publish({ version: SECOND, model: makeModelFile({ topics }), labels: 2 })
	await site.setChannels({ production: SECOND })
	await page.goto(site.url)
	await ask(page, 'walnut table', 'furniturerestoration')
	const sizes = () =>
		page
			.locator('.name')
			.evaluateAll((names) =>
				names.map((name) => Number.parseFloat(getComputedStyle(name).fontSize)),
			)
	await page.setViewportSize({ width: 360, height: 440 })
	const [long = 0, short = 0] = await sizes()
	expect(long).toBeLessThan(short)
	await page.setViewportSize({ width: 1280, height: 720 })
	expect(new Set(await sizes()).size).toBe(1)
})

test('never scrolls sideways on 320 pixels', async ({ page, site }) => {
	await page.setViewportSize({ width: 320, height: 640 })
	const letGo = site.holdModels()
	await page.goto(site.url)
	await expect(page.getByRole('progressbar')).toBeVisible()
	expect(await scrollSideways(page)).toBe(0)
	letGo()
	await ask(page, 'telescope', 'astronomy')
	expect(await scrollSideways(page)).toBe(0)
	await mark(page)
	await expect(page.getByText('Kept:')).toBeVisible()
	expect(await scrollSideways(page)).toBe(0)
	await page.getByRole('button', { name: 'None of these' }).click()
	await page.getByLabel('The right subreddit').fill('not a name, and a long one without an end')
	await page.keyboard.press('Enter')
	expect(await scrollSideways(page)).toBe(0)
	await titleBox(page).fill('W'.repeat(301))
	await expect(page.locator('#title-note')).toContainText('too many')
	expect(await scrollSideways(page)).toBe(0)
	await titleBox(page).fill('')
	for (const link of ['About', 'Privacy', 'Many titles', 'My picks 1']) {
		await page.getByRole('link', { name: link }).click()
		expect(await scrollSideways(page)).toBe(0)
	}
	await page.getByRole('button', { name: 'Delete all' }).click()
	expect(await scrollSideways(page)).toBe(0)
})

test('shows where the focus is', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).press('ArrowDown')
	const outline = await postLink(suggestions(page).first()).evaluate(
		(link) => getComputedStyle(link).outlineStyle,
	)
	expect(outline).toBe('solid')
})

test('is still for who asks for it', async ({ page, site }) => {
	await page.emulateMedia({ reducedMotion: 'reduce' })
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	const durations = await page.evaluate(() =>
		[...document.querySelectorAll('*')].map(
			(element) => getComputedStyle(element).transitionDuration,
		),
	)
	expect(new Set(durations)).toEqual(new Set(['0s']))
})

test('sets its policy by itself and gets it from the server', async ({ page, site }) => {
	const response = await page.goto(site.url)
	expect(response?.headers()['content-security-policy']).toContain(contentSecurityPolicy([]))
	const own = page.locator('meta[http-equiv="Content-Security-Policy"]')
	await expect(own).toHaveAttribute('content', contentSecurityPolicy([]))
	expect(await page.locator('[style], style, script:not([src])').count()).toBe(0)
})

test('is kept by its policy from running what is not its own', async ({
	page,
	site,
	complaints,
}) => {
	complaints.expect(/Content Security Policy/)
	await page.goto(site.url)
	const ran = await page.evaluate(() => {
		const script = document.createElement('script')
		script.textContent = 'window.ran = true'
		document.body.append(script)
		return 'ran' in window
	})
	expect(ran).toBe(false)
	await expect.poll(() => complaints.lines.join()).toContain('Content Security Policy')
})

test('works below any path of a host', async ({ page, site }) => {
	await page.goto(new URL(BELOW, site.url).href)
	await ask(page, 'telescope', 'astronomy')
	expect(site.requests.some((path) => path.startsWith(`${BELOW}models/${FIRST}/`))).toBe(true)
})

test('tells a screen reader the best guess once the typing pauses', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByRole('status').filter({ hasText: 'Best guess' })).toHaveText(
		/^Best guess: r\/astronomy, \d+%\. 4 more below\.$/,
	)
})

test('tells a screen reader that it has no idea, by a region that was there before', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	const region = await page.getByRole('status').filter({ hasText: 'Best guess' }).elementHandle()
	await titleBox(page).fill('qwxyz')
	await expect.poll(() => region?.textContent()).toContain('knows not one word')
})

test('tells a screen reader nothing of an earlier title', async ({ page, site }) => {
	await page.clock.install()
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	const told = page.getByRole('status').filter({ hasText: 'Best guess' })
	await expect(told).toContainText('r/astronomy')
	// From here on only the test lets time pass.
	await page.clock.pauseAt(Date.now() + 3_600_000)
	await ask(page, 'kitten', 'cats')
	await expect(told).toHaveCount(0)
	await page.clock.runFor(1_000)
	await expect(told).toContainText('r/cats')
})
