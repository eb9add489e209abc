// Titles in, suggestions out: what the page shows for a title, and how it is picked.

import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import {
	ask,
	comeBackToTab,
	expect,
	expectPicks,
	expectRelease,
	mark,
	postLink,
	suggestionList,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, SECOND } from './site.ts'

test.beforeEach(async ({ page, site }) => {
	await page.goto(site.url)
})

test('gives at most five suggestions, each with its name and, once, how sure it is', async ({
	page,
}) => {
	await ask(page, 'kernel and kitten and kernel', 'linux')
	await expect(suggestions(page)).toHaveCount(5)
	for (const row of await suggestions(page).all()) await expect(row).toHaveText(/^[^%]*%[^%]*$/)
	await expect(suggestions(page).first()).toContainText(/\d\d%/)
})

for (const [width, height, mobile] of [
	[360, 440, true],
	[1280, 720, false],
] as const)
	test.describe(`on ${width} × ${height}`, () => {
		test.use({ viewport: { width, height }, hasTouch: mobile, isMobile: mobile })

		test('shows title, five subreddits and what to do with each, without scrolling', async ({
			page,
		}) => {
			await ask(page, 'The kernel of the driver for the telescope with a kitten', 'linux')
			await expect(suggestions(page)).toHaveCount(5)
			await expect(titleBox(page)).toBeInViewport({ ratio: 1 })
			for (const row of await suggestions(page).all()) {
				await expect(row.locator('.name b')).toBeInViewport({ ratio: 1 })
				await expect(row.locator('.sure')).toBeInViewport({ ratio: 1 })
				await expect(postLink(row)).toBeInViewport({ ratio: 1 })
				const box = await postLink(row).boundingBox()
				expect(box?.height).toBeGreaterThanOrEqual(44)
			}
			expect(await page.evaluate(() => scrollY)).toBe(0)
		})

		test('shows five subreddits below a long title, too, and where one types in it', async ({
			page,
		}) => {
			await ask(
				page,
				'The kernel of the driver for the telescope with a kitten '.repeat(4),
				'linux',
			)
			await expect(suggestions(page)).toHaveCount(5)
			await titleBox(page).press('End')
			await titleBox(page).pressSequentially('kernel')
			for (const row of await suggestions(page).all())
				await expect(row.locator('.name b')).toBeInViewport({ ratio: 1 })
			const field = page.locator('.field')
			const hidden = await field.evaluate((box) => box.scrollHeight - box.clientHeight)
			// The last line, which the caret is in.
			expect(await field.evaluate((box) => box.scrollTop)).toBeGreaterThanOrEqual(hidden - 12)
			expect(await page.evaluate(() => scrollY)).toBe(0)
		})
	})

test('says in a line how many are there and which words speak most for it', async ({
	page,
	site,
}) => {
	// In the order of the model's labels.
	const topics = Object.keys(TOPICS).toSorted()
	const members = topics.map(() => 214_312)
	const words = topics.map((topic) => TOPICS[topic]?.slice(0, 3).join(' ') ?? '')
	const facts = { schema: 1, members, words } as const
	await site.publish({ version: SECOND, model: makeModelFile({ topics: TOPICS }), facts })
	await site.setChannels({ production: SECOND })
	await page.reload()
	await ask(page, 'telescope', 'astronomy')
	const about = suggestions(page).first().locator('.about')
	const said = TOPICS.astronomy?.slice(0, 3).join(' · ')
	await expect(about).toHaveText(`214k members · ${said}`)
	for (const [width, shown] of [
		[1280, ['telescope', 'galaxy', 'nebula']],
		[360, ['telescope', 'galaxy']],
	] as const) {
		await page.setViewportSize({ width, height: 640 })
		const { height = 0 } = (await about.boundingBox()) ?? {}
		expect(height).toBeLessThan(24)
		await expect.poll(() => about.evaluate(findShownWords)).toEqual(shown)
	}
})

/** The words of a line that can be seen, with `…` behind one that is cut. */
function findShownWords(line: Element): string[] {
	const box = line.getBoundingClientRect()
	const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT)
	const shown: string[] = []
	for (let text = walker.nextNode(); text; text = walker.nextNode())
		for (const { 0: word, index } of (text.textContent ?? '').matchAll(/[a-z]{4,}/g)) {
			const range = document.createRange()
			range.setStart(text, index)
			range.setEnd(text, index + word.length)
			const { top, bottom, right } = range.getBoundingClientRect()
			if (word === 'members' || top >= box.bottom - 1) continue
			shown.push(bottom > box.bottom + 1 || right > box.right + 1 ? `${word}…` : word)
		}
	return shown
}

