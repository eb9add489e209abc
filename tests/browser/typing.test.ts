// Suggestions while a title is being typed: its last word is mostly unfinished.
import { ask, expect, listenToWorker, suggestions, test, titleBox } from './page-fixtures.ts'

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
	const count = answers.length
	await page.clock.runFor(1_500)
	// It is asked once more, as it stands.
	await expect.poll(() => answers.length).toBeGreaterThan(count)
	await expect(page.getByText(NO_IDEA)).toBeHidden()
	await expect(suggestions(page).first()).toContainText('r/astronomy')
})

for (const title of ['telesc', 'zzyzx telesc', 'TELESC'])
	test(`suggests for "${title}", pasted, what it suggests for the same typed`, async ({
		page,
		site,
	}) => {
		const rows = suggestions(page)
		const shown = rows.locator('.name b, .sure')
		await page.goto(site.url)
		await titleBox(page).pressSequentially(title)
		await expect(rows.first()).toContainText('r/astronomy')
		const typed = await shown.allInnerTexts()
		await titleBox(page).fill('')
		await expect(rows).toHaveCount(0)
		await titleBox(page).fill(title)
		await expect(rows.first()).toContainText('r/astronomy')
		expect(await shown.allInnerTexts()).toEqual(typed)
	})

test('says of a pasted word that it is unknown, where no known one begins so', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await titleBox(page).fill('telescq')
	await expect(page.getByText(NO_IDEA)).toBeVisible()
})

test('leaves the suggestions for the title before alone until the new ones are late, and lets nobody pick those then', async ({
	page,
	site,
}) => {
	await page.addInitScript(HOLD_QUESTIONS)
	await page.clock.install()
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	await page.clock.pauseAt(Date.now() + 60_000)
	await page.evaluate('isHeld = true')
	await titleBox(page).fill('kitten kernel kernel')
	const [result, none] = [page.locator('.result'), page.getByRole('button', { name: 'None of' })]
	await expect(result).toHaveAttribute('aria-busy', 'true')
	await expect(result).toHaveCSS('opacity', '1')
	await expect(none).toBeEnabled()
	await page.clock.runFor(200)
	await expect(none).toBeDisabled()
	await expect(result).not.toHaveCSS('opacity', '1')
	await page.evaluate('letGo()')
	await expect(suggestions(page).first()).toContainText('r/linux')
	await expect(none).toBeEnabled()
})

// Runs in the page, hence as text: questions wait as long as `isHeld`.
const HOLD_QUESTIONS = `
	globalThis.isHeld = false
	const native = Worker.prototype.postMessage
	const held = []
	Worker.prototype.postMessage = function (message) {
		const post = () => native.call(this, message)
		if (isHeld && message.name === 'suggest') held.push(post)
		else post()
	}
	globalThis.letGo = () => {
		isHeld = false
		for (const post of held) post()
	}
`
