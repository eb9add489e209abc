// How long a search of a release's unseen subreddits takes, in their index and in the long tail: in Node, and in a worker of Chromium as in the page.
import { join, resolve } from 'node:path'
import { chromium } from '@playwright/test'
import { build } from 'esbuild'
import type { Prediction } from '../../src/model/engine.ts'
import { PRIOR_CANDIDATES } from '../../src/model/prior.ts'
import { answerTitle } from '../../src/model/suggest.ts'
import { ColumnIndex } from '../../src/model/unseen/columns.ts'
import { readUnseenIndex } from '../../src/model/unseen/index-file.ts'
import { UnseenSearch } from '../../src/model/unseen/search.ts'
import { TailFile } from '../../src/model/unseen/tail-file.ts'
import type { Manifest } from '../../src/shared/manifest.ts'
import { browserFlags, findBrowser, thisMachine } from '../dev/find-browser.ts'
import { loadEngine } from '../lib/engine.ts'
import type { ReleasesPlace } from '../lib/release-files/elsewhere.ts'
import { readReleasedModel, readReleasedUnseen } from '../lib/release-files/release.ts'

/** Until the code is compiled, searches are slower; a page's worker is past that after a few letters. */
const WARM_UP = 200

const SOURCE = resolve(import.meta.dirname, '../../src/model/unseen')

/** Milliseconds: half of the searches took less, 95 and 99 of a hundred. */
export interface SearchTimes {
	readonly median: number
	readonly p95: number
	readonly p99: number
}

export interface MeasuredSearch {
	/** Of the processor: by the clock a busy machine adds its own. */
	readonly node: SearchTimes
	/** By the clock; null where there is no Chromium. */
	readonly worker: SearchTimes | null
}

interface Job {
	readonly bytes: Uint8Array
	/** Whether these are the long tail. */
	readonly isTail: boolean
	readonly labels: readonly string[]
	readonly questions: readonly Question[]
}

interface Question {
	readonly title: string
	readonly predictions: readonly Prediction[]
}

/** @param titles normalised @returns null where the release has no such file */
export async function timeSearches(
	manifest: Manifest,
	titles: readonly string[],
	{ which, ...place }: ReleasesPlace & { readonly which: 'unseen' | 'tail' },
): Promise<MeasuredSearch | null> {
	const bytes = await readReleasedUnseen(place, manifest, which)
	if (!bytes || titles.length <= WARM_UP) return null
	const engine = await loadEngine(await readReleasedModel(place, manifest))
	const questions = titles.map((title) => {
		const { predictions } = answerTitle(engine, title, PRIOR_CANDIDATES)
		return { title, predictions }
	})
	const job = { bytes, isTail: which === 'tail', labels: engine.labels(), questions }
	engine.dispose()
	return { node: summarize(timeInNode(job)), worker: await timeInWorker(job) }
}

function timeInNode({ bytes, isTail, labels, questions }: Job): number[] {
	const index = isTail
		? TailFile.open(Uint8Array.from(bytes))
		: new ColumnIndex(readUnseenIndex(bytes))
	const search = new UnseenSearch(index, labels)
	return questions.map(({ title, predictions }) => {
		const start = process.cpuUsage()
		search.suggest(title, predictions)
		const { user, system } = process.cpuUsage(start)
		return (user + system) / 1000
	})
}

const WORKER = `
	import { ColumnIndex } from ${JSON.stringify(join(SOURCE, 'columns.ts'))}
	import { readUnseenIndex } from ${JSON.stringify(join(SOURCE, 'index-file.ts'))}
	import { UnseenSearch } from ${JSON.stringify(join(SOURCE, 'search.ts'))}
	import { TailFile } from ${JSON.stringify(join(SOURCE, 'tail-file.ts'))}
	onmessage = ({ data: { packed, isTail, labels, questions } }) => {
		const bytes = Uint8Array.from(atob(packed), (byte) => byte.charCodeAt(0))
		const index = isTail ? TailFile.open(bytes) : new ColumnIndex(readUnseenIndex(bytes))
		const search = new UnseenSearch(index, labels)
		postMessage(questions.map(({ title, predictions }) => {
			const start = performance.now()
			search.suggest(title, predictions)
			return performance.now() - start
		}))
	}
`

async function timeInWorker({ bytes, ...job }: Job): Promise<SearchTimes | null> {
	const executablePath = findBrowser(thisMachine())
	if (executablePath === null) return null
	const { outputFiles } = await build({
		stdin: { contents: WORKER, resolveDir: SOURCE },
		...{ bundle: true, format: 'iife', minify: true, write: false },
	})
	const browser = await chromium.launch({ executablePath, args: browserFlags() })
	try {
		const page = await browser.newPage()
		const message = { ...job, packed: Buffer.from(bytes).toString('base64') }
		const times = await page.evaluate<number[]>(askWorker(outputFiles[0]?.text ?? '', message))
		return summarize(times)
	} finally {
		await browser.close()
	}
}

/** Runs in the page, hence as text. */
function askWorker(code: string, message: object): string {
	return `new Promise((done, fail) => {
		const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(code)}])))
		worker.onmessage = ({ data }) => done(data)
		worker.onerror = ({ message }) => fail(new Error(message))
		worker.postMessage(${JSON.stringify(message)})
	})`
}

function summarize(times: readonly number[]): SearchTimes {
	const sorted = times.slice(WARM_UP).sort((a, b) => a - b)
	const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0
	return { median: at(0.5), p95: at(0.95), p99: at(0.99) }
}
