// Suggestions while a title is being typed: its last word is mostly unfinished.
import { expect, listenToWorker, suggestions, test, titleBox } from './page-fixtures.ts'

const NO_IDEA = 'No idea: the model knows not one word of this title'

test('suggests what the words promise that an unfinished one may become', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await titleBox(page).pressSequentially('telesc')
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await expect(page.getByText("Doesn't know")).toBeHidden()
	await titleBox(page).pressSequentially('q')
	await expect(page.getByText(NO_IDEA)).toBeVisible()
	await titleBox(page).press('Backspace')
	await expect(suggestions(page).first()).toContainText('r/astronomy')
})

test('does not say that it knows no word of a first letter', async ({ page, site }) => {
	await page.goto(site.url)
	await titleBox(page).pressSequentially('k')
	await expect(page.getByText('no subreddit stands out')).toBeVisible()
	await titleBox(page).pressSequentially('itt')
	await expect(suggestions(page).first()).toContainText('r/cats')
})

test('reads a word that begins longer ones as it stands once a space or a pause ends it', async ({
	page,
	site,
}) => {
	await page.clock.install()
	await page.goto(site.url)
	await titleBox(page).fill('kitten')
	await expect(suggestions(page).first()).toContainText('r/cats')
	await page.clock.pauseAt(Date.now() + 60_000)
	await titleBox(page).fill('')
	// Begins a word of another subreddit, too.
	await titleBox(page).pressSequentially('pedal')
	await expect(suggestions(page).nth(1)).toContainText(/[34]\d%\s*sure\s*r\/(guitars|bicycling)/)
	await page.clock.runFor(1_500)
	await expect(suggestions(page).first()).toContainText(/[6-9]\d%\s*sure\s*r\/bicycling/)
	await titleBox(page).pressSequentially('b')
	await expect(suggestions(page).first()).toContainText('r/guitars')
	await titleBox(page).press('Backspace')
	await titleBox(page).pressSequentially(' ')
	await expect(suggestions(page).first()).toContainText(/[6-9]\d%\s*sure\s*r\/bicycling/)
})

test('takes an unfinished word for no unknown one, however long the pause is', async ({
	page,
	site,
}) => {
	const answers = await listenToWorker(page)
	await page.clock.install()
	await page.goto(site.url)
	await titleBox(page).pressSequentially('telesc')
	await expect(suggestions(page).first()).toContainText('r/astronomy')
	await page.clock.runFor(1_500)
	// What the release says of its subreddits may come at any time, and has the title asked once more.
	await expect
		.poll(() => answers)
		.toContainEqual(expect.objectContaining({ title: 'telesc', known: false }))
	await expect(page.getByText(NO_IDEA)).toBeHidden()
	await expect(suggestions(page).first()).toContainText('r/astronomy')
})
