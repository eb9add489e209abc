// Why a subreddit is suggested: the words of the title that speak for it and against it, by pointer, focus and finger.
import {
	ask,
	expect,
	findBarriers,
	postLink,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'

const TITLE = 'Our telescope shows a nebula, says the kitten'

test.use({ viewport: { width: 360, height: 640 }, hasTouch: true })

test('marks the words of the title for whoever points at a suggestion', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	const marks = page.locator('.tints')
	// Once the typing rests the words are known, and screen readers find them with the link.
	await expect(postLink(suggestions(page).first())).toHaveAccessibleDescription(
		/^For r\/astronomy: .*telescope.*Against r\/astronomy: kitten/,
	)
	await expect(marks).toHaveCount(0)
	await suggestions(page).first().locator('.name b').hover()
	await expect(marks.locator('[class*="for-"]').filter({ hasText: 'telescope' })).toHaveCount(1)
	await expect(marks.locator('[class*="against-"]')).toContainText(['kitten'])
	await expect(marks).toHaveText(TITLE)
	const [box, under] = [await titleBox(page).boundingBox(), await marks.boundingBox()]
	expect(under).toMatchObject({ x: box?.x, y: box?.y, width: box?.width })
	await page.mouse.move(2, 2)
	await expect(marks).toHaveCount(0)
})

test('marks them for the suggestion that has the focus, and none once the title is another', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	await titleBox(page).press('Enter')
	const marks = page.locator('.tints')
	await expect(marks).toHaveText(TITLE)
	expect(await findBarriers(page)).toEqual([])
	await titleBox(page).fill('kernel')
	await expect(marks).toHaveCount(0)
})

test('marks them where a row was tapped, until another one is', async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, TITLE, 'astronomy')
	const speaking = page.locator('.tints [class*="for-"]')
	await suggestions(page).filter({ hasText: 'r/astronomy' }).locator('.name b').tap()
	await expect(speaking.filter({ hasText: 'telescope' })).toHaveCount(1)
	await suggestions(page).filter({ hasText: 'r/cats' }).locator('.name b').tap()
	await expect(speaking.filter({ hasText: 'kitten' })).toHaveCount(1)
})
