// The page of picks: each with what was suggested then, how often that was right, taken back, exported, imported.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import {
	ask,
	expect,
	expectPicks,
	exportPicks,
	findBarriers,
	mark,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'

test.beforeEach(async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
	await ask(page, 'kitten', 'cats')
	await mark(page, 2)
	await expectPicks(page, 2)
	await titleBox(page).fill('qwxyz')
	await page.getByRole('button', { name: 'I know where it belongs' }).click()
	await expectPicks(page, 3)
})

const rows = (page: Page) =>
	page.getByRole('list', { name: 'Picks, newest first' }).getByRole('listitem')

async function openPicks(page: Page): Promise<void> {
	await page.getByRole('link', { name: /^My picks/ }).click()
}

test('lists each pick with its title, what was suggested and what was right', async ({ page }) => {
	await openPicks(page)
	await expect(rows(page)).toHaveCount(3)
	await expect(rows(page).nth(0)).toContainText(/qwxyz.*None of these.*Nothing was suggested/s)
	await expect(rows(page).nth(1)).toContainText(/kitten.*Suggested: r\/cats \d+%/s)
	await expect(rows(page).nth(2)).toContainText(
		/telescope.*r\/astronomy.*Suggested: r\/astronomy \d+%/s,
	)
	await expect(
		page.getByText('the first suggestion for 1 of 3 picks, and among the five for 2'),
	).toBeVisible()
	await rows(page).nth(2).getByRole('link', { name: 'telescope' }).click()
	await expect(titleBox(page)).toHaveValue('telescope')
	await expect(suggestions(page).first()).toHaveClass(/picked/)
})

test('keeps the way to take a pick back beside it, however narrow the window', async ({ page }) => {
	await page.setViewportSize({ width: 240, height: 600 })
	await openPicks(page)
	const name = await rows(page).nth(2).getByText('r/astronomy', { exact: true }).boundingBox()
	const button = await page.getByRole('button', { name: 'Take back: telescope' }).boundingBox()
	if (!name || !button) throw new Error('the pick is not drawn')
	expect(button.y).toBeLessThan(name.y + name.height)
	expect(button.x).toBeGreaterThan(name.x + name.width)
})

test('takes back one pick, which Undo brings again', async ({ page }) => {
	await openPicks(page)
	await page.getByRole('button', { name: 'Take back: telescope' }).click()
	await expectPicks(page, 2)
	await expect(rows(page)).toHaveCount(2)
	await expect(page.getByText(/^2 picks kept/)).toBeFocused()
	await expect(page.getByText('for 0 of 2 picks, and among the five for 1')).toBeVisible()
	await page.getByRole('button', { name: 'Undo' }).click()
	await expectPicks(page, 3)
	await expect(rows(page).nth(2)).toContainText('telescope')
	await page.getByRole('button', { name: 'Take back: telescope' }).click()
	await expectPicks(page, 2)
	await page.reload()
	await expect(rows(page)).toHaveCount(2)
	await page.goto('about:blank')
	await page.goBack()
	await page.getByRole('link', { name: 'whichsub' }).click()
	await ask(page, 'telescope', 'astronomy')
	await expect(suggestions(page).first()).not.toHaveClass(/picked/)
})

test('imports what another browser has exported, each pick once', async ({
	page,
	site,
	browser,
}) => {
	await openPicks(page)
	const download = page.waitForEvent('download')
	await page.getByRole('button', { name: 'Export' }).click()
	const text = await readFile(await (await download).path(), 'utf8')
	const context = await browser.newContext()
	const other = await context.newPage()
	await other.goto(`${site.url}#/picks`)
	const open = (content: string) =>
		other.getByLabel('Import a file').setInputFiles({
			name: 'picks.jsonl',
			mimeType: 'application/jsonl',
			buffer: Buffer.from(content),
		})
	await open(text)
	const said = other.getByRole('status')
	await expect(said).toHaveText('Imported 3 picks.')
	await expect(rows(other)).toHaveCount(3)
	await open(`${text}no pick\n`)
	await expect(said).toHaveText("Imported 0 picks; 3 were here already; 1 line can't be read.")
	await open('{"title":"<b>no pick</b>"}')
	await expect(said).toContainText('There are no picks in picks.jsonl')
	await expect(rows(other)).toHaveCount(3)
	// The later pick of a title wins, whichever browser it was made in.
	await page.goBack()
	await ask(page, 'telescope', 'astronomy')
	await mark(page, 3)
	await expect(suggestions(page).nth(2)).toHaveClass(/picked/)
	const later = await exportPicks(page)
	await open(later.map((pick) => JSON.stringify(pick)).join('\n'))
	await expect(said).toHaveText('Imported 1 pick; 2 were here already.')
	await expect(rows(other)).toHaveCount(3)
	await context.close()
})

test('shows a hundred picks at a time, and more on request', async ({ page }) => {
	const [one] = await exportPicks(page)
	const many = Array.from({ length: 250 }, (_, index) => ({
		...one,
		id: `6f1b8b1e-6e0f-4a3f-9a77-${String(index).padStart(12, '0')}`,
		title: `telescope number ${index}`,
	}))
	await openPicks(page)
	await page.getByLabel('Import a file').setInputFiles({
		name: 'picks.jsonl',
		mimeType: 'application/jsonl',
		buffer: Buffer.from(many.map((pick) => JSON.stringify(pick)).join('\n')),
	})
	await expectPicks(page, 253)
	await expect(rows(page)).toHaveCount(100)
	expect(await findBarriers(page)).toEqual([])
	await page.getByRole('button', { name: 'Show more (153 left)' }).click()
	await expect(rows(page)).toHaveCount(200)
})
