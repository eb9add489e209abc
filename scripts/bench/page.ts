// Where the page's time goes, in a real Chromium: from navigation to the first suggestion, on a first visit and on one that comes
// back, and from a key to the suggestions on the screen. Each beside the release before, on the same page and in turn.
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import { RELEASES_FILE, type Releases } from '../../src/shared/releases.ts'
import { WORKER_STEPS } from '../../src/shared/steps.ts'
import { browserFlags, ensureBrowser } from '../dev/find-browser.ts'
import type { Effects } from '../lib/effects.ts'
import { loadEngine } from '../lib/engine.ts'
import { exists } from '../lib/files.ts'
import { openRelease } from '../lib/release-files/release.ts'
import { readReleases } from '../lib/release-files/releases-json.ts'
import { type RunningServer, startServer } from '../lib/server.ts'
import { BARE_PAGE_NAMES, type BarePage, startBarePages } from './bare-pages.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import {
	measureTyping,
	measureWhy,
	newVisitor,
	type Steps,
	type Typing,
	visit,
	type Why,
} from './page-visits.ts'
import { startSlowServer } from './slow-server.ts'
import { measureWorkerMemory } from './worker-memory.ts'

const DIST = resolve(import.meta.dirname, '../../dist')
const ROUNDS = 5
/** A slow connection, on which the download is most of a first visit. */
const SLOW_BITS_PER_SECOND = 20e6
/** Each takes the seconds of a slow download. */
const SLOW_ROUNDS = 3

/** One after the other until the first suggestion; beside them the box comes, which the page's own thread draws. */
const PATH = ['worker started', ...WORKER_STEPS, 'model answers', 'first suggestion'] as const

/** All that is measured of a release on the page. */
interface Measured {
	readonly first: Steps[]
	readonly later: Steps[]
	readonly typing: Typing[]
	readonly why: Why[]
	readonly memory: number[]
}

/** Two releases, and what both were measured as. */
interface Beside {
	readonly now: Measured
	readonly before: { readonly version: string; readonly measured: Measured } | null
}

/** Needs the built page; measures the production release of the models' folder, and the one before. */
export const benchPage: Benchmark = async (effects) => {
	if (!(await exists(`${effects.modelsDir}/${RELEASES_FILE}`))) {
		effects.err('page: left out, there is no release')
		return []
	}
	const server = await startServer({ distDir: DIST, modelsDir: effects.modelsDir, port: 0 })
	const before = await serveReleaseBefore(effects.modelsDir)
	const browser = await chromium.launch({
		executablePath: ensureBrowser(effects.err),
		args: browserFlags(),
	})
	try {
		const now = newMeasured()
		const measured = before && { version: before.version, measured: newMeasured() }
		for (let round = 0; round < ROUNDS; round += 1) {
			await measureVisits(browser, server.url, now)
			if (before && measured) await measureVisits(browser, before.url, measured.measured)
		}
		const beside = { now, before: measured }
		return [
			...describeVisit('first visit', beside, ({ first }) => first),
			...describeVisit('later visit', beside, ({ later }) => later),
			...(await describeFloors(effects, { browser, server, now })),
			...describeTyping(beside),
			...describeBare(now, await measureBarePages(browser)),
			...(await describeMemory(effects, now)),
		]
	} finally {
		await browser.close()
		await before?.close()
		await server.close()
	}
}

function newMeasured(): Measured {
	return { first: [], later: [], typing: [], why: [], memory: [] }
}

async function measureVisits(browser: Browser, url: string, measured: Measured): Promise<void> {
	const context = await newVisitor(browser)
	try {
		const first = await visit(context, url)
		measured.first.push(first.steps)
		await first.page.close()
		const { page, steps } = await visit(context, url)
		measured.later.push(steps)
		measured.typing.push(await measureTyping(page))
		measured.why.push(await measureWhy(page))
		measured.memory.push(await measureWorkerMemory(page))
	} finally {
		await context.close()
	}
}

