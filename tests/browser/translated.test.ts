// A page that a translator has changed: what is shown is what is clicked, whatever it did with the page's texts.
import type { Page } from '@playwright/test'
import {
	ask,
	expect,
	expectPicks,
	exportPicks,
	mark,
	postLink,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'

/**
 * Puts each text of the page into elements of its own, now and whenever one comes, as translators of browsers do: the page's own
 * text nodes are then no longer in it.
 */
async function translate(page: Page, options: { heedsPage: boolean }): Promise<void> {
	await page.evaluate(({ heedsPage }) => {
		const translateText = (text: Text) => {
			const parent = text.parentElement
			if (!parent || parent.closest('font, textarea, script, style')) return
			if (heedsPage && parent.closest('[translate="no"]')) return
			if (text.data.trim() === '') return
			const font = document.createElement('font')
			font.textContent = `${text.data} `
			text.replaceWith(font)
		}
		const translateAll = (root: Node) => {
			const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
			const texts: Text[] = []
			while (walker.nextNode()) texts.push(walker.currentNode as Text)
			texts.forEach(translateText)
		}
		translateAll(document.body)
		new MutationObserver((changes) => {
			for (const { addedNodes } of changes) addedNodes.forEach(translateAll)
		}).observe(document.body, { childList: true, subtree: true })
	}, options)
}

for (const [kind, heedsPage] of [
	['heeds what the page says', true],
	['heeds nothing', false],
] as const)
	test(`shows what it links and keeps, where a translator ${kind}`, async ({ page, site }) => {
		await page.goto(site.url)
		await ask(page, 'telescope', 'astronomy')
		await translate(page, { heedsPage })
		await titleBox(page).fill('kitten')
		await expect(suggestions(page).first()).toContainText('r/cats')
		for (const row of await suggestions(page).all()) {
			const name = (await row.locator('.name b').textContent())?.trim() ?? ''
			await expect(postLink(row)).toHaveAttribute(
				'href',
				new RegExp(`/${name}/submit.title=kitten$`),
			)
		}
		const second = await suggestions(page).nth(1).locator('.name b').textContent()
		await mark(page, 2)
		await expectPicks(page, 1)
		const [pick] = await exportPicks(page)
		expect(pick?.pick).toMatchObject({ subreddit: second?.trim().slice('r/'.length) })
	})

test('says after a translation how sure it is of what it shows now', async ({
	page,
	site,
	context,
}) => {
	await page.goto(site.url)
	await ask(page, 'kernel kernel kernel', 'linux')
	await translate(page, { heedsPage: true })
	await ask(page, 'kernel kitten', 'linux')
	await expect(page.locator('.result')).toHaveAttribute('aria-busy', 'false')
	// As a page says it that nobody translated, once both have read the last word as it stands.
	await expect(page).toHaveURL(/#title=kernel%20kitten$/)
	const plain = await context.newPage()
	await plain.goto(page.url())
	const sure = (tab: Page) => suggestions(tab).first().locator('.sure').textContent()
	await expect(suggestions(plain).first().locator('.sure')).toHaveText(/\d% sure/)
	await expect.poll(async () => (await sure(page)) === (await sure(plain))).toBe(true)
})
