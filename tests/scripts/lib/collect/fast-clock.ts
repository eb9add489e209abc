// A clock that runs fast in every process that shares its start: a night of collecting takes seconds.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../../../../src/shared/app-error.ts'

export interface FastClockOptions {
	/** Real milliseconds since 1970 at which the clock showed `start`. */
	readonly realStart: number
	/** Milliseconds since 1970 on this clock. */
	readonly start: number
	/** Seconds of this clock in a real second. */
	readonly factor: number
}

export interface FastClock {
	now(): Date
	sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export function createFastClock({ realStart, start, factor }: FastClockOptions): FastClock {
	const elapsed = () => performance.timeOrigin + performance.now() - realStart
	const now = () => new Date(start + elapsed() * factor)
	const sleep = async (milliseconds: number, signal: AbortSignal) => {
		const until = now().getTime() + milliseconds
		// A timer is never shorter than a millisecond, which may be a second here.
		while (now().getTime() < until) {
			if (signal.aborted) throw new AppError('aborted', 'stopped on request')
			const real = (until - now().getTime()) / factor
			if (real < 1.5) await nextTurn()
			else await wait(Math.floor(real), signal)
		}
		if (signal.aborted) throw new AppError('aborted', 'stopped on request')
	}
	return { now, sleep }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
	return new Promise((done) => {
		const end = () => {
			clearTimeout(timer)
			signal.removeEventListener('abort', end)
			done()
		}
		const timer = setTimeout(end, milliseconds)
		signal.addEventListener('abort', end, { once: true })
	})
}
