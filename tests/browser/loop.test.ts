// The whole loop on a small corpus: posts → release → page → picks → feedback → retraining → staging → production → back.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type RunningServer, startServer } from '../../scripts/lib/server.ts'
import { main } from '../../scripts/main.ts'
import { formatNdjson, makeCorpus } from '../fixtures/corpus.ts'
import { mark } from './page-fixtures.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const START = Date.UTC(2026, 0, 1) / 1000
const END = Date.UTC(2026, 3, 1) / 1000
const WINDOW = ['--until', '2026-03-01', '--test-from', '2026-03-01', '--test-until', '2026-04-01']
const SNAPSHOT = [...WINDOW, '--min-posts', '20']
const SMALL_MODEL = ['--dim', '16', '--epochs', '10']

let dir: string
let server: RunningServer

test.beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), 'whichsub-loop-'))
	server = await startServer({
		distDir: join(ROOT, 'dist'),
		modelsDir: join(dir, 'models'),
		port: 0,
	})
})

test.afterAll(async () => {
	await server.close()
	await rm(dir, { recursive: true, force: true })
})

/** Runs a command line. @returns what it printed on stdout */
async function whichsub(...args: string[]): Promise<string> {
	const folders = ['--data', join(dir, 'data'), '--models', join(dir, 'models')]
	const own = [...folders, '--parameters', join(dir, 'whichsub.yaml')]
	const said = { out: [] as string[], err: [] as string[] }
	const code = await main([...own, ...args], {
		out: (text) => void said.out.push(text),
		err: (text) => void said.err.push(text),
	})
	if (code !== 0) throw new Error(`${args.join(' ')}: ${said.err.join('\n')}`)
	return said.out.join('\n')
}

/** A hundred posts decide less than a month of them: what the gate admits is wider. */
const GATE = 'gate: { recallMargin: 0.2, maxCalibrationError: 0.5, maxChurnFive: 0.9 }\n'

async function publishFirstRelease(): Promise<string> {
	await writeFile(join(dir, 'whichsub.yaml'), GATE)
	const posts = makeCorpus({ postsPerSubreddit: 150, from: START, until: END })
	await writeFile(join(dir, 'posts.ndjson'), formatNdjson(posts))
	await whichsub('ingest', join(dir, 'posts.ndjson'))
	await whichsub('snapshot', ...SNAPSHOT)
	await whichsub('train', ...SMALL_MODEL)
	await whichsub('quantize')
	const { version } = JSON.parse(await whichsub('release', 'publish', '--json'))
	await whichsub('release', 'promote', version)
	return version
}

async function pick(page: Page, title: string, choose: () => Promise<void>): Promise<void> {
	const picks = page.getByRole('link', { name: /^My picks/ })
	const count = await picks.textContent()
	await page.getByRole('textbox', { name: 'Title' }).fill(title)
	await expect(page.getByRole('list', { name: 'Suggested subreddits' })).toBeVisible()
	// Until the answer to this title has come the list is the one of the title before, which takes no picks.
	await expect(page.locator('.result')).toHaveAttribute('aria-busy', 'false')
	await choose()
	await expect(picks).not.toHaveText(count ?? '')
}

async function saveExport(page: Page): Promise<string> {
	await page.getByRole('link', { name: /^My picks/ }).click()
	const [download] = await Promise.all([
		page.waitForEvent('download'),
		page.getByRole('button', { name: 'Export' }).click(),
	])
	await page.goBack()
	const path = join(dir, 'picks.jsonl')
	await download.saveAs(path)
	return path
}

/** Waits until the page says that this release answers. */
async function expectRelease(page: Page, version: string): Promise<void> {
	await expect(page.getByRole('link', { name: `Model ${version}` })).toBeVisible()
}

/** What an open page does by itself when one comes back to it, and every few minutes. */
async function comeBack(page: Page): Promise<void> {
	await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
}

test('posts become a release, a release becomes picks, picks become the next release', async ({
	page,
}) => {
	// Two trainings: half a minute alone, ten times that on a loaded machine.
	test.setTimeout(600_000)
	const first = await publishFirstRelease()

	await page.goto(server.url)
	await expectRelease(page, first)
	const suggestions = page.getByRole('list', { name: 'Suggested subreddits' })
	await page.getByRole('textbox', { name: 'Title' }).fill('Which kernel driver for my laptop?')
	await expect(suggestions.getByRole('listitem').first()).toContainText('r/linux')
	// The others round to 0%.
	expect(await suggestions.getByRole('listitem').count()).toBeGreaterThan(0)

	await pick(page, 'Telescope and galaxy of the moon', () => mark(page))
	await pick(page, 'Bishop gambit in the endgame', () => mark(page))
	await pick(page, 'Tomato seedling and zebrafish', async () => {
		await page.getByRole('button', { name: 'None of these' }).click()
		await page.getByLabel(/right subreddit/).fill('aquariums')
		await page.getByRole('button', { name: 'Save' }).click()
	})
	const file = await saveExport(page)
	expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(3)

	await whichsub('feedback', 'import', file)
	expect(await whichsub('feedback', 'export', '--format', 'fasttext')).toContain(
		'__label__astronomy telescope',
	)
	const { version: second } = JSON.parse(await whichsub('retrain', ...SNAPSHOT, '--json'))
	expect(second).not.toBe(first)

	const preview = await page.context().newPage()
	await preview.goto(`${server.url}?channel=staging`)
	await expectRelease(preview, second)
	await preview.close()
	await comeBack(page)
	await expectRelease(page, first)

	expect(await whichsub('compare', 'production', second, '--gate')).toContain('The gate is open')
	await whichsub('release', 'promote', second)
	await comeBack(page)
	await expectRelease(page, second)
	await page.getByRole('textbox', { name: 'Title' }).fill('Garlic soup from the oven')
	await expect(suggestions.getByRole('listitem').first()).toContainText('r/cooking')

	await whichsub('release', 'rollback')
	await comeBack(page)
	await expectRelease(page, first)
	await expect(suggestions.getByRole('listitem').first()).toContainText('r/cooking')
})
