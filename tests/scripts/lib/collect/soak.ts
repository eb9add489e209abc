// The soak: many subreddits, a server that misbehaves, collectors that are killed at random; then what they have is compared.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { COLLECT_TABLES } from '../../../../scripts/lib/collect/tables.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { createFastClock } from './fast-clock.ts'
import { type Fault, RedditServer, type SeenRequest } from './reddit-server.ts'
import { RedditWorld, type Trouble } from './reddit-world.ts'
import { collectAll, createSoakEffects, type SoakSettings } from './soak-settings.ts'

export interface SoakOptions {
	readonly subreddits: number
	/** Processes that are ended by SIGKILL. */
	readonly kills: number
	/** Collectors in this process that are stopped as by Ctrl-C. */
	readonly stops: number
	/** Seconds of the clock in a real second. */
	readonly factor: number
	/** The longest that a collector lives before it is ended, in real milliseconds. */
	readonly longestLifeMs: number
	readonly seed: number
}

export interface SoakReport {
	readonly missing: number
	readonly surplus: number
	readonly posts: number
	readonly requests: number
	/** Pages of posts below the first that were answered more than once. */
	readonly repeated: number
	readonly faults: number
	readonly kills: number
	readonly stops: number
	/** Requests beyond the rate limit, and requests with a token that had expired. */
	readonly violations: number
	readonly expired: number
	readonly tokens: number
	/** Hours of the clock. */
	readonly hours: number
	readonly realSeconds: number
}

const TROUBLES: readonly Trouble[] = ['private', 'banned', 'quarantined', 'missing', 'not-found']
const RATE_LIMIT = 900
const TOKEN_SECONDS = 3_600

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
	const random = createRandom(options.seed)
	const world = createWorld(options.subreddits, random)
	const clock = { realStart: Date.now(), start: Date.UTC(2026, 0, 1), factor: options.factor }
	const { now } = createFastClock(clock)
	const faults = new FaultMaker(random)
	const server = await RedditServer.start({
		world,
		now: () => now().getTime(),
		rateLimit: RATE_LIMIT,
		tokenSeconds: TOKEN_SECONDS,
		fault: (request) => faults.next(request),
	})
	const dataDir = await mkdtemp(join(tmpdir(), 'whichsub-soak-'))
	const limit = options.subreddits
	const settings: SoakSettings = { dataDir, url: server.url.href, limit, clock }
	try {
		await tormentCollectors(options, settings, server, random)
		// The first of these ends the run that was cut last, the second fetches what was posted meanwhile.
		for (let run = 0; run < 2; run += 1) await runToTheEnd(settings)
		const { missing, surplus, posts } = await compare(settings, world)
		return {
			missing,
			surplus,
			posts,
			requests: server.requests.length,
			repeated: faults.repeated,
			faults: faults.made,
			kills: options.kills,
			stops: options.stops,
			violations: server.violations,
			expired: server.expired,
			tokens: server.tokens,
			hours: (now().getTime() - clock.start) / 3_600_000,
			realSeconds: (Date.now() - clock.realStart) / 1000,
		}
	} finally {
		await server.close()
		await rm(dataDir, { recursive: true, force: true })
	}
}

function createWorld(count: number, random: () => number): RedditWorld {
	const world = new RedditWorld()
	for (let number = 0; number < count; number += 1) {
		const trouble = random() < 0.02 ? TROUBLES[Math.floor(random() * TROUBLES.length)] : undefined
		// A few are as large as a listing can be, many small.
		const posts = Math.min(950, Math.floor(1_000 * random() ** 2.5))
		world.add(`sub_${number}`, posts, trouble ? { trouble } : {})
	}
	return world
}

/** Ends collectors again and again, while the world goes on posting. */
async function tormentCollectors(
	options: SoakOptions,
	settings: SoakSettings,
	server: RedditServer,
	random: () => number,
): Promise<void> {
	const { world } = server.options
	const life = () => options.longestLifeMs * random()
	for (let kill = 0; kill < options.kills; kill += 1) {
		await killCollector(settings, server, life())
		postMore(world, random)
	}
	for (let stop = 0; stop < options.stops; stop += 1) {
		await stopCollector(settings, life())
		postMore(world, random)
	}
}

