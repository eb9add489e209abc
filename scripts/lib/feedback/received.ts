// Picks that pages send: into the same table as imported ones, each with a hash of the secret that may take it back.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Feedback } from '../../../src/shared/feedback.ts'
import type { Database, DatabaseEffects } from '../posts/database.ts'
import { type FeedbackCounts, openFeedback, removeSent, writeFeedback } from './table.ts'

export interface Sender {
	/** A hash of the browser's secret. */
	readonly sender: string
	/** What the limits take for one file: the picks of one address on one day. */
	readonly source: string
	readonly received: Date
}

/** One write after the other; each is on the disk when its promise resolves. */
export class ReceivedPicks {
	readonly #database: Database
	#turn: Promise<unknown> = Promise.resolve()
	#waiting = 0
	/** That another program held the database for too long: the last time. */
	#conflict: AppError | null = null

	private constructor(database: Database) {
		this.#database = database
	}

	/** @throws AppError as `openFeedback` */
	static async open(effects: DatabaseEffects): Promise<ReceivedPicks> {
		return new ReceivedPicks(await openFeedback(effects))
	}

	get location(): string {
		return this.#database.location
	}

	/** Writes that wait for their turn. */
	get waiting(): number {
		return this.#waiting
	}

	/** Those with an id of somebody else's count as known, and change nothing. @throws AppError as of a {@link Database} */
	keep(lines: readonly Feedback[], { sender, source, received }: Sender): Promise<FeedbackCounts> {
		const origin = { imported: received, source, sender }
		return this.#inTurn(() => writeFeedback(this.#database, lines, origin))
	}

	/** @returns how many there were of this sender */
	takeBack(ids: readonly string[], sender: string): Promise<number> {
		return this.#inTurn(() => removeSent(this.#database, ids, sender))
	}

	/** After what is being written. */
	async close(): Promise<void> {
		await this.#turn
		this.#database.close()
	}

	async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
		this.#waiting += 1
		const before = this.#conflict
		const turn = this.#turn.then(() => {
			// Whoever waited behind a write that gave up has waited long enough, too.
			if (this.#conflict && this.#conflict !== before) throw this.#conflict
			return work()
		})
		this.#turn = turn.catch((error: unknown) => {
			if (error instanceof AppError && error.code === 'conflict') this.#conflict = error
		})
		try {
			return await turn
		} finally {
			this.#waiting -= 1
		}
	}
}
