// The page's time from navigation to the first suggestion, in a real Chromium: a first visit, and one that comes back.
import { resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium } from '@playwright/test'
import { RELEASES_FILE } from '../../src/shared/releases.ts'
import { browserFlags, ensureBrowser } from '../dev/find-browser.ts'
import { exists } from '../lib/files.ts'
import { startServer } from '../lib/server.ts'
import type { Benchmark } from './benchmark.ts'

const DIST = resolve(import.meta.dirname, '../../dist')
const ROUNDS = 5
const TITLE = 'Which Linux distribution for a ten-year-old laptop?'

// Runs in the page, hence as text: types a title as soon as there is a box, notes when the first suggestion stands there.
const TYPE_AT_ONCE = `
	const observer = new MutationObserver(() => {
		const box = document.querySelector('textarea')
		if (box && box.value === '') {
			box.value = ${JSON.stringify(TITLE)}
			box.dispatchEvent(new Event('input', { bubbles: true }))
		}
		if (!document.querySelector('ol[aria-label="Suggested subreddits"] button')) return
		observer.disconnect()
		globalThis.firstSuggestionMs = performance.now()
	})
	observer.observe(document, { childList: true, subtree: true })
`

/** Needs the built page; measures the production release of the models' folder. */
export const benchPage: Benchmark = async (effects) => {
	if (!(await exists(`${effects.modelsDir}/${RELEASES_FILE}`))) {
		effects.err('page: left out, there is no release')
		return []
	}
	const server = await startServer({ distDir: DIST, modelsDir: effects.modelsDir, port: 0 })
	const browser = await chromium.launch({
		executablePath: ensureBrowser(effects.err),
		args: browserFlags(),
	})
	try {
		const empty: number[] = []
		const filled: number[] = []
		for (let round = 0; round < ROUNDS; round += 1) {
			const visits = await measureVisits(browser, server.url)
			empty.push(visits.first)
			filled.push(visits.second)
		}
		const note = `median of ${ROUNDS}, from navigation to first suggestion, server on the same machine`
		return [
			{ name: 'page, empty IndexedDB', value: median(empty), unit: 'ms', note },
			{
				name: 'page, filled IndexedDB',
				value: median(filled),
				unit: 'ms',
				peer: { name: 'empty IndexedDB', value: median(empty) },
			},
		]
	} finally {
		await browser.close()
		await server.close()
	}
}

async function measureVisits(
	browser: Browser,
	url: string,
): Promise<{ first: number; second: number }> {
	// Without it the second visit would also be spared the page's own files.
	const context = await browser.newContext({ serviceWorkers: 'block' })
	try {
		await context.addInitScript(TYPE_AT_ONCE)
		return { first: await measureVisit(context, url), second: await measureVisit(context, url) }
	} finally {
		await context.close()
	}
}

async function measureVisit(context: BrowserContext, url: string): Promise<number> {
	const page = await context.newPage()
	await page.goto(url)
	const noted = await page.waitForFunction(
		() => (globalThis as { firstSuggestionMs?: number }).firstSuggestionMs,
	)
	const milliseconds = Number(await noted.jsonValue())
	await page.close()
	return milliseconds
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
