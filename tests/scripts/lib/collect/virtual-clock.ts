// A clock that stands still while anything is going on, and jumps to the next sleeper when nothing is: tests of a night
// take no time, and a busy machine changes nothing.
import { AppError } from '../../../../src/shared/app-error.ts'

// What a collector does between two waits, beside requests, is done within fewer turns of the event loop.
const QUIET_TURNS = 6

interface Sleeper {
	readonly at: number
	readonly isDeadline: boolean
	wake(): void
}

export class VirtualClock {
	/** The length by which the deadline of an exchange is known: nothing else may sleep as long. */
	readonly deadlineMs = 30_001
	/** Exchanges that the server will never end. */
	hung = 0
	#now: number
	#exchanges = 0
	#version = 0
	#isTicking = false
	readonly #sleepers = new Set<Sleeper>()

	/** @param start milliseconds since 1970 */
	constructor(start: number) {
		this.#now = start
	}

	readonly now = () => new Date(this.#now)

	pass(milliseconds: number): void {
		this.#now += milliseconds
	}

	readonly sleep = (milliseconds: number, signal: AbortSignal): Promise<void> =>
		new Promise((done, fail) => {
			if (signal.aborted) return fail(new AppError('aborted', 'stopped on request'))
			const isDeadline = milliseconds === this.deadlineMs
			const end = () => {
				this.#version += 1
				this.#sleepers.delete(sleeper)
				signal.removeEventListener('abort', onAbort)
				if (isDeadline) this.#exchanges -= 1
			}
			const onAbort = () => {
				end()
				fail(new AppError('aborted', 'stopped on request'))
			}
			const wake = () => {
				end()
				done()
			}
			const sleeper: Sleeper = { at: this.#now + milliseconds, isDeadline, wake }
			this.#version += 1
			if (isDeadline) this.#exchanges += 1
			this.#sleepers.add(sleeper)
			signal.addEventListener('abort', onAbort, { once: true })
			if (!this.#isTicking) this.#tick(this.#version, 0)
		})

	#tick(version: number, quiet: number): void {
		this.#isTicking = this.#sleepers.size > 0
		if (!this.#isTicking) return
		const isQuiet = version === this.#version && this.#exchanges <= this.hung
		if (isQuiet && quiet >= QUIET_TURNS) this.#jump()
		setImmediate(() => this.#tick(this.#version, isQuiet ? quiet + 1 : 0))
	}

	#jump(): void {
		const sleepers = [...this.#sleepers].sort((a, b) => a.at - b.at)
		const [next] = sleepers
		if (!next) return
		this.#now = Math.max(this.#now, next.at)
		// Only an exchange without end gets to its deadline.
		if (next.isDeadline) this.hung -= 1
		next.wake()
	}
}
