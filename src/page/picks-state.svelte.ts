// The picks of this browser: their count, the one of the title in the box, and what to do with them.
import { errorMessage } from '../shared/app-error.ts'
import type { Answer } from '../shared/classifier-protocol.ts'
import type { Feedback, Pick } from '../shared/feedback.ts'
import { keepForGood } from './persistence.ts'
import { timeOfPick } from './pick-time.ts'
import { PicksDatabase } from './picks-database.ts'

/** How long to wait before each further try to store what was refused; the last wait repeats. */
const RETRY_WAITS_MS = [1_000, 2_000, 5_000, 15_000, 60_000]

export class PicksState {
	/** How many picks are stored or wait to be stored; null until they were counted. */
	count = $state<number | null>(null)
	/** Picks that the storage refused: kept here as long as the page is open, and tried again. */
	waiting = $state.raw<readonly Feedback[]>([])
	/** The pick of the title that was answered last, made now or on an earlier visit. */
	last = $state.raw<Feedback | null>(null)
	/** Whether that pick is on the disk. */
	lastIs = $state<'on its way' | 'stored' | 'refused'>('stored')
	/** What the storage refused last. */
	trouble = $state.raw<Error | null>(null)
	/** Whether `last` was read from the storage and not picked just now; then the page asks nothing about it. */
	isRecalled = $state(false)

	readonly #database = new PicksDatabase()
	/** What `last` has replaced, for Undo. */
	#before: Feedback | null = null
	#retries = 0
	#timer: ReturnType<typeof setTimeout> | undefined

	constructor() {
		void this.recount()
	}

	/** Counts again, and stores what waits: another tab may have picked, or made room. */
	async recount(): Promise<void> {
		if (this.waiting.length > 0) await this.retry()
		const stored = await this.#attempt(() => this.#database.count())
		if (stored !== null) this.count = stored + this.waiting.length
	}

	/** Shows the pick that the title of an answer already has. */
	async recall(title: string): Promise<void> {
		if (this.last?.title === title) return
		const found =
			this.waiting.find((pick) => pick.title === title) ??
			(await this.#database.find(title).catch(() => null))
		// Another title may have been answered, or a pick made, while this was read.
		if (!found || this.last?.title === title) return
		this.#show(found, this.waiting.includes(found) ? 'refused' : 'stored')
		this.isRecalled = true
	}

	/** Stores a pick at once; another pick for the same title replaces it: a person has changed their mind. */
	async pick(pick: Pick, answer: Answer): Promise<void> {
		const before = this.last?.title === answer.title ? this.last : null
		if (before && this.lastIs !== 'refused' && isSamePick(before.pick, pick)) return
		const { version, channel } = answer.release
		await this.#put(
			{
				schema: 1,
				id: before?.id ?? crypto.randomUUID(),
				time: timeOfPick(Date.now(), version),
				title: answer.title,
				suggestions: answer.suggestions.map(({ subreddit, probability }) => ({
					subreddit,
					probability,
				})),
				pick,
				release: version,
				channel,
				app: __APP_VERSION__,
			},
			before,
		)
	}

	/** Names the right subreddit of the last pick, which was none of the suggestions. */
	async nameLast(pick: Pick): Promise<void> {
		const { last } = this
		if (last)
			await this.#put({ ...last, time: timeOfPick(Date.now(), last.release), pick }, this.#before)
	}

