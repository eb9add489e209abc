// What one visit of the page takes in a browser: step by step to the first suggestion, then key by key, and to the words that speak for
// a suggestion.
import type { Browser, BrowserContext, CDPSession, Page } from '@playwright/test'
import { WORKER_STEPS, type WorkerStep } from '../../src/shared/steps.ts'

const TITLE = 'Which Linux distribution for a ten-year-old laptop?'
/** Typed key by key, to measure how long the suggestions for each take. */
const TYPED = ' that boots in a minute and runs for years'
/** Slower than anybody's suggestions come, so that each key is measured alone. */
const KEY_PAUSE_MS = 60
/** What a page does once the typing rests is done by then. */
const REST_MS = 1_000
/** Of a visit on a machine that has much else to do. */
const MOST_WAIT_MS = 180_000

type PageStep =
	| 'box stands'
	| 'worker started'
	| 'model answers'
	| 'first suggestion'
	| 'model is stored'
/** When each step was done, in milliseconds from the navigation. */
export type Steps = Readonly<Record<PageStep | WorkerStep, number>>

export interface Typing {
	/** From each key to the end of drawing the first frame that has its suggestions, in milliseconds. */
	readonly painted: readonly number[]
	/** The same until they stand in the document, whenever the next frame comes. */
	readonly written: readonly number[]
	/** What a key takes the page's own thread, in milliseconds of the processor. */
	readonly threadMs: number
	/** From each question to its answer within the worker, in milliseconds; none where there is no worker. */
	readonly workedOut: readonly number[]
	readonly longTasks: number
}

export interface Why {
	/** From pointing at each suggestion to the title's tinted words in the document, in milliseconds. */
	readonly tinted: readonly number[]
	/** How long the worker takes to work the words out for all suggestions, before anybody points. */
	readonly workedOut: number
}

/** What the page notes about itself. */
interface Notes {
	/** Whether keys are noted. */
	readonly isTaking: boolean
	readonly steps: Record<string, number>
	readonly painted: number[]
	readonly written: number[]
	readonly longTasks: number
	readonly workedOut: number[]
}

// Runs in the page, hence as text: notes what happens when, and types a title as soon as there is a box.
const TAKE_NOTES = `
	const steps = {}
	const notes = globalThis.notes = { steps, isTaking: true, painted: [], written: [], longTasks: 0, workedOut: [] }
	const note = (step) => { steps[step] ??= performance.now() }
	const Native = Worker
	globalThis.Worker = class extends Native {
		asked = new Map()
		constructor(...given) {
			super(...given)
			note('worker started')
			this.addEventListener('message', ({ data }) => {
				if (data.result?.manifest) note('model answers')
				if (data.id === this.keep) note('model is stored')
				if (data.result && this.asked.has(data.id))
					notes.workedOut.push(performance.now() - this.asked.get(data.id))
			})
		}
		postMessage(message) {
			if (message.name === 'keep') this.keep = message.id
			if (message.name === 'reasons') this.asked.set(message.id, performance.now())
			super.postMessage(message)
		}
	}
	const observer = new MutationObserver(() => {
		const box = document.querySelector('textarea')
		if (box && box.value === '') {
			note('box stands')
			box.value = ${JSON.stringify(TITLE)}
			box.dispatchEvent(new Event('input', { bubbles: true }))
		}
		if (!document.querySelector('ol[aria-label="Suggested subreddits"] button')) return
		observer.disconnect()
		note('first suggestion')
	})
	observer.observe(document, { childList: true, subtree: true })
	addEventListener('input', ({ timeStamp }) => {
		if (!notes.isTaking) return
		const written = new MutationObserver(() => {
			if (!document.querySelector('.result[aria-busy="false"]')) return
			written.disconnect()
			notes.written.push(performance.now() - timeStamp)
			requestAnimationFrame(() => {
				// Arrives when the frame is drawn.
				const { port1, port2 } = new MessageChannel()
				port1.onmessage = () => notes.painted.push(performance.now() - timeStamp)
				port2.postMessage(null)
			})
		})
		written.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
	}, true)
	const isTinted = () => document.querySelector('.tints') !== null
	const becomes = (wanted) => new Promise((done) => {
		if (isTinted() === wanted) return done()
		const observer = new MutationObserver(() => {
			if (isTinted() !== wanted) return
			observer.disconnect()
			done()
		})
		observer.observe(document, { childList: true, subtree: true })
	})
	globalThis.pointAtEach = async () => {
		const times = []
		for (const row of document.querySelectorAll('ol[aria-label="Suggested subreddits"] > li')) {
			const start = performance.now()
			row.dispatchEvent(new PointerEvent('pointerenter'))
			await becomes(true)
			times.push(performance.now() - start)
			row.dispatchEvent(new PointerEvent('pointerleave'))
			await becomes(false)
		}
		return times
	}
	new PerformanceObserver((list) => { notes.longTasks += list.getEntries().length }).observe({ entryTypes: ['longtask'] })
`