test('shows a field to type into, and no suggestion as chosen before one is', async ({ page }) => {
	const field = page.locator('.field')
	const look = () =>
		field.evaluate((element) => {
			const { backgroundColor, borderTopWidth } = getComputedStyle(element)
			const ground = getComputedStyle(document.documentElement).backgroundColor
			return { isLighter: backgroundColor !== ground, borderTopWidth }
		})
	expect(await look()).toEqual({ isLighter: true, borderTopWidth: '1px' })
	await ask(page, 'telescope', 'astronomy')
	await page.mouse.move(0, 0)
	const ticks = suggestions(page).locator('.mark path')
	for (const tick of await ticks.all()) await expect(tick).toHaveCSS('visibility', 'hidden')
	await mark(page)
	await page.mouse.move(0, 0)
	await expect(ticks.first()).toHaveCSS('visibility', 'visible')
	await expect(ticks.nth(1)).toHaveCSS('visibility', 'hidden')
})

test('asks a newcomer to read at most sixty words', async ({ page }) => {
	await expectRelease(page, FIRST, 'production')
	// biome-ignore lint/performance/useDomNodeTextContent: what is not shown is not read
	const text = await page.evaluate(() => document.body.innerText)
	expect(text.split(/\s+/).filter(Boolean).length).toBeLessThanOrEqual(60)
})

test('keeps engine and model off the main thread, in a module worker', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	expect(page.workers().map((worker) => worker.url())).toEqual([
		expect.stringContaining('classifier-worker'),
	])
})

test('answers the last of many quick keystrokes', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).fill('')
	await titleBox(page).pressSequentially('telescope telescope kitten kitten kitten')
	await expect(suggestions(page).first()).toContainText('r/cats')
})

test('offers examples for an empty box, and none of them once there is a title', async ({
	page,
}) => {
	await page.getByRole('button', { name: /Linux for an old laptop/ }).click()
	await expect(titleBox(page)).toHaveValue('Which Linux for an old laptop?')
	await expect(titleBox(page)).toBeFocused()
	await expect(suggestions(page).first()).toContainText('r/linux')
	await expect(page.getByText('For example')).toBeHidden()
	await titleBox(page).fill('   ')
	await expect(suggestionList(page)).toBeHidden()
	await expect(page.getByText('For example')).toBeVisible()
})

test.describe('on a phone', () => {
	test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })

	test('leads from an example to its suggestions, which no keyboard covers', async ({ page }) => {
		await page.getByRole('button', { name: /Linux for an old laptop/ }).tap()
		await expect(suggestions(page).first()).toContainText('r/linux')
		await expect(page.getByRole('region', { name: 'Suggestions' })).toBeFocused()
		await expect(titleBox(page)).toHaveValue('Which Linux for an old laptop?')
		await page.keyboard.press('Tab')
		await expect(suggestions(page).first().getByRole('link').first()).toBeFocused()
	})
})

test('says that it does not know a title without a known word', async ({ page }) => {
	await titleBox(page).fill('qwxyz !!! vbnmp')
	await expect(page.getByText('No idea: the model knows not one word of this title')).toBeVisible()
	await expect(suggestionList(page)).toBeHidden()
	await titleBox(page).fill('!!!')
	await expect(page.getByText('No idea: the model knows not one word of this title')).toBeVisible()
})

test('names the words that the model has not learnt', async ({ page }) => {
	await ask(page, 'A telescope, Qwxyz and VBNMP!', 'astronomy')
	await expect(page.getByText("Doesn't know: a, qwxyz, and, vbnmp.")).toBeVisible()
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText("Doesn't know")).toBeHidden()
})

test('says that it is not sure where five suggestions cover little', async ({ page, site }) => {
	await site.publish({ version: SECOND, ceiling: 0.1 })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await ask(page, 'telescope', 'astronomy')
	await expect(page.getByText('Not sure.')).toBeVisible()
})

test('says that it is not sure of a title of which the model can read little', async ({ page }) => {
	const sure = suggestions(page)
		.first()
		.getByText(/^\d+%$/)
	await ask(page, 'telescope', 'astronomy')
	await expect(sure).toHaveText(/^[5-9]\d%$/)
	await expect(page.getByText('Not sure.')).toBeHidden()
	await ask(page, 'telescope qwxyz sdkfjhs vbnmplk', 'astronomy')
	await expect(page.getByText('Not sure. The model can read little of this title.')).toBeVisible()
	await expect(sure).toHaveText(/^[1-3]\d%$/)
})

