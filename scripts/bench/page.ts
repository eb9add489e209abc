// Where the page's time goes, in a real Chromium: from navigation to the first suggestion, on a first visit and on one that comes
// back, and from a key to the suggestions on the screen.
import { resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { RELEASES_FILE } from '../../src/shared/releases.ts'
import { browserFlags, ensureBrowser } from '../dev/find-browser.ts'
import { loadEngine } from '../lib/engine.ts'
import { exists } from '../lib/files.ts'
import { openRelease } from '../lib/models/release.ts'
import { startServer } from '../lib/server.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { startSlowServer } from './slow-server.ts'
import { measureWorkerMemory } from './worker-memory.ts'

const DIST = resolve(import.meta.dirname, '../../dist')
const ROUNDS = 5
/** A slow connection, on which the download is most of a first visit. */
const SLOW_BITS_PER_SECOND = 20e6
/** Each takes the seconds of a slow download. */
const SLOW_ROUNDS = 3
const TITLE = 'Which Linux distribution for a ten-year-old laptop?'

/** Of a visit on a machine that has much else to do. */
const MOST_WAIT_MS = 180_000

/** The steps of a visit in their order, and until when each takes. */
const STEPS = [
	['worker started', 'worker'],
	['box stands', 'box'],
	['worker runs', 'runs'],
	['model answers', 'model'],
	['first suggestion', 'first'],
] as const

type Times = Readonly<Record<(typeof STEPS)[number][1], number>>

/** Typed key by key, to measure how long the suggestions for each take. */
const TYPED = ' that boots in a minute and runs for years'
/** Slower than anybody's suggestions come, so that each key is measured alone. */
const KEY_PAUSE_MS = 60

// Runs in the page, hence as text: notes what happens when, and types a title as soon as there is a box.
const TYPE_AT_ONCE = `
	const times = globalThis.times = {}
	const note = (step) => { times[step] ??= performance.now() }
	const Native = Worker
	globalThis.Worker = class extends Native {
		constructor(...given) {
			super(...given)
			note('worker')
			this.addEventListener('message', ({ data }) => {
				note('runs')
				if (data.result?.manifest) note('model')
			})
		}
	}
	const observer = new MutationObserver(() => {
		const box = document.querySelector('textarea')
		if (box && box.value === '') {
			note('box')
			box.value = ${JSON.stringify(TITLE)}
			box.dispatchEvent(new Event('input', { bubbles: true }))
		}
		if (!document.querySelector('ol[aria-label="Suggested subreddits"] button')) return
		observer.disconnect()
		note('first')
	})
	observer.observe(document, { childList: true, subtree: true })
	globalThis.keys = []
	globalThis.answered = []
	globalThis.longTasks = 0
	addEventListener('input', ({ timeStamp }) => {
		const isThere = () => document.querySelector('.result[aria-busy="false"]')
		const written = new MutationObserver(() => {
			if (!isThere()) return
			written.disconnect()
			answered.push(performance.now() - timeStamp)
		})
		written.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
		const look = () => requestAnimationFrame((painted) =>
			isThere() ? keys.push(painted - timeStamp) : look())
		look()
	}, true)
	new PerformanceObserver((list) => { longTasks += list.getEntries().length }).observe({ entryTypes: ['longtask'] })
`

/** Needs the built page; measures the production release of the models' folder. */
export const benchPage: Benchmark = async (effects) => {
	if (!(await exists(`${effects.modelsDir}/${RELEASES_FILE}`))) {
		effects.err('page: left out, there is no release')
		return []
	}
	const server = await startServer({ distDir: DIST, modelsDir: effects.modelsDir, port: 0 })
	const slow = await startSlowServer(server.url, SLOW_BITS_PER_SECOND / 8)
	const browser = await chromium.launch({
		executablePath: ensureBrowser(effects.err),
		args: browserFlags(),
	})
	try {
		const empty: Times[] = []
		const filled: Times[] = []
		const keys: number[] = []
		const answered: number[] = []
		const memory: number[] = []
		let longTasks = 0
		for (let round = 0; round < ROUNDS; round += 1) {
			const visits = await measureVisits(browser, server.url)
			empty.push(visits.first)
			filled.push(visits.second)
			keys.push(...visits.typing.keys)
			answered.push(...visits.typing.answered)
			longTasks += visits.typing.longTasks
			memory.push(visits.memory)
		}
		const { model, manifest } = await openRelease(effects, 'production')
		const engine = await timeEngine(model)
		const floor = (await timeEmptyPage(browser, server.url)) + engine
		const file = `models/${manifest.version}/${manifest.model.file}`
		const slowVisits = await measureFirstVisits(browser, slow.url)
		const from = 'from navigation, server on the same machine'
		return [
			...describeSteps('first visit', empty, `median of ${ROUNDS}, ${from}`),
			...describeSteps('later visit', filled, `median of ${ROUNDS}, ${from}`),
			await besideDownload('first visit', empty, { url: `${server.url}${file}`, engine }),
			...describeSteps('first visit at 20 Mbit/s', slowVisits, `median of ${SLOW_ROUNDS}`),
			await besideDownload('first visit at 20 Mbit/s', slowVisits, {
				url: `${slow.url}${file}`,
				engine,
			}),
			{
				name: 'page, later visit beside its floor',
				value: median(filled.map(({ first }) => first)),
				unit: 'ms',
				peer: { name: 'an empty page and the engine’s own load of the same file', value: floor },
				note: 'the goal is 1.3 ×; the engine loads in Node',
			},
			describeKeys(
				'key to suggestions in the document',
				answered,
				"the page's and the worker's part",
			),
			describeKeys('key to painted suggestions', keys, 'frames come every 16.7 ms'),
			{
				name: 'page, memory of the worker',
				value: median(memory) / 1e6,
				unit: 'MB',
				peer: { name: 'the unpacked model', value: model.length / 1e6 },
				note: 'goal 3 ×; after a later visit and its garbage',
			},
			{ name: 'page, long tasks while typing', value: longTasks, unit: 'tasks' },
		]
	} finally {
		await browser.close()
		await slow.close()
		await server.close()
	}
}

/** A first visit beside the larger of what it can't do without: the model's download, and the engine's load. */
async function besideDownload(
	visit: string,
	times: readonly Times[],
	{ url, engine }: { readonly url: string; readonly engine: number },
): Promise<Figure> {
	const start = performance.now()
	await (await fetch(url)).arrayBuffer()
	const download = performance.now() - start
	return {
		name: `page, ${visit} beside its floor`,
		value: median(times.map(({ first }) => first)),
		unit: 'ms',
		peer: {
			name: 'the larger of the model’s download alone and the engine’s load',
			value: Math.max(download, engine),
		},
		note: `the goal is 1.3 ×; ${Math.round(download)} and ${Math.round(engine)} ms`,
	}
}

function describeKeys(what: string, times: readonly number[], note: string): Figure {
	return {
		name: `page, ${what}`,
		value: percentile(times, 0.95),
		unit: 'ms',
		peer: { name: 'half of the keys', value: percentile(times, 0.5) },
		note: `95 of 100 keys are faster; n = ${times.length}; ${note}`,
	}
}

async function measureFirstVisits(browser: Browser, url: string): Promise<Times[]> {
	const visits: Times[] = []
	for (let round = 0; round < SLOW_ROUNDS; round += 1) {
		const context = await newContext(browser)
		visits.push((await measureVisit(context, url)).times)
		await context.close()
	}
	return visits
}

/** Until a page without scripts has loaded. */
async function timeEmptyPage(browser: Browser, url: string): Promise<number> {
	const page = await browser.newPage()
	const times: number[] = []
	for (let round = 0; round < ROUNDS; round += 1) {
		await page.goto(`${url}icon.svg`)
		// A text, as Node's own types know no entries of navigations.
		times.push(
			Number(await page.evaluate("performance.getEntriesByType('navigation')[0].duration")),
		)
	}
	await page.close()
	return median(times)
}

async function timeEngine(model: Uint8Array): Promise<number> {
	const times: number[] = []
	for (let round = 0; round < ROUNDS; round += 1) {
		const start = performance.now()
		const engine = await loadEngine(model)
		times.push(performance.now() - start)
		engine.dispose()
	}
	return median(times)
}

interface Typing {
	/** From each key to its suggestions on the screen, in milliseconds. */
	readonly keys: readonly number[]
	/** The same until they stand in the document, whenever the next frame comes. */
	readonly answered: readonly number[]
	readonly longTasks: number
}

/** Each step of a visit, and what it adds to the one before. */
function describeSteps(visit: string, visits: readonly Times[], note: string): Figure[] {
	const medians = STEPS.map(([, step]) => median(visits.map((times) => times[step])))
	return STEPS.map(([name], at) => ({
		name: `page, ${visit}: ${name}`,
		value: medians[at] ?? Number.NaN,
		unit: 'ms',
		note: `+ ${Math.round((medians[at] ?? 0) - (medians[at - 1] ?? 0))} ms; ${note}`,
	}))
}

async function measureVisits(
	browser: Browser,
	url: string,
): Promise<{ first: Times; second: Times; typing: Typing; memory: number }> {
	const context = await newContext(browser)
	try {
		const first = await measureVisit(context, url)
		await first.page.close()
		const second = await measureVisit(context, url)
		const typing = await measureTyping(second.page)
		const memory = await measureWorkerMemory(second.page)
		return { first: first.times, second: second.times, typing, memory }
	} finally {
		await context.close()
	}
}

async function newContext(browser: Browser): Promise<BrowserContext> {
	// Without it the second visit would also be spared the page's own files.
	const context = await browser.newContext({ serviceWorkers: 'block' })
	await context.addInitScript(TYPE_AT_ONCE)
	return context
}

async function measureVisit(
	context: BrowserContext,
	url: string,
): Promise<{ page: Page; times: Times }> {
	const page = await context.newPage()
	await page.goto(url)
	const noted = await page.waitForFunction(
		() => {
			const { times } = globalThis as unknown as { times: Times }
			return times.first ? times : null
		},
		null,
		{ timeout: MOST_WAIT_MS },
	)
	return { page, times: (await noted.jsonValue()) as Times }
}

async function measureTyping(page: Page): Promise<Typing> {
	await page.evaluate(() => Object.assign(globalThis, { keys: [], answered: [], longTasks: 0 }))
	await page.locator('textarea').press('End')
	await page.keyboard.type(TYPED, { delay: KEY_PAUSE_MS })
	await page.waitForFunction(
		(count) => (globalThis as unknown as Typing).keys.length >= count,
		TYPED.length,
	)
	return page.evaluate(() => {
		const { keys, answered, longTasks } = globalThis as unknown as Typing
		return { keys, answered, longTasks }
	})
}

function median(values: readonly number[]): number {
	return percentile(values, 0.5)
}

function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b)
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
