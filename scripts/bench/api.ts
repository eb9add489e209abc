// `npm run bench -- api`: titles a second of `serve`'s POST /api/predict in full batches, beside the engine asked one by one.
import { withheldNames } from '../../src/shared/releases.ts'
import { startApi } from '../lib/api/api.ts'
import type { Effects } from '../lib/effects.ts'
import { describeMachine } from '../lib/pipeline/machine.ts'
import { readReleases } from '../lib/release-files/releases-json.ts'
import { startServer } from '../lib/server.ts'
import { openSuggester } from '../lib/suggestions/suggester.ts'
import type { Benchmark } from './benchmark.ts'
import { SIXTY_TITLES } from './sixty-titles.ts'

const BATCH = 1_000
const BATCHES = 12
/** Asked at once, so that each core has work while the other batch is sent. */
const CLIENTS = 2
const ONE_BY_ONE = 400

export const benchApi: Benchmark = async (effects) => {
	const peer = await timeEngine(effects)
	const api = startApi({ ...effects, log: effects.err })
	// Nothing but the API is asked: any folder with an index.html does for the page.
	const distDir = new URL('../..', import.meta.url).pathname
	const server = await startServer({
		distDir,
		modelsDir: effects.modelsDir,
		port: 0,
		api: api.handle,
	})
	try {
		const url = `${server.url}api/predict`
		// Both threads load the model before the clock starts.
		await askAll(url, CLIENTS)
		const cpu = process.cpuUsage()
		const start = performance.now()
		await askAll(url, BATCHES)
		const seconds = (performance.now() - start) / 1000
		const { user, system } = process.cpuUsage(cpu)
		const titles = BATCHES * BATCH
		const each = ((user + system) / 1000 / titles).toFixed(2)
		return [
			{
				name: 'api, batches of 1,000',
				value: titles / seconds,
				unit: 'titles/s',
				peer: { name: 'the engine, one by one', value: peer },
				note: `${each} ms of processor a title, ${describeMachine().cpus} cores, titles of ${wordsOf()} words`,
			},
		]
	} finally {
		await server.close()
		await api.close()
	}
}

async function askAll(url: string, batches: number): Promise<void> {
	const titles = makeTitles(BATCH)
	let left = batches
	const client = async () => {
		while (left > 0) {
			left -= 1
			const headers = { 'content-type': 'application/json' }
			const response = await fetch(url, {
				method: 'POST',
				headers,
				body: JSON.stringify({ titles }),
			})
			const { answers } = (await response.json()) as { answers?: readonly unknown[] }
			if (answers?.length !== BATCH) throw new Error(`the API answered ${response.status}`)
		}
	}
	await Promise.all(Array.from({ length: CLIENTS }, client))
}

async function timeEngine(effects: Effects): Promise<number> {
	const { engine, suggester } = await openSuggester(effects, 'production')
	suggester.withhold(withheldNames(await readReleases(effects.modelsDir)))
	const titles = makeTitles(ONE_BY_ONE)
	for (const title of titles.slice(0, 50)) suggester.suggest(title)
	const start = performance.now()
	for (const title of titles) suggester.suggest(title)
	const seconds = (performance.now() - start) / 1000
	engine.dispose()
	return ONE_BY_ONE / seconds
}

/** The sixty titles of today, each time begun with another one's first word: no title comes twice. */
function makeTitles(count: number): string[] {
	const all = SIXTY_TITLES.map(({ title }) => title)
	return Array.from({ length: count }, (_, index) => {
		const other = all[(index + Math.floor(index / all.length) + 1) % all.length] ?? ''
		return `${other.split(' ')[0]} ${all[index % all.length]}`
	})
}

function wordsOf(): string {
	const titles = makeTitles(BATCH)
	return (titles.reduce((sum, title) => sum + title.split(' ').length, 0) / BATCH).toFixed(1)
}