test('asks for the first 300 of 5,000 pasted characters and leaves all of them in the box', async ({
	page,
}) => {
	await ask(page, 'telescope '.repeat(500), 'astronomy')
	await expect(titleBox(page)).toHaveValue('telescope '.repeat(500))
	await expect(page.locator('#title-note')).toContainText('4,700 characters too many')
	await titleBox(page).fill('t'.repeat(300))
	await titleBox(page).press('End')
	await titleBox(page).press('Backspace')
	await expect(page.locator('#title-note')).toHaveText('299 of 300 characters')
})

test('counts characters as Reddit does: 301 emoji are one too many', async ({ page }) => {
	await titleBox(page).fill('🐈'.repeat(300))
	await expect(page.locator('#title-note')).toHaveText('300 of 300 characters')
	await titleBox(page).fill('🐈'.repeat(301))
	await expect(page.locator('#title-note')).toContainText('1 character too many')
	await expect(titleBox(page)).toHaveValue('🐈'.repeat(301))
})

test('lets a full title be edited in its middle: nothing is dropped, the caret stays', async ({
	page,
}) => {
	await titleBox(page).fill(`telescope ${'x'.repeat(290)}`)
	await titleBox(page).press('Control+Home')
	for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowRight')
	await page.keyboard.type('abc')
	await expect(titleBox(page)).toHaveValue(`teleabcscope ${'x'.repeat(290)}`)
	const caret = () => titleBox(page).evaluate((box) => (box as HTMLTextAreaElement).selectionStart)
	expect(await caret()).toBe(7)
	await page.keyboard.press('Backspace')
	await expect(titleBox(page)).toHaveValue(`teleabscope ${'x'.repeat(290)}`)
	expect(await caret()).toBe(6)
})

test('keeps the caret where lines were pasted into the middle, and asks for one line', async ({
	page,
}) => {
	await titleBox(page).fill('a kitten')
	await titleBox(page).press('Control+Home')
	await page.keyboard.insertText('nebula\nand\tgalaxy ')
	await expect(titleBox(page)).toHaveValue('nebula\nand\tgalaxy a kitten')
	expect(await titleBox(page).evaluate((box) => (box as HTMLTextAreaElement).selectionStart)).toBe(
		'nebula\nand\tgalaxy '.length,
	)
	await expect(postLink(suggestions(page).first())).toHaveAttribute(
		'href',
		/title=nebula%20and%20galaxy%20a%20kitten$/,
	)
})

test('takes what an input method writes at the limit', async ({ page }) => {
	const full = 'あ'.repeat(299)
	await titleBox(page).fill(full)
	await titleBox(page).press('Control+End')
	const input = await page.context().newCDPSession(page)
	for (const text of ['n', 'に', 'にほ', 'にほん'])
		await input.send('Input.imeSetComposition', {
			text,
			selectionStart: text.length,
			selectionEnd: text.length,
		})
	await expect(titleBox(page)).toHaveValue(`${full}にほん`)
	await input.send('Input.insertText', { text: '日本' })
	await expect(titleBox(page)).toHaveValue(`${full}日本`)
	await expect(page.locator('#title-note')).toContainText('1 character too many')
})

test('says the count once the keys rest, not at every key', async ({ page, site }) => {
	await page.clock.install()
	await page.goto(site.url)
	await expectRelease(page, FIRST, 'production')
	// From here on only the test lets time pass.
	await page.clock.pauseAt(Date.now() + 60_000)
	await titleBox(page).fill('x'.repeat(250))
	await page.evaluate(() => {
		const spoken: string[] = []
		Object.assign(globalThis, { spoken })
		const status = document.querySelector('.box [role="status"]')
		if (!status) throw new Error('no status')
		new MutationObserver(() => spoken.push(status.textContent ?? '')).observe(status, {
			characterData: true,
			childList: true,
			subtree: true,
		})
	})
	await titleBox(page).press('End')
	for (const key of 'abcdefghij') {
		await page.keyboard.press(key)
		await page.clock.runFor(300)
	}
	await page.clock.runFor(1_000)
	await expect(page.locator('.box [role="status"]')).toHaveText('260 of 300 characters')
	const spoken = await page.evaluate(() => (globalThis as { spoken?: string[] }).spoken)
	expect(spoken?.length).toBeLessThanOrEqual(2)
})

test('leads to each subreddit by a plain link', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	const link = page.getByRole('link', { name: 'Open r/astronomy on Reddit' })
	await expect(link).toHaveAttribute('href', 'https://www.reddit.com/r/astronomy/')
	await expect(link).toHaveAttribute('rel', 'noopener noreferrer')
	const box = await link.boundingBox()
	expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44)
})