// Runs in the worker, hence as text. The classifier hears of a title first, and has answered when this does.
const TAKE_WORKER_NOTES = `
	globalThis.workedOut = []
	let answered = 0
	addEventListener('message', ({ data, timeStamp }) => {
		if (data.name === 'suggest' && answered > timeStamp) workedOut.push(answered - timeStamp)
	})
	const post = self.postMessage
	self.postMessage = (message) => {
		if (message.result?.suggestions) answered = performance.now()
		post.call(self, message)
	}
`

/** A browser that has never been on the page. */
export async function newVisitor(browser: Browser): Promise<BrowserContext> {
	// With it a later visit would also be spared the page's own files.
	const context = await browser.newContext({ serviceWorkers: 'block' })
	await context.addInitScript(TAKE_NOTES)
	return context
}

/** Until the first suggestion, and until the model is stored, which a later visit starts with. */
export async function visit(
	context: BrowserContext,
	url: string,
): Promise<{ readonly page: Page; readonly steps: Steps }> {
	const page = await context.newPage()
	await page.goto(url)
	await page.waitForFunction(
		(awaited) => {
			const { steps } = (globalThis as unknown as { notes: Notes }).notes
			return awaited.every((step) => step in steps)
		},
		['first suggestion', 'model is stored'],
		{ timeout: MOST_WAIT_MS },
	)
	const [start, steps] = await page.evaluate(() => [
		performance.timeOrigin,
		(globalThis as unknown as { notes: Notes }).notes.steps,
	])
	return { page, steps: { ...steps, ...(await readWorkerSteps(page, start)) } as Steps }
}

/** The worker's clock begins when it does. */
async function readWorkerSteps(page: Page, start: number): Promise<Record<string, number>> {
	const marks = await page
		.workers()[0]
		?.evaluate(() =>
			performance
				.getEntriesByType('mark')
				.map(({ name, startTime }) => ({ name, at: performance.timeOrigin + startTime })),
		)
	const known: readonly string[] = WORKER_STEPS
	const steps = (marks ?? []).filter(({ name }) => known.includes(name))
	return Object.fromEntries(steps.map(({ name, at }) => [name, at - start]))
}

/** What is typed behind the title of a visit. */
export async function measureTyping(page: Page): Promise<Typing> {
	await page.locator('textarea').press('End')
	await changeNotes(page, { painted: [], written: [], longTasks: 0, workedOut: [] })
	const [worker] = page.workers()
	await worker?.evaluate(TAKE_WORKER_NOTES)
	await page.keyboard.type(TYPED, { delay: KEY_PAUSE_MS })
	await page.waitForFunction(
		(count) => (globalThis as unknown as { notes: Notes }).notes.painted.length >= count,
		TYPED.length,
	)
	const { painted, written, longTasks } = await readNotes(page)
	const workedOut = (await worker?.evaluate('workedOut')) as number[] | undefined
	const threadMs = await measureThread(page)
	return { painted, written, longTasks, threadMs, workedOut: workedOut ?? [] }
}

/** Types the same once more, and takes no notes, which would take the thread a fifth of its time. */
async function measureThread(page: Page): Promise<number> {
	await changeNotes(page, { isTaking: false })
	await page.locator('textarea').fill(TITLE)
	await page.locator('textarea').press('End')
	await page.waitForTimeout(REST_MS)
	await changeNotes(page, { workedOut: [] })
	const session = await page.context().newCDPSession(page)
	await session.send('Performance.enable', { timeDomain: 'threadTicks' })
	const before = await readThreadMs(session)
	await page.keyboard.type(TYPED, { delay: KEY_PAUSE_MS })
	// The last one's suggestions, too.
	await page.waitForTimeout(KEY_PAUSE_MS)
	const after = await readThreadMs(session)
	await session.detach()
	return (after - before) / TYPED.length
}

function changeNotes(page: Page, changes: Partial<Notes>): Promise<void> {
	return page.evaluate((changes) => {
		Object.assign((globalThis as unknown as { notes: Notes }).notes, changes)
	}, changes)
}

/** Processor time of all that the page's thread has done so far. */
async function readThreadMs(session: CDPSession): Promise<number> {
	const { metrics } = await session.send('Performance.getMetrics')
	return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
}

/** Points at each suggestion of what was typed. */
export async function measureWhy(page: Page): Promise<Why> {
	// They are worked out once the typing rests.
	await page.waitForFunction(
		() => (globalThis as unknown as { notes: Notes }).notes.workedOut.length,
		null,
		{ timeout: MOST_WAIT_MS },
	)
	const tinted = await page.evaluate(() =>
		(globalThis as unknown as { pointAtEach(): Promise<number[]> }).pointAtEach(),
	)
	const { workedOut } = await readNotes(page)
	return { tinted, workedOut: workedOut.at(-1) ?? Number.NaN }
}

function readNotes(page: Page): Promise<Notes> {
	return page.evaluate(() => (globalThis as unknown as { notes: Notes }).notes)
}