/** The release that production served before, where it is kept: the same folder with another list. */
async function serveReleaseBefore(
	modelsDir: string,
): Promise<(RunningServer & { readonly version: string }) | null> {
	const releases = await readReleases(modelsDir)
	const version = findReleaseBefore(releases)
	if (!version) return null
	const dir = await mkdtemp(join(tmpdir(), 'whichsub-before-'))
	await symlink(resolve(modelsDir, version), join(dir, version))
	const channels = { ...releases.channels, production: version }
	await writeFile(join(dir, RELEASES_FILE), JSON.stringify({ ...releases, channels }))
	const server = await startServer({ distDir: DIST, modelsDir: dir, port: 0 })
	const close = async () => {
		await server.close()
		await rm(dir, { recursive: true })
	}
	return { ...server, close, version }
}

function findReleaseBefore({ channels, history, releases }: Releases): string | null {
	const { from } =
		history.findLast(({ channel, to }) => channel === 'production' && to === channels.production) ??
		{}
	return releases.some(({ version, pruned }) => version === from && !pruned) ? (from ?? null) : null
}

/** Each step of a visit, beside the same of the release before, and what it adds to the step before it. */
function describeVisit(
	name: string,
	{ now, before }: Beside,
	of: (measured: Measured) => readonly Steps[],
): Figure[] {
	const time = (measured: Measured, step: keyof Steps) =>
		median(of(measured).map((steps) => steps[step]))
	const figure = (step: keyof Steps, note: string): Figure => ({
		name: `page, ${name}: ${step}`,
		value: time(now, step),
		unit: 'ms',
		...(before && {
			peer: { name: `with ${before.version}`, value: time(before.measured, step) },
		}),
		note,
	})
	const path = PATH.map((step, at) => {
		const last = PATH[at - 1]
		const added = Math.round(time(now, step) - (last ? time(now, last) : 0))
		return figure(step, `+ ${added} ms; median of ${of(now).length}`)
	})
	return [
		figure('box stands', "the page's own thread"),
		...path,
		figure('model is stored', 'while titles are answered'),
	]
}

interface Place {
	readonly browser: Browser
	readonly server: RunningServer
	readonly now: Measured
}

/** What no page could do without, and how many times as long the visits are. */
async function describeFloors(
	effects: Effects,
	{ browser, server, now }: Place,
): Promise<Figure[]> {
	const { model, manifest } = await openRelease(effects, 'production')
	const engine = await timeEngine(model)
	const empty = await timeEmptyPage(browser, server.url)
	const file = `models/${manifest.version}/${manifest.model.file}`
	const slow = await startSlowServer(server.url, SLOW_BITS_PER_SECOND / 8)
	try {
		const slowVisits: Steps[] = []
		for (let round = 0; round < SLOW_ROUNDS; round += 1) {
			const context = await newVisitor(browser)
			slowVisits.push((await visit(context, slow.url)).steps)
			await context.close()
		}
		return [
			await besideDownload('first visit', now.first, { url: `${server.url}${file}`, engine }),
			await besideDownload('first visit at 20 Mbit/s', slowVisits, {
				url: `${slow.url}${file}`,
				engine,
			}),
			{
				name: 'page, later visit beside its floor',
				value: median(now.later.map((steps) => steps['first suggestion'])),
				unit: 'ms',
				peer: {
					name: 'an empty page and the engine’s own load of the same file',
					value: empty + engine,
				},
				note: `the goal is 1.3 ×; ${Math.round(empty)} and ${Math.round(engine)} ms; the engine loads in Node`,
			},
		]
	} finally {
		await slow.close()
	}
}