function postMore(world: RedditWorld, random: () => number): void {
	for (const subreddit of world.subreddits)
		if (random() < 0.05)
			subreddit.posts = Math.min(1_000, subreddit.posts + Math.floor(random() * 40))
}

async function startCollector(settings: SoakSettings): Promise<ChildProcess> {
	const args = [
		await compiled('tests/scripts/lib/collect/soak-collector.ts'),
		JSON.stringify(settings),
	]
	return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** @param life real milliseconds from its first request on: while it loads its code there is nothing to hurt */
async function killCollector(
	settings: SoakSettings,
	server: RedditServer,
	life: number,
): Promise<void> {
	const before = server.requests.length
	const child = await startCollector(settings)
	const ended = once(child, 'exit')
	while (child.exitCode === null && server.requests.length === before) await wait(5)
	await Promise.race([wait(life), ended])
	child.kill('SIGKILL')
	await ended
}

async function stopCollector(settings: SoakSettings, life: number): Promise<void> {
	const stop = new AbortController()
	const timer = setTimeout(() => stop.abort(), life)
	try {
		await collectAll(settings, stop.signal)
	} catch (error) {
		if (!(error instanceof AppError && error.code === 'aborted')) throw error
	} finally {
		clearTimeout(timer)
	}
}

async function runToTheEnd(settings: SoakSettings): Promise<void> {
	const child = await startCollector(settings)
	const [code] = await once(child, 'exit')
	if (code !== 0) throw new Error(`a collector ended with ${code}`)
}

async function compare(settings: SoakSettings, world: RedditWorld) {
	const database = await openPostsDatabase(
		createSoakEffects(settings, new AbortController().signal),
		COLLECT_TABLES,
	)
	const { rows } = await database.execute('SELECT id FROM posts')
	database.close()
	const have = new Set(rows.map(({ id }) => String(id)))
	const wanted = world.listedIds()
	const missing = wanted.filter((id) => !have.has(id)).length
	return { missing, surplus: have.size - (wanted.length - missing), posts: have.size }
}

/** Misbehaves now and then, and notes which pages were answered well more than once. */
class FaultMaker {
	made = 0
	repeated = 0
	readonly #random: () => number
	readonly #answered = new Set<string>()

	constructor(random: () => number) {
		this.#random = random
	}

	next(request: SeenRequest): Fault | null {
		const fault = pickFault(this.#random())
		if (fault) {
			this.made += 1
			return fault
		}
		const after = request.query.get('after')
		if (after !== null && request.path.startsWith('/r/')) {
			const page = `${request.path} ${after}`
			if (this.#answered.has(page)) this.repeated += 1
			this.#answered.add(page)
		}
		return null
	}
}

/** What goes wrong, with its share of the requests. */
const FAULTS: readonly (readonly [share: number, fault: Fault])[] = [
	[0.004, { kind: 'status', status: 500 }],
	[0.004, { kind: 'status', status: 503, headers: { 'retry-after': '4' } }],
	[0.002, { kind: 'status', status: 429, headers: { 'retry-after': '5' } }],
	[0.004, { kind: 'drop' }],
	[0.004, { kind: 'cut' }],
	[0.004, { kind: 'block-page', status: 200 }],
	[0.001, { kind: 'status', status: 401 }],
	[0.0002, { kind: 'hang' }],
	[0.0002, { kind: 'stall' }],
]

function pickFault(number: number): Fault | null {
	let at = 0
	for (const [share, fault] of FAULTS) {
		at += share
		if (number < at) return fault
	}
	return null
}

/** Mulberry32: a small generator whose numbers a seed repeats. */
function createRandom(seed: number): () => number {
	let state = seed
	return () => {
		state = (state + 0x6d2b79f5) | 0
		let bits = Math.imul(state ^ (state >>> 15), 1 | state)
		bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
		return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
	}
}
