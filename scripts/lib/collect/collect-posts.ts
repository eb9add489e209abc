// `collect posts`: the newest posts of many subreddits, several at a time, through stops, outages and refusals.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Database } from '../posts/database.ts'
import { makePosts } from '../posts/open-posts.ts'
import { NONE_LEFT_OUT } from '../posts/parse-row.ts'
import type { PostStore } from '../posts/post-store.ts'
import { formatCount } from '../progress.ts'
import type { UnavailableReason } from './availability.ts'
import type { CollectEffects } from './clock.ts'
import { CollectDisplay } from './display.ts'
import { repeatPatiently } from './patient-database.ts'
import { type ApiOptions, RedditApi } from './reddit-api.ts'
import { finishRun, openRun, type Run } from './runs.ts'
import { describeSelection, type Selection, selectSubreddits, type Todo } from './selection.ts'
import { createOwner, releaseClaims, releaseDeadClaims } from './subreddit-state.ts'
import { COLLECT_TABLES } from './tables.ts'
import { type VisitContext, type VisitCounts, type VisitEnd, visitSubreddit } from './visit.ts'

/** What the source of collected posts is called, beside the names of ingested files. */
const SOURCE_NAME = 'api'
// Enough to use the whole rate limit when an answer takes two seconds.
const PARALLEL = 4
// The subreddits that a stopped run has finished have new posts after a week.
const GO_ON_WITHIN_S = 7 * 24 * 60 * 60

export interface CollectPostsOptions {
	readonly api: ApiOptions
	/** Posts of each subreddit, from the newest on. */
	readonly newest: number
	readonly selection: Selection
	/** Whether posts, and popular subreddits, that are marked over 18 are taken too. */
	readonly over18: boolean
	/** Do not go on with a run that was stopped. */
	readonly startOver: boolean
}

export interface CollectPostsReport {
	readonly run: number
	readonly seconds: number
	readonly subreddits: {
		readonly selected: number
		/** Read as far as was wanted, in this run. */
		readonly finished: number
		/** Refused by Reddit, now or not long ago. */
		readonly setAside: number
		readonly failed: number
		/** Another collector is still at these. */
		readonly left: number
	}
	/** Why Reddit refused, for those that were asked now. */
	readonly refused: Readonly<Partial<Record<UnavailableReason, number>>>
	readonly failures: readonly { readonly name: string; readonly why: string }[]
	readonly posts: VisitCounts
}

/**
 * Reads the newest posts of each selected subreddit into the database. When it is stopped, at whatever moment, the
 * same call goes on where it was.
 *
 * @throws AppError `not-found` where no subreddits are known, `network` when Reddit is silent for hours, `aborted`
 */
export async function collectPosts(
	options: CollectPostsOptions,
	effects: CollectEffects,
): Promise<CollectPostsReport> {
	const repeat = repeatPatiently(effects)
	const store = await makePosts(effects, { tables: COLLECT_TABLES, repeat })
	const display = new CollectDisplay(effects)
	try {
		return await runCollector(options, effects, store, display)
	} catch (error) {
		if (!(error instanceof AppError && error.code === 'aborted')) throw error
		throw new AppError('aborted', 'stopped on request; the same command resumes where it stopped')
	} finally {
		display.finish()
		store.close()
	}
}

async function runCollector(
	options: CollectPostsOptions,
	effects: CollectEffects,
	store: PostStore,
	display: CollectDisplay,
): Promise<CollectPostsReport> {
	const { database } = store
	const start = effects.now()
	const now = Math.floor(start.getTime() / 1000)
	const { selection, newest, over18, startOver } = options
	const run = await openRun(database, {
		work: `posts newest=${newest} ${describeSelection(selection)}${over18 ? ' over18' : ''}`,
		now,
		goOnWithin: GO_ON_WITHIN_S,
		startOver,
	})
	const owner = createOwner()
	await releaseDeadClaims(database)
	const todo = await selectSubreddits(database, { selection, over18, run: run.id, now })
	announce(run, todo, display)
	const tally = new Tally(todo)
	const stop = new AbortController()
	const clock = { ...effects, signal: AbortSignal.any([effects.signal, stop.signal]) }
	const api = new RedditApi(options.api, clock, (text) => display.warn(text))
	const showStatus = () => display.update({ ...tally.status(), requestsLeft: api.requestsLeft })
	const source = await store.openSource(SOURCE_NAME, start)
	const context: VisitContext = {
		store,
		api,
		collector: { owner, run: run.id, over18 },
		source,
		clock,
		newest,
		onPage: (counts) => {
			tally.addPage(counts)
			showStatus()
		},
	}
	await visitAll(todo.names, context, stop, (name, end) => {
		tally.addVisit(name, end)
		showStatus()
	}).finally(() => releaseClaims(database, owner))
	await store.closeSource(source, { problem: null, now: effects.now() })
	const left = await countLeft(database, todo, tally, run)
	if (left === 0) await finishRun(database, run.id, Math.floor(effects.now().getTime() / 1000))
	const seconds = (effects.now().getTime() - start.getTime()) / 1000
	return { run: run.id, seconds, ...tally.report(left) }
}