	/** Takes the last pick back; the one that it replaced holds again. */
	async undo(): Promise<void> {
		const { last } = this
		if (!last) return
		const before = this.#before
		this.last = null
		this.#before = null
		this.#dropWaiting(last)
		if (before)
			await this.#put(
				{ ...before, id: last.id, time: timeOfPick(Date.now(), before.release) },
				null,
			)
		else await this.#attempt(() => this.#database.delete(last.id))
		await this.recount()
	}

	/** Tries to store everything that waits. */
	async retry(): Promise<void> {
		clearTimeout(this.#timer)
		for (const pick of this.waiting) {
			const put = await this.#attempt(() => this.#database.put(pick))
			if (!put) break
			this.#dropWaiting(pick)
			if (this.last && this.last.title === pick.title) this.#show(put.stored, 'stored')
		}
		if (this.waiting.length > 0) this.#retryLater()
		else this.#retries = 0
	}

	/** As {@link readWhole}, but without the storage those that wait; null where there are none. */
	async readAll(): Promise<readonly unknown[] | null> {
		return (await this.readWhole()) ?? (this.waiting.length > 0 ? this.waiting : null)
	}

	/** Every pick, stored or not, as it is kept: oldest first; null where the storage can't be read. */
	async readWhole(): Promise<readonly unknown[] | null> {
		const stored = await this.#attempt(() => this.#database.readAll())
		const ids = new Set(this.waiting.map(({ id }) => id))
		const kept = stored?.filter((record) => !ids.has((record as Feedback).id))
		return kept ? [...kept, ...this.waiting] : null
	}

	/** Takes one pick back, of whatever title. */
	async takeBack(pick: Feedback): Promise<void> {
		this.#dropWaiting(pick)
		if (this.last?.id === pick.id) this.last = null
		await this.#attempt(() => this.#database.delete(pick.id))
		await this.recount()
	}

	/** Adds picks of elsewhere. @returns how many are new; null where they could not be stored */
	async merge(picks: readonly Feedback[]): Promise<number | null> {
		const added = await this.#attempt(() => this.#database.merge(picks))
		// The pick of the title in the box may be another one now.
		this.last = null
		await this.recount()
		return added
	}

	/** @returns whether they are gone */
	async deleteAll(): Promise<boolean> {
		this.waiting = []
		const isDone = await this.#attempt(async () => {
			await this.#database.clear()
			return true
		})
		if (isDone) {
			this.last = null
			this.#before = null
		}
		await this.recount()
		return isDone === true
	}

	async #put(feedback: Feedback, before: Feedback | null): Promise<void> {
		this.#show(feedback, 'on its way')
		this.isRecalled = false
		this.#before = before
		// It is in the queue before it is written, so that nothing in between can lose it.
		this.waiting = [...this.waiting.filter(({ title }) => title !== feedback.title), feedback]
		const put = await this.#attempt(() => this.#database.put(feedback))
		if (put) {
			this.#dropWaiting(feedback)
			keepForGood()
		} else this.#retryLater()
		if (this.last?.title === feedback.title && this.last.time === feedback.time) {
			this.#show(put?.stored ?? feedback, put ? 'stored' : 'refused')
			// Whoever is quick picks before an earlier visit's pick was read.
			if (put?.replaced && put.replaced.id !== feedback.id) this.#before = put.replaced
		}
		if (put) await this.recount()
		else this.count = Math.max(this.count ?? 0, this.waiting.length)
	}

	#show(pick: Feedback, is: 'on its way' | 'stored' | 'refused'): void {
		if (this.last?.title !== pick.title) this.#before = null
		this.last = pick
		this.lastIs = is
	}

	#dropWaiting({ title, time }: Feedback): void {
		this.waiting = this.waiting.filter((one) => one.title !== title || one.time > time)
		if (this.waiting.length === 0) this.trouble = null
	}

	#retryLater(): void {
		clearTimeout(this.#timer)
		const wait = RETRY_WAITS_MS[Math.min(this.#retries, RETRY_WAITS_MS.length - 1)]
		this.#retries += 1
		this.#timer = setTimeout(() => void this.recount(), wait)
	}

	/** @returns null where the storage failed; why is then in `trouble` */
	async #attempt<T>(work: () => Promise<T>): Promise<T | null> {
		try {
			const result = await work()
			// While a pick waits, the page shows why, whatever else works.
			if (this.waiting.length === 0) this.trouble = null
			return result
		} catch (error) {
			this.trouble = error instanceof Error ? error : new Error(errorMessage(error))
			return null
		}
	}
}

function isSamePick(a: Pick, b: Pick): boolean {
	return JSON.stringify(a) === JSON.stringify(b)
}
