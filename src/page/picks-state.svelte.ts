// The picks of this browser: their count, the one of the title in the box, and what to do with them.
import { errorMessage } from '../shared/app-error.ts'
import type { Answer } from '../shared/classifier-protocol.ts'
import type { Feedback, Pick } from '../shared/feedback.ts'
import { keepForGood } from './persistence.ts'
import { timeOfPick } from './pick-time.ts'
import { PicksDatabase, type StoredPick } from './picks-database.ts'

/** How long to wait before each further try to store what was refused; the last wait repeats. */
const RETRY_WAITS_MS = [1_000, 2_000, 5_000, 15_000, 60_000]

/** The picks of a title as far as Undo goes back: the last one holds. */
interface History {
	readonly title: string
	readonly picks: Feedback[]
	/** Whether the storage's own pick, of before them, is known: the first one if there was one. */
	isWhole: boolean
}

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
	/** The picks of the title of `last`. */
	#history: History | null = null
	/** What is written waits for what was to be written before it: a pick and the undoing of it must not change places. */
	#turn: Promise<unknown> = Promise.resolve()
	/** How many picks are being taken back. */
	#leaving = 0
	/** The title whose pick was looked for or shown last. */
	#recalled = ''
	#retries = 0
	#timer: ReturnType<typeof setTimeout> | undefined

	constructor() {
		void this.recount()
	}

	/** Whether closing the page now would lose a pick, or leave one that was taken back. */
	get isUnsettled(): boolean {
		return this.waiting.length > 0 || this.#leaving > 0
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
		this.#recalled = title
		const found =
			this.waiting.find((pick) => pick.title === title) ??
			(await this.#turn.then(() => this.#database.find(title)).catch(() => null))
		// Another title may have been answered, or a pick made, while this was read.
		if (!found || this.#recalled !== title || this.last?.title === title) return
		this.#show(
			{ title, picks: [found], isWhole: true },
			this.waiting.includes(found) ? 'refused' : 'stored',
		)
		this.isRecalled = true
	}

	/** Stores a pick at once; another pick for the same title replaces it: a person has changed their mind. */
	async pick(pick: Pick, answer: Answer): Promise<void> {
		const { title } = answer
		const history =
			this.#history?.title === title ? this.#history : { title, picks: [], isWhole: false }
		const before = history.picks.at(-1)
		if (before && this.lastIs !== 'refused' && isSamePick(before.pick, pick)) return
		const { version, channel } = answer.release
		const feedback: Feedback = {
			schema: 1,
			id: before?.id ?? crypto.randomUUID(),
			time: timeOfPick(Date.now(), version),
			title,
			suggestions: answer.suggestions.map(({ subreddit, probability }) => ({
				subreddit,
				probability,
			})),
			...(answer.unseen.length > 0 ? { unseen: [...answer.unseen] } : {}),
			pick,
			release: version,
			channel,
			app: __APP_VERSION__,
		}
		history.picks.push(feedback)
		await this.#put(history, feedback)
	}

	/** Names the right subreddit of the last pick, which was none of the suggestions. */
	async nameLast(pick: Pick): Promise<void> {
		const history = this.#history
		const last = history?.picks.pop()
		if (!history || !last) return
		const named = { ...renew(last), pick }
		history.picks.push(named)
		await this.#put(history, named)
	}

	/** Takes the last pick back; the one that it replaced holds again. */
	async undo(): Promise<void> {
		const history = this.#history
		const undone = history?.picks.pop()
		if (!history || !undone) return
		this.#dropWaiting(undone)
		const before = history.picks.pop()
		if (before) {
			const again = { ...renew(before), id: undone.id }
			history.picks.push(again)
			return this.#put(history, again)
		}
		this.#show(history, 'stored')
		await this.#leave(() => this.#undoStored(history, undone))
	}

	/** What the pick has replaced in the storage is known by now: an earlier visit's pick may not have been read before it. */
	async #undoStored(history: History, undone: Feedback): Promise<void> {
		const before = history.picks.at(-1)
		if (!before) await this.#attempt(() => this.#database.delete(undone))
		// Else another pick was made meanwhile, and its turn comes.
		else if (!this.waiting.includes(before)) {
			const again = renew(before)
			history.picks.splice(-1, 1, again)
			this.#announce(history, again)
			await this.#write(history, again)
		}
	}

	/** Tries to store everything that waits. */
	async retry(): Promise<void> {
		clearTimeout(this.#timer)
		for (const pick of this.waiting) {
			const isDone = await this.#inTurn(async () => {
				// Stored or taken back since.
				if (!this.waiting.includes(pick)) return true
				const put = await this.#attempt(() => this.#database.put(pick))
				if (put) this.#note(this.#history, pick, put)
				return put !== null
			})
			if (!isDone) break
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
		for (const one of this.waiting) if (one.title === pick.title) this.#dropWaiting(one)
		if (this.last?.title === pick.title) this.#forget()
		await this.#leave(() => this.#attempt(() => this.#database.delete(pick)))
	}

	/** Adds picks of elsewhere. @returns how many are new; null where they could not be stored */
	async merge(picks: readonly Feedback[]): Promise<number | null> {
		const added = await this.#inTurn(() => this.#attempt(() => this.#database.merge(picks)))
		// The pick of the title in the box may be another one now.
		this.#forget()
		await this.recount()
		return added
	}

	/** @returns whether they are gone */
	async deleteAll(): Promise<boolean> {
		this.waiting = []
		const isDone = await this.#inTurn(() =>
			this.#attempt(async () => {
				await this.#database.clear()
				return true
			}),
		)
		if (isDone) this.#forget()
		await this.recount()
		return isDone === true
	}

	async #put(history: History, feedback: Feedback): Promise<void> {
		this.#announce(history, feedback)
		if (await this.#inTurn(() => this.#write(history, feedback))) await this.recount()
		else this.count = Math.max(this.count ?? 0, this.waiting.length)
	}

	/** It is in the queue before it is written, so that nothing in between can lose it. */
	#announce(history: History, feedback: Feedback): void {
		this.#show(history, 'on its way')
		this.isRecalled = false
		this.waiting = [...this.waiting.filter(({ title }) => title !== feedback.title), feedback]
	}

	/** @returns whether it is stored */
	async #write(history: History, feedback: Feedback): Promise<boolean> {
		const put = await this.#attempt(() => this.#database.put(feedback))
		if (put) {
			this.#note(history, feedback, put)
			keepForGood()
		} else {
			this.#retryLater()
			if (this.#history === history && history.picks.at(-1) === feedback)
				this.#show(history, 'refused')
		}
		return put !== null
	}

	/** A pick is stored now. */
	#note(history: History | null, feedback: Feedback, { stored, replaced }: StoredPick): void {
		this.#dropWaiting(feedback)
		if (history?.title !== feedback.title) return
		const place = history.picks.indexOf(feedback)
		if (place !== -1) history.picks[place] = stored
		// Whoever is quick picks before an earlier visit's pick was read.
		if (!history.isWhole && replaced) history.picks.unshift(replaced)
		history.isWhole = true
		if (this.#history === history && history.picks.at(-1) === stored) this.#show(history, 'stored')
	}

	#show(history: History, is: 'on its way' | 'stored' | 'refused'): void {
		this.#history = history
		this.#recalled = history.title
		this.last = history.picks.at(-1) ?? null
		this.lastIs = is
	}

	#forget(): void {
		this.#history = null
		this.last = null
	}

	/** @param work fails never */
	async #leave(work: () => Promise<unknown>): Promise<void> {
		this.#leaving += 1
		await this.#inTurn(work)
		this.#leaving -= 1
		await this.recount()
	}

	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#turn.then(work)
		this.#turn = done.catch(() => {})
		return done
	}

	#dropWaiting(pick: Feedback): void {
		this.waiting = this.waiting.filter((one) => one !== pick)
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

/** The same pick, made now. */
function renew(pick: Feedback): Feedback {
	return { ...pick, time: timeOfPick(Date.now(), pick.release) }
}

function isSamePick(a: Pick, b: Pick): boolean {
	return JSON.stringify(a) === JSON.stringify(b)
}
