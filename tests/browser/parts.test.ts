// Parts of the page that are loaded when they are opened: without a network, after a deploy, and what is said where they are missing.
import { makeEvaluationReport } from '../fixtures/reports.ts'
import { ask, expect, FAILED_REQUEST, test, titleBox } from './page-fixtures.ts'
import { FIRST, SECOND } from './site.ts'

test.use({ reuseContext: false })

test.beforeEach(({ complaints }) => {
	complaints.expect(FAILED_REQUEST)
	// What a server sends for a file that is gone is no style.
	complaints.expect(/^Refused to apply style/)
})

test.describe('with the files of the page kept', () => {
	test.use({ serviceWorkers: 'allow' })

	test('opens every page on a first visit without a network, says what is missing, and shows it when it is back', async ({
		page,
		site,
	}) => {
		await page.goto(site.url)
		await ask(page, 'telescope', 'astronomy')
		await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
		await site.goDown()
		for (const name of ['About', 'Privacy', 'My picks']) {
			await page.evaluate((hash) => {
				location.hash = hash
			}, { About: '#/about', Privacy: '#/privacy', 'My picks': '#/picks' }[name] ?? '')
			await expect(page.getByRole('heading', { name })).toBeVisible()
		}
		await page.getByRole('link', { name: /^Model/ }).click()
		await expect(page.getByRole('heading', { name: 'Releases' })).toBeVisible()
		const alert = page.getByRole('alert')
		await expect(alert).toContainText('there is no connection to the server')
		await page.getByRole('button', { name: 'Try again' }).click()
		await expect(alert).toContainText('there is no connection to the server')
		await site.comeBack()
		await page.evaluate(() => window.dispatchEvent(new Event('online')))
		await expect(page.getByRole('row', { name: FIRST })).toBeVisible()
		await expect(alert.filter({ hasText: 'connection' })).toHaveCount(0)
	})
})

test('shows a comparison without a press once there is a connection again', async ({
	page,
	site,
}) => {
	const report = JSON.stringify(makeEvaluationReport())
	await site.publish({ version: SECOND, report })
	await site.publish({ version: '20130801.0', report })
	await site.setChannels({ production: '20130801.0' })
	await page.route('**/report.json', (route) => route.abort('internetdisconnected'))
	await page.goto(`${site.url}#/compare/${SECOND}..20130801.0`)
	const alert = page.getByRole('alert')
	await expect(alert).toContainText('there is no connection to the server')
	await page.unroute('**/report.json')
	await page.evaluate(() => window.dispatchEvent(new Event('online')))
	await expect(page.getByRole('figure').first()).toBeVisible()
	await expect(alert).toHaveCount(0)
})

test('opens a page though the title was to be put into the address just then', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	// A press puts the title into the address; of the new one the page is told only after this.
	await page.evaluate(() => {
		location.hash = '#/about'
		document.body.click()
	})
	await expect(page.getByRole('heading', { name: 'About' })).toBeVisible()
})

for (const [name, address] of [
	['a page of text', '#/about'],
	['the model', '#/releases'],
] as const)
	test(`says of ${name} that there is no connection, and opens it on request once there is`, async ({
		page,
		site,
	}) => {
		await page.goto(site.url)
		await ask(page, 'telescope', 'astronomy')
		await site.goDown()
		const open = (hash: string) =>
			page.evaluate((to) => {
				location.hash = to
			}, hash)
		await open(address)
		const alert = page.getByRole('alert')
		await expect(alert).toContainText('there is no connection to the server')
		await site.comeBack()
		await page.getByRole('button', { name: 'Try again' }).click()
		const heading = page.getByRole('heading', {
			name: address === '#/about' ? 'About' : 'Releases',
		})
		const reload = page.getByRole('button', { name: 'reload the page' })
		await expect(heading.or(reload)).toBeVisible()
		// Some browsers remember that a script failed.
		if (await reload.isVisible()) await reload.click()
		await expect(heading).toBeVisible()
		const styles = await page.evaluate(() =>
			[...document.styleSheets].map(({ href }) => href ?? ''),
		)
		expect(styles.some((href) => /\/(views|pages)-/.test(href))).toBe(true)
		await page.getByRole('link', { name: 'whichsub' }).click()
		await expect(titleBox(page)).toHaveValue('telescope')
	})

for (const address of ['#/about', '#/releases'])
	test(`says after a deploy that the page was replaced (${address}), and keeps the title when it is loaded again`, async ({
		page,
		site,
	}) => {
		await page.goto(site.url)
		await ask(page, 'telescope', 'astronomy')
		await site.deploy()
		await page.evaluate((to) => {
			location.hash = to
		}, address)
		const alert = page.getByRole('alert')
		await expect(alert).toContainText('this page was replaced by a newer version')
		await expect(alert).not.toContainText('connection')
		await page.getByRole('button', { name: 'reload the page' }).click()
		await expect(page.getByRole('heading', { name: /^(About|Releases)$/ })).toBeVisible()
		await page.getByRole('link', { name: 'whichsub' }).click()
		await expect(titleBox(page)).toHaveValue('telescope')
	})
