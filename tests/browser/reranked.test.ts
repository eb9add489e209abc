// A release with a reranker, as the shipped one is: the rows, what is picked and posted, and why, are of the order that it gives.
import { loadEngine } from '../../scripts/lib/engine.ts'
import { joinModelFile, writeEvidence } from '../../src/model/evidence/evidence-file.ts'
import { type Adjustment, Suggester } from '../../src/model/suggest.ts'
import { SUGGESTION_COUNT } from '../../src/shared/calibration.ts'
import { formatPercent } from '../../src/shared/numbers.ts'
import type { Reranker } from '../../src/shared/reranker.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { makeCountingReranker } from '../fixtures/reranker.ts'
import {
	ask,
	expect,
	expectKept,
	expectRelease,
	expectStored,
	exportPicks,
	findBarriers,
	mark,
	postLink,
	suggestions,
	test,
	titleBox,
} from './page-fixtures.ts'
import { FIRST, SECOND, type Site } from './site.ts'

/** The name of a subreddit in it is no word of the model: without the reranker r/astronomy comes first. */
const TITLE = 'telescope and moon beside the gardening'
/** Puts a subreddit forward whose name stands in the title. */
const RERANKER = makeCountingReranker('whether the title has its name', 9)
const LINE = { scores: [0, 1], probabilities: [0, 1] }
const ADJUSTMENT: Adjustment = {
	calibration: {
		method: 'isotonic',
		posts: 100,
		ranks: Array.from({ length: SUGGESTION_COUNT }, () => LINE),
		total: LINE,
	},
	reranker: RERANKER,
}

function makeModel(isQuantized: boolean): Uint8Array {
	const fastText = makeModelFile({ topics: TOPICS, isQuantized })
	const words = Object.values(TOPICS).flat()
	const evidence = writeEvidence(
		makeEvidence({ labels: Object.keys(TOPICS).length, words, seed: 5, titles: [TITLE] }),
	)
	return joinModelFile({ fastText, evidence })
}

async function publish(site: Site, model: Uint8Array, reranker: Reranker = RERANKER) {
	await site.publish({ version: SECOND, model, reranker })
	await site.setChannels({ production: SECOND })
}

/** Names and how sure, as they must be shown. */
async function suggestInNode(model: Uint8Array, adjustment: Adjustment): Promise<string[]> {
	const engine = await loadEngine(model)
	const { suggestions: all } = new Suggester(engine, adjustment).suggest(TITLE)
	engine.dispose()
	return all
		.filter(({ probability }) => probability >= 0.005)
		.map(({ subreddit, probability }) => `${formatPercent(probability)} r/${subreddit}`)
}

for (const [reader, isQuantized] of [
	["the page's own scorer", true],
	['fastText', false],
] as const)
	test(`are in the order of the reranker, with its percentages, where ${reader} reads the model`, async ({
		page,
		site,
	}) => {
		const model = makeModel(isQuantized)
		await publish(site, model)
		const expected = await suggestInNode(model, ADJUSTMENT)
		const { reranker: _, ...without } = ADJUSTMENT
		expect(expected).not.toEqual(await suggestInNode(model, without))
		await page.goto(site.url)
		await expectRelease(page, SECOND, 'production')
		await ask(page, TITLE, 'gardening')
		const shown = await suggestions(page).evaluateAll((rows) =>
			rows.map((row) =>
				['.sure span', '.name b']
					.map((part) => row.querySelector(part)?.textContent?.trim())
					.join(' '),
			),
		)
		expect(shown).toEqual(expected)
	})

test('are what is posted to, kept, and told to a screen reader', async ({ page, site }) => {
	await publish(site, makeModel(true))
	await page.goto(site.url)
	await titleBox(page).pressSequentially(TITLE)
	const first = suggestions(page).first()
	await expect(first).toContainText('r/gardening')
	await expect(postLink(first)).toHaveAttribute('href', /\/r\/gardening\/submit\?title=telescope/)
	await expect(page.getByRole('status').filter({ hasText: 'Best guess' })).toContainText(
		'Best guess: r/gardening',
	)
	await mark(page)
	await expectKept(page, 'r/gardening')
	const [kept] = await exportPicks(page)
	expect(kept?.pick).toEqual({ how: 'suggestion', rank: 1, subreddit: 'gardening' })
	expect(kept?.suggestions[0]?.subreddit).toBe('gardening')
})

test('say why, by the words that speak for each', async ({ page, site }) => {
	await publish(site, makeModel(true))
	await page.goto(site.url)
	await ask(page, TITLE, 'gardening')
	const astronomy = suggestions(page).filter({ hasText: 'r/astronomy' })
	await expect(postLink(astronomy)).toHaveAccessibleDescription(
		/^For r\/astronomy: .*(moon|telescope)/,
	)
	await astronomy.locator('.name b').hover()
	await expect(page.locator('.tints')).toHaveText(TITLE)
	await expect(page.locator('.tints [class*="for-"]').first()).toBeVisible()
	expect(await findBarriers(page)).toEqual([])
})

test('are refused before their model is downloaded, where the reranker is of another kind than the page knows', async ({
	page,
	site,
}) => {
	await page.goto(site.url)
	await ask(page, 'telescope', 'astronomy')
	await expectStored(page, FIRST)
	const before = site.modelRequests.length
	await publish(site, makeModel(true), { ...RERANKER, version: 2 })
	await page.reload()
	await expect(
		page.getByText('A newer release is out that needs a newer version of this page'),
	).toBeVisible()
	// The one that is here answers on.
	await ask(page, 'kitten', 'cats')
	await expectRelease(page, FIRST, 'production')
	expect(site.modelRequests).toHaveLength(before)
})
