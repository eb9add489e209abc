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

test.use({ reuseContext: false })

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

interface StoredPick {
	readonly title: string
	readonly pick: { readonly rank: number }
}

/** What stands in the database now, by another connection. */
function storedPicks(page: Page): Promise<StoredPick[]> {
	return page.evaluate(
		(name) =>
			new Promise<StoredPick[]>((done, fail) => {
				const opening = indexedDB.open(name)
				opening.onerror = () => fail(opening.error)
				opening.onsuccess = () => {
					const all = opening.result.transaction('picks').objectStore('picks').getAll()
					all.onsuccess = () => {
						opening.result.close()
						done(all.result)
					}
				}
			}),
		DATABASE,
	)
}

async function storedTitles(page: Page): Promise<string[]> {
	return (await storedPicks(page)).map(({ title }) => title)
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

/** 1 and 2 mark a row, or take it back where it is marked; 0 takes back what is marked. */
const SEQUENCES = [1, 2].flatMap((a) => [0, 1, 2].flatMap((b) => [0, 1, 2].map((c) => [a, b, c])))

/** What holds after clicks on rows: the ranks of picks that a person sees, the last one on top, above that of an earlier visit. */
function follow(clicks: readonly number[], earlier: number | undefined): number | undefined {
	const picks: number[] = []
	for (const rank of clicks)
		if (rank === 0 || picks.at(-1) === rank) picks.pop()
		else picks.push(rank)
	return picks.at(-1) ?? earlier
}

/** Keeps another connection's transaction open, for which all that the page wants of its picks must wait. @returns ends it */
async function holdStorage(page: Page): Promise<() => Promise<void>> {
	await page.evaluate(
		(name) =>
			new Promise<void>((done, fail) => {
				const opening = indexedDB.open(name)
				opening.onerror = () => fail(opening.error)
				opening.onsuccess = () => {
					const database = opening.result
					const store = database.transaction('picks', 'readwrite').objectStore('picks')
					let isHeld = true
					const hold = () => {
						if (isHeld) store.count().onsuccess = hold
						else database.close()
					}
					store.count().onsuccess = () => {
						hold()
						done()
					}
					Object.assign(globalThis, { letGoOfPicks: () => (isHeld = false) })
				}
			}),
		DATABASE,
	)
	return () => page.evaluate(() => (globalThis as { letGoOfPicks?: () => void }).letGoOfPicks?.())
}

/** The rank that is stored for each title. */
async function storedRanks(page: Page): Promise<Record<string, number>> {
	const picks = await storedPicks(page)
	return Object.fromEntries(picks.map(({ title, pick }) => [title, pick.rank]))
}

for (const earlier of [undefined, 1])
	test(`stores what holds after picks that are changed and taken back before the first is stored, ${earlier ? `rank ${earlier} of an earlier visit` : 'none'} before them`, async ({
		page,
	}) => {
		const expected: Record<string, number> = { telescope: 1 }
		const titles = SEQUENCES.map((_, index) => `telescope ${'x'.repeat(index + 1)}`)
		if (earlier)
			for (const title of titles) {
				await ask(page, title, 'astronomy')
				await mark(page, earlier)
				await expect(suggestions(page).nth(earlier - 1)).toContainText('Your pick')
			}
		// What the page has read is forgotten.
		await page.reload()
		for (const [index, clicks] of SEQUENCES.entries()) {
			const title = titles[index] as string
			await ask(page, 'kitten', 'cats')
			const letGo = await holdStorage(page)
			await ask(page, title, 'astronomy')
			for (const rank of clicks) {
				const back = suggestions(page).getByRole('button', { name: 'Take back' })
				if (rank > 0) await mark(page, rank)
				else if (await back.isVisible()) await back.click()
			}
			await letGo()
			const holds = follow(clicks, earlier)
			if (holds) expected[title] = holds
			else delete expected[title]
			await expect.poll(() => storedRanks(page), clicks.join(' ')).toMatchObject(expected)
			const picked = page.locator('li.picked')
			if (holds)
				await expect(suggestions(page).nth(holds - 1)).toContainText(/Your pick|Posting counts/)
			await expect(picked, clicks.join(' ')).toHaveCount(holds ? 1 : 0)
			await expect
				.poll(() => storedRanks(page), clicks.join(' '))
				.not.toHaveProperty([holds ? '' : title])
		}
		await page.reload()
		await expectPicks(page, Object.keys(expected).length)
		expect(await storedRanks(page)).toEqual(
			earlier
				? { ...Object.fromEntries(titles.map((title) => [title, earlier])), ...expected }
				: expected,
		)
	})