/** A first visit beside the larger of what it can't do without: the model's download, and the engine's load. */
async function besideDownload(
	name: string,
	visits: readonly Steps[],
	{ url, engine }: { readonly url: string; readonly engine: number },
): Promise<Figure> {
	const start = performance.now()
	await (await fetch(url)).arrayBuffer()
	const download = performance.now() - start
	return {
		name: `page, ${name} beside its floor`,
		value: median(visits.map((steps) => steps['first suggestion'])),
		unit: 'ms',
		peer: {
			name: 'the larger of the model’s download alone and the engine’s load',
			value: Math.max(download, engine),
		},
		note: `the goal is 1.3 ×; ${Math.round(download)} and ${Math.round(engine)} ms`,
	}
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

function describeTyping({ now, before }: Beside): Figure[] {
	const figure = (
		name: string,
		unit: string,
		note: string,
		read: (measured: Measured) => number,
	): Figure => ({
		name: `page, ${name}`,
		value: read(now),
		unit,
		// Nothing is so many times none.
		...(before &&
			read(before.measured) > 0 && {
				peer: { name: `with ${before.version}`, value: read(before.measured) },
			}),
		note,
	})
	const painted = ({ typing }: Measured) => typing.flatMap((one) => one.painted)
	const written = ({ typing }: Measured) => typing.flatMap((one) => one.written)
	const tinted = ({ why }: Measured) => why.flatMap((one) => one.tinted)
	const keys = `n = ${painted(now).length}`
	const frames = `goal 16 ms for 95 of 100; to the end of drawing; frames come every 16.7 ms; ${keys}`
	return [
		figure('key to document, half of the keys', 'ms', keys, (all) => median(written(all))),
		figure('key to document, 95 of 100', 'ms', keys, (all) => percentile(written(all), 0.95)),
		figure('key to painted, half of the keys', 'ms', frames, (all) => median(painted(all))),
		figure('key to painted, 95 of 100', 'ms', frames, (all) => percentile(painted(all), 0.95)),
		figure(
			'main thread a key',
			'ms',
			'goal 4 ms; processor time of all that the thread does while somebody types',
			({ typing }) => median(typing.map(({ threadMs }) => threadMs)),
		),
		figure('long tasks while typing', 'tasks', 'goal none; of 50 ms and more', ({ typing }) =>
			typing.reduce((sum, { longTasks }) => sum + longTasks, 0),
		),
		figure(
			'why, from pointing to tinted words',
			'ms',
			`goal 20 ms; 95 of 100, n = ${tinted(now).length}`,
			(all) => percentile(tinted(all), 0.95),
		),
		figure(
			'why, worked out by the worker',
			'ms',
			'for all suggestions of a title, once the typing rests',
			({ why }) => median(why.map(({ workedOut }) => workedOut)),
		),
	]
}

/** Key by key as on the page, and as often. */
async function measureBarePages(browser: Browser): Promise<ReadonlyMap<BarePage, Typing[]>> {
	const server = await startBarePages()
	const measured = new Map(BARE_PAGE_NAMES.map((name): [BarePage, Typing[]] => [name, []]))
	try {
		for (let round = 0; round < ROUNDS; round += 1)
			for (const [place, name] of BARE_PAGE_NAMES.entries()) {
				const context = await newVisitor(browser)
				const page = await context.newPage()
				await page.goto(`${server.url}${place}`)
				measured.get(name)?.push(await measureTyping(page))
				await context.close()
			}
	} finally {
		await server.close()
	}
	return measured
}

/** What is left to gain by any page, on this machine and in this run. */
function describeBare(
	{ typing }: Measured,
	bare: ReadonlyMap<BarePage, readonly Typing[]>,
): Figure[] {
	const figures: readonly (readonly [string, string, (typing: readonly Typing[]) => number])[] = [
		[
			'key to painted, 95 of 100',
			'goal 16 ms',
			(all) =>
				percentile(
					all.flatMap(({ painted }) => painted),
					0.95,
				),
		],
		['main thread a key', 'goal 4 ms', (all) => median(all.map(({ threadMs }) => threadMs))],
	]
	const beside = figures.flatMap(([name, note, read]) =>
		[...bare].map(
			([peer, measured]): Figure => ({
				name: `page, ${name}, beside its floor`,
				value: read(typing),
				unit: 'ms',
				peer: { name: peer, value: read(measured) },
				note,
			}),
		),
	)
	const workedOut = typing.flatMap((one) => one.workedOut)
	return [
		...beside,
		{
			name: 'page, a key within the worker',
			value: median(workedOut),
			unit: 'ms',
			note: `half of the keys, n = ${workedOut.length}; without a worker the page’s own thread would take so much longer`,
		},
		{
			name: 'page, a key within the worker, 95 of 100',
			value: percentile(workedOut, 0.95),
			unit: 'ms',
			note: 'goal 6 ms; by the clock, in Chromium',
		},
	]
}

async function describeMemory(effects: Effects, { memory }: Measured): Promise<Figure[]> {
	const { model } = await openRelease(effects, 'production')
	return [
		{
			name: 'page, memory of the worker',
			value: median(memory) / 1e6,
			unit: 'MB',
			peer: { name: 'the unpacked model', value: model.length / 1e6 },
			note: 'goal 3 ×; after a later visit and its garbage',
		},
	]
}

function median(values: readonly number[]): number {
	return percentile(values, 0.5)
}

function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b)
	return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