function announce(run: Run, todo: Todo, display: CollectDisplay): void {
	if (!run.isResumed) return
	const date = new Date(run.started_utc * 1000).toISOString().slice(0, 10)
	display.warn(
		`going on with the run of ${date}: ${formatCount(todo.finished)} of ${formatCount(todo.selected)} subreddits are done`,
	)
}

/** Visits all of them, and once more those that failed: what is wrong in one hour may be right in the next. */
async function visitAll(
	names: readonly string[],
	context: VisitContext,
	stop: AbortController,
	onEnd: (name: string, end: VisitEnd) => void,
): Promise<void> {
	const again: string[] = []
	await inParallel([...names], stop, async (name) => {
		const end = await visitSubreddit(name, context)
		if (end.kind === 'failed') again.push(name)
		else onEnd(name, end)
	})
	await inParallel(again, stop, async (name) => onEnd(name, await visitSubreddit(name, context)))
}

/** The first error stops all workers, and is thrown when the last of them has stopped. */
async function inParallel(
	queue: string[],
	stop: AbortController,
	work: (name: string) => Promise<void>,
): Promise<void> {
	const errors: unknown[] = []
	const worker = async () => {
		try {
			for (let name = queue.shift(); name !== undefined; name = queue.shift()) await work(name)
		} catch (error) {
			errors.push(error)
			queue.length = 0
			stop.abort()
		}
	}
	await Promise.all(Array.from({ length: PARALLEL }, worker))
	if (errors.length > 0) throw errors[0]
}

/** Those that another collector had claimed, and has not finished by now. */
async function countLeft(database: Database, todo: Todo, tally: Tally, run: Run): Promise<number> {
	if (tally.taken.length === 0) return 0
	const { rows } = await database.execute(
		`SELECT count(*) AS count FROM json_each(?1) JOIN subreddits ON name = value
			WHERE finished_run IS NOT ?2 AND claimed_by IS NOT NULL`,
		[JSON.stringify(tally.taken), run.id],
	)
	return Math.min(Number(rows[0]?.count ?? 0), todo.names.length)
}

/** Counts what comes of a run. */
class Tally {
	readonly taken: string[] = []
	readonly #todo: Todo
	readonly #failures: { name: string; why: string }[] = []
	readonly #refused: Partial<Record<UnavailableReason, number>> = {}
	#finished = 0
	#setAside = 0
	#posts: VisitCounts = { ...NONE_LEFT_OUT, added: 0, known: 0, broken: 0, elsewhere: 0 }

	constructor(todo: Todo) {
		this.#todo = todo
	}

	addPage(counts: VisitCounts): void {
		const sum = { ...this.#posts }
		for (const key of Object.keys(sum) as (keyof VisitCounts)[]) sum[key] += counts[key]
		this.#posts = sum
	}

	addVisit(name: string, end: VisitEnd): void {
		if (end.kind === 'finished') this.#finished += 1
		else if (end.kind === 'taken') this.taken.push(name)
		else if (end.kind === 'failed') this.#failures.push({ name, why: end.why })
		else {
			this.#setAside += 1
			this.#refused[end.reason] = (this.#refused[end.reason] ?? 0) + 1
		}
	}

	status() {
		const doneHere = this.#finished + this.#setAside + this.#failures.length + this.taken.length
		const left = this.#todo.names.length - doneHere
		return { done: this.#todo.selected - left, left, doneHere, posts: this.#posts.added }
	}

	report(left: number) {
		const { selected, finished, setAside } = this.#todo
		return {
			subreddits: {
				selected,
				finished: finished + this.#finished + this.taken.length - left,
				setAside: setAside + this.#setAside,
				failed: this.#failures.length,
				left,
			},
			refused: this.#refused,
			failures: this.#failures,
			posts: this.#posts,
		}
	}
}
