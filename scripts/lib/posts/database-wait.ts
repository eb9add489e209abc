// Waiting for a database that another program holds: said soon, over in time, and at once on a signal.
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { isBusy, type Place } from './database-errors.ts'

const LIMIT_MS = 30_000
const NOTICE_MS = 1_000
const RETRY_MS = 50

export type WaitEffects = Pick<Effects, 'err' | 'redraw' | 'signal' | 'terminalColumns'>

/** One wait, which may be for several statements in a row. */
export class Wait {
	readonly #place: Place
	readonly #effects: WaitEffects
	readonly #start = Date.now()
	#isSaid = false

	constructor(place: Place, effects: WaitEffects) {
		this.#place = place
		this.#effects = effects
	}

	/**
	 * Repeats work that takes back what it did when it finds the database held.
	 *
	 * @param onBusy is asked the first time, and may throw why waiting is in vain
	 * @throws AppError `conflict` after 30 seconds of this wait, `aborted`
	 */
	async until<T>(work: () => Promise<T>, onBusy = async () => {}): Promise<T> {
		for (let tries = 0; ; tries += 1) {
			try {
				return await work()
			} catch (error) {
				if (!isBusy(error)) throw error
				throwIfAborted(this.#effects)
				if (tries === 0) await onBusy()
				this.#checkTime(error)
			}
			await this.#pause()
		}
	}

	/** For work that runs beside this thread and may itself take long. @throws AppError `aborted` at once on a signal */
	async beside<T>(work: Promise<T>): Promise<T> {
		const { signal } = this.#effects
		const notice = setTimeout(() => this.#say(), NOTICE_MS)
		let stop = () => {}
		const stopped = new Promise<never>((_, reject) => {
			stop = () => reject(new AppError('aborted', 'stopped on request'))
			signal.addEventListener('abort', stop)
		})
		try {
			throwIfAborted(this.#effects)
			return await Promise.race([work, stopped])
		} finally {
			clearTimeout(notice)
			signal.removeEventListener('abort', stop)
		}
	}

	#checkTime(error: unknown): void {
		const waited = Date.now() - this.#start
		if (waited >= LIMIT_MS)
			throw new AppError(
				'conflict',
				`database is in use: ${this.#place.location}; another program held it for ${LIMIT_MS / 1000} seconds: run this again when that has ended. If no program uses it, its disk refuses file locks: name a folder on another disk with --data`,
				error,
			)
		if (waited >= NOTICE_MS) this.#say()
	}

	#say(): void {
		if (this.#isSaid) return
		this.#isSaid = true
		const { err, redraw, terminalColumns } = this.#effects
		// A progress bar may stand in the line.
		if (terminalColumns !== null) redraw('')
		err(
			`waiting for the database, which another program may hold: ${this.#place.location} (at most ${LIMIT_MS / 1000} seconds)`,
		)
	}

	async #pause(): Promise<void> {
		await sleep(RETRY_MS, undefined, { signal: this.#effects.signal }).catch(() => {})
		throwIfAborted(this.#effects)
	}
}