test('shows no suggestion that rounds to 0%', async ({ page, site }) => {
	await site.publish({ version: SECOND, ceiling: 0.004 })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await titleBox(page).fill('telescope')
	await expect(page.getByText('no subreddit stands out')).toBeVisible()
	await expect(suggestions(page)).toHaveCount(0)
	await page.getByRole('button', { name: 'I know where it belongs' }).click()
	await expect(page.getByText('Kept: Nothing was suggested')).toBeVisible()
})

test('picks nothing by a key that types a character, or that changes tabs', async ({ page }) => {
	await ask(page, 'telescope and kitten', 'cats')
	// Option and 3 type "#" on a British Mac; Alt and a digit change tabs on Linux.
	const isPrevented = await titleBox(page).evaluate((box) => {
		const event = { key: '#', code: 'Digit3', altKey: true, bubbles: true, cancelable: true }
		return !box.dispatchEvent(new KeyboardEvent('keydown', event))
	})
	expect(isPrevented).toBe(false)
	for (const key of ['Alt+1', 'Alt+2', '3', 'x']) await titleBox(page).press(key)
	await expectPicks(page, 0)
	await expect(suggestions(page).getByText('Your pick')).toHaveCount(0)
})

test('goes nowhere by the Enter that ends a composition in Safari', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).evaluate((box) => {
		const event = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true })
		// Safari says that the composition is over, and this number alone tells what the key was for.
		Object.defineProperty(event, 'keyCode', { value: 229 })
		box.dispatchEvent(event)
	})
	await expect(titleBox(page)).toBeFocused()
})

test('walks by arrows to what Enter posts, and not by a key that is held', async ({ page }) => {
	await page.context().route('https://www.reddit.com/**', (route) => route.fulfill({ body: '' }))
	await ask(page, 'telescope and kitten', 'cats')
	await titleBox(page).press('ArrowDown')
	await expect(postLink(suggestions(page).first())).toBeFocused()
	await page.keyboard.press('ArrowDown')
	await page.keyboard.press('ArrowDown')
	await page.keyboard.press('ArrowUp')
	await expect(postLink(suggestions(page).nth(1))).toBeFocused()
	await titleBox(page).focus()
	await page.keyboard.down('Enter')
	await page.keyboard.down('Enter')
	await page.keyboard.up('Enter')
	await expect(postLink(suggestions(page).first())).toBeFocused()
	await expectPicks(page, 0)
	const opening = page.context().waitForEvent('page')
	await page.keyboard.press('Enter')
	await (await opening).close()
	await expectPicks(page, 1)
})

test('goes from the box to the first suggestion by Enter, and back by Escape', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).press('Enter')
	await expect(postLink(suggestions(page).first())).toBeFocused()
	await expect(titleBox(page)).toHaveValue('telescope')
	await page.keyboard.press('Escape')
	await expect(titleBox(page)).toBeFocused()
})

test('moves the caret, not the focus, while it is inside the title', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).press('Home')
	await titleBox(page).press('ArrowDown')
	await expect(titleBox(page)).toBeFocused()
	await titleBox(page).press('ArrowDown')
	await expect(postLink(suggestions(page).first())).toBeFocused()
})

test('reaches every suggestion by Tab', async ({ page }) => {
	await ask(page, 'telescope', 'astronomy')
	await titleBox(page).focus()
	await page.keyboard.press('Tab')
	await expect(page.getByRole('link', { name: 'Open r/astronomy on Reddit' })).toBeFocused()
	await page.keyboard.press('Tab')
	await expect(page.getByRole('button', { name: 'r/astronomy is the right one' })).toBeFocused()
	await page.keyboard.press('Tab')
	await expect(postLink(suggestions(page).first())).toBeFocused()
	for (let count = 0; count < 13; count += 1) await page.keyboard.press('Tab')
	await expect(page.getByRole('button', { name: 'None of these' })).toBeFocused()
})

test('shows fewer than five where the release knows fewer subreddits', async ({ page, site }) => {
	const topics = { linux: TOPICS.linux ?? [], cats: TOPICS.cats ?? [] }
	await site.publish({ version: SECOND, model: makeModelFile({ topics }), labels: 2 })
	await site.setChannels({ production: SECOND })
	await comeBackToTab(page)
	await expectRelease(page, SECOND, 'production')
	await ask(page, 'kitten', 'cats')
	await expect(suggestions(page)).toHaveCount(2)
})
