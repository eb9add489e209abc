// Picks outlive what happens to the browser's storage while the page is open.
import type { BrowserContext, Page } from '@playwright/test'
import {
	ask,
	expect,
	expectKept,
	expectPicks,
	exportPicks,
	mark,
	suggestions,
	test,
} from './page-fixtures.ts'
import type { Site } from './site.ts'

const DATABASE = 'whichsub-picks'

test.beforeEach(async ({ page, site }) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await mark(page)
	await expectPicks(page, 1)
})

/** Another tab of the same origin, without the page in it. */
async function openOtherTab(context: BrowserContext, site: Site): Promise<Page> {
	const other = await context.newPage()
	await other.goto(`${site.url}icon.svg`)
	return other
}

async function pickKitten(page: Page): Promise<void> {
	await page.bringToFront()
	await ask(page, 'kitten', 'cats')
	await mark(page)
	await expectKept(page, 'r/cats')
}

/** What stands in the database now, by another connection. */
function storedTitles(page: Page): Promise<string[]> {
	return page.evaluate(
		(name) =>
			new Promise<string[]>((done, fail) => {
				const opening = indexedDB.open(name)
				opening.onerror = () => fail(opening.error)
				opening.onsuccess = () => {
					const all = opening.result.transaction('picks').objectStore('picks').getAll()
					all.onsuccess = () => {
						opening.result.close()
						done(all.result.map(({ title }: { title: string }) => title))
					}
				}
			}),
		DATABASE,
	)
}

test('goes on after another tab has deleted the database', async ({ page, site, context }) => {
	const other = await openOtherTab(context, site)
	await other.evaluate(
		(name) =>
			new Promise((done, fail) => {
				const deleting = indexedDB.deleteDatabase(name)
				deleting.onsuccess = done
				deleting.onerror = fail
			}),
		DATABASE,
	)
	await pickKitten(page)
	await expectPicks(page, 1)
	expect(await storedTitles(other)).toEqual(['kitten'])
	await expect(page.getByRole('alert')).toBeHidden()
})

test('goes on after the site data was cleared', async ({ page, site, context }) => {
	const cdp = await context.newCDPSession(page)
	await cdp.send('Storage.clearDataForOrigin', {
		origin: new URL(site.url).origin,
		storageTypes: 'indexeddb',
	})
	await pickKitten(page)
	await expectPicks(page, 1)
	expect(await storedTitles(await openOtherTab(context, site))).toEqual(['kitten'])
})

test('goes on after another tab has opened the database at a higher version', async ({
	page,
	site,
	context,
}) => {
	const other = await openOtherTab(context, site)
	await other.evaluate(
		(name) =>
			new Promise((done, fail) => {
				const opening = indexedDB.open(name, 99)
				opening.onsuccess = done
				opening.onerror = fail
			}),
		DATABASE,
	)
	await pickKitten(page)
	await expectPicks(page, 2)
	expect(await storedTitles(other)).toEqual(expect.arrayContaining(['telescope', 'kitten']))
})

test('says what to do where a newer page has changed the database, and exports what waits', async ({
	page,
	site,
	context,
}) => {
	const other = await openOtherTab(context, site)
	await other.evaluate(
		(name) =>
			new Promise((done, fail) => {
				const opening = indexedDB.open(name, 99)
				opening.onupgradeneeded = () => opening.result.deleteObjectStore('picks')
				opening.onsuccess = done
				opening.onerror = fail
			}),
		DATABASE,
	)
	await page.bringToFront()
	await ask(page, 'kitten', 'cats')
	await mark(page)
	const alert = page.getByRole('alert')
	await expect(alert).toContainText('a newer version of this page has changed it')
	await expect(alert).toContainText('1 pick is not stored yet')
	expect(await exportPicks(page)).toMatchObject([{ title: 'kitten' }])
})

test('stores what a full disk refused as soon as there is room, and asks before it leaves', async ({
	page,
}) => {
	await page.evaluate(() => {
		const { put } = IDBObjectStore.prototype
		IDBObjectStore.prototype.put = () => {
			throw new DOMException('no room', 'QuotaExceededError')
		}
		Object.assign(globalThis, {
			makeRoom: () => {
				IDBObjectStore.prototype.put = put
			},
		})
	})
	for (const [title, subreddit] of [
		['kitten', 'cats'],
		['kernel', 'linux'],
	] as const) {
		await ask(page, title, subreddit)
		await mark(page)
		await expect(page.getByText('Your pick is not stored yet')).toBeVisible()
	}
	await expect(page.getByRole('alert')).toContainText('2 picks are not stored yet')
	const asked = new Promise((done) => {
		page.once('dialog', async (dialog) => {
			await dialog.dismiss()
			done(dialog.type())
		})
	})
	await page.close({ runBeforeUnload: true })
	expect(await asked).toBe('beforeunload')
	await page.evaluate(() => (globalThis as { makeRoom?: () => void }).makeRoom?.())
	await page.getByRole('button', { name: 'Try again' }).click()
	await expectPicks(page, 3)
	await expect(page.getByRole('alert')).toBeHidden()
	await expectKept(page, 'r/linux')
	expect((await storedTitles(page)).sort()).toEqual(['kernel', 'kitten', 'telescope'])
})

test('does not wait for ever where the browser never opens the database', async ({
	page,
	site,
}) => {
	await page.addInitScript(() => {
		const { open } = IDBFactory.prototype
		Object.assign(globalThis, {
			openAgain: () => {
				IDBFactory.prototype.open = open
			},
		})
		// Never answers.
		IDBFactory.prototype.open = function (name, version) {
			return name === 'whichsub-picks'
				? (Object.create(IDBOpenDBRequest.prototype, {
						addEventListener: { value: () => {} },
						removeEventListener: { value: () => {} },
					}) as IDBOpenDBRequest)
				: open.call(this, name, version)
		}
	})
	await page.clock.install()
	await page.goto(site.url)
	await ask(page, 'kitten', 'cats')
	// From here on only the test lets time pass.
	await page.clock.pauseAt(Date.now() + 60_000)
	await mark(page)
	await expect(suggestions(page).first()).toContainText('Keeping…')
	await page.clock.runFor(6_000)
	await expect(page.getByText('Your pick is not stored yet')).toBeVisible()
	await expect(page.getByRole('alert')).toContainText('the browser did not open it')
	await page.evaluate(() => (globalThis as { openAgain?: () => void }).openAgain?.())
	await page.clock.resume()
	await expectKept(page, 'r/cats')
	await expectPicks(page, 2)
})
