// The picks of this browser: their count, the last one, and what to do with them.

import { errorMessage } from '../shared/app-error.ts'
import type { Answer } from '../shared/classifier-protocol.ts'
import type { Feedback, Pick } from '../shared/feedback.ts'
import { downloadFile, formatFeedbackFile } from './feedback-file.ts'
import { PicksDatabase } from './picks-database.ts'

export class PicksState {
	/** Picks that are stored; null where there is no storage. */
	count = $state<number | null>(0)
	/** The last pick, while it can be undone. */
	last = $state.raw<Feedback | null>(null)
	/** Whether the last pick is on the disk. */
	lastIs = $state<'on its way' | 'stored' | 'refused'>('on its way')
	/** What the storage refused last. */
	trouble = $state.raw<Error | null>(null)
	/** What came of the last export or deletion. */
	report = $state('')

	readonly #opening: Promise<PicksDatabase | null>

	constructor() {
		this.#opening = PicksDatabase.open().catch((error: Error) => {
			this.trouble = error
			this.count = null
			return null
		})
		void this.recount()
	}

	/** Counts again: another tab may have picked. */
	async recount(): Promise<void> {
		const database = await this.#opening
		// That a count fails is no news beside the trouble that a pick then meets.
		this.count = (await database?.count().catch(() => null)) ?? this.count
	}

	/**
	 * Stores a pick at once. The same pick for the same title is one, however often it is clicked; another
	 * pick for the title that was picked last replaces that: a person has changed their mind.
	 */
	async pick(pick: Pick, answer: Answer): Promise<void> {
		const before = this.last?.title === answer.title ? this.last : null
		if (before && this.lastIs !== 'refused' && isSamePick(before.pick, pick)) return
		const { version, channel } = answer.release
		await this.#put({
			schema: 1,
			id: before?.id ?? crypto.randomUUID(),
			time: new Date().toISOString(),
			title: answer.title,
			suggestions: answer.suggestions.map((suggestion) => ({ ...suggestion })),
			pick,
			release: version,
			channel,
			app: __APP_VERSION__,
		})
	}

	/** Names the right subreddit of the last pick, which was none of the suggestions. */
	async nameLast(pick: Pick): Promise<void> {
		// Of two exports of a pick the newer time wins.
		if (this.last) await this.#put({ ...this.last, time: new Date().toISOString(), pick })
	}

	async undo(): Promise<void> {
		const { last } = this
		if (!last) return
		this.last = null
		await this.#attempt((database) => database.delete(last.id))
		await this.recount()
	}

	async export(): Promise<void> {
		await this.#attempt(async (database) => {
			const file = formatFeedbackFile(await database.readAll(), new Date())
			downloadFile(file)
			this.report =
				file.unreadable === 0
					? `Exported to ${file.name}.`
					: `Exported to ${file.name}, without ${file.unreadable} that can't be read any more.`
		})
	}

	async deleteAll(): Promise<void> {
		await this.#attempt(async (database) => {
			await database.clear()
			this.last = null
			this.report = 'Your feedback is deleted.'
		})
		await this.recount()
	}

	async #put(feedback: Feedback): Promise<void> {
		this.last = feedback
		this.lastIs = 'on its way'
		this.report = ''
		const isStored = await this.#attempt((database) => database.put(feedback))
		if (this.last === feedback) this.lastIs = isStored ? 'stored' : 'refused'
		await this.recount()
	}

	/** @returns whether it was done; why not is then in `trouble` */
	async #attempt(work: (database: PicksDatabase) => Promise<void>): Promise<boolean> {
		const database = await this.#opening
		if (!database) return false
		try {
			await work(database)
			this.trouble = null
			return true
		} catch (error) {
			this.trouble = error instanceof Error ? error : new Error(errorMessage(error))
			return false
		}
	}
}

function isSamePick(a: Pick, b: Pick): boolean {
	return JSON.stringify(a) === JSON.stringify(b)
}
