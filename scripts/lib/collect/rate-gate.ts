// The gate that every request passes: Reddit's rate-limit headers, obeyed to the letter, and an even pace.
import type { Clock } from './clock.ts'

// The header counts whole seconds, so the window may end up to one later than it says.
const RESET_MARGIN_MS = 1_000
// Two answers tell the end of the same window with the rounding of a second and the time that they took.
const SAME_WINDOW_MS = 10_000
// Nobody means more; what says more is broken.
const MAX_WAIT_MS = 24 * 60 * 60 * 1000

type Window =
	/** No answer yet, or the window is over: one request at a time until an answer tells. */
	| { readonly kind: 'unknown' }
	/** The server sends no rate-limit headers. */
	| { readonly kind: 'none' }
	| { readonly kind: 'known'; readonly remaining: number; readonly resetAt: number }

/**
 * Reddit's headers (`x-ratelimit-remaining`, `-reset`, `-used`) are of a window of ten minutes. Requests are spread
 * over what is left of it, because Reddit cuts off clients that spend a window's requests at once; and at most
 * `requestsPerMinute`, its published limit, leave in any case.
 */
export class RateGate {
	readonly #clock: Clock
	readonly #minIntervalMs: number
	#window: Window = { kind: 'unknown' }
	#inFlight = 0
	#lastStart = Number.NEGATIVE_INFINITY
	#blockedUntil = Number.NEGATIVE_INFINITY
	#waiting: (() => void)[] = []

	constructor(requestsPerMinute: number, clock: Clock) {
		this.#clock = clock
		this.#minIntervalMs = 60_000 / requestsPerMinute
	}

	/** Requests left in the window as of now; null where the server has not said. */
	get requestsLeft(): number | null {
		return this.#window.kind === 'known' ? Math.floor(this.#window.remaining) : null
	}

	/** Waits for leave to send one request; each call must be followed by one of `leave`. */
	async enter(): Promise<void> {
		for (;;) {
			const wait = this.#waitMs(this.#clock.now().getTime())
			if (wait === 0) break
			if (wait === 'an answer') await new Promise<void>((done) => this.#waiting.push(done))
			else await this.#clock.sleep(wait, this.#clock.signal)
		}
		this.#inFlight += 1
		this.#lastStart = this.#clock.now().getTime()
		if (this.#window.kind === 'known')
			this.#window = { ...this.#window, remaining: this.#window.remaining - 1 }
	}

	/** @param headers of the answer; null where none came */
	leave(headers: Headers | null): void {
		this.#inFlight -= 1
		if (headers) this.#learn(headers, this.#clock.now().getTime())
		for (const wake of this.#waiting.splice(0)) wake()
	}

	/** Nobody sends anything for so long: what an answer 429 asks for. */
	block(milliseconds: number): void {
		const until = this.#clock.now().getTime() + milliseconds
		this.#blockedUntil = Math.max(this.#blockedUntil, until)
	}

	/** Milliseconds until the window ends, or null where that is not known. */
	msUntilReset(): number | null {
		if (this.#window.kind !== 'known') return null
		return Math.max(0, this.#window.resetAt - this.#clock.now().getTime())
	}

	#waitMs(now: number): number | 'an answer' {
		if (now < this.#blockedUntil) return this.#blockedUntil - now
		if (this.#window.kind === 'known' && now >= this.#window.resetAt)
			this.#window = { kind: 'unknown' }
		if (this.#window.kind === 'unknown' && this.#inFlight > 0) return 'an answer'
		if (this.#window.kind === 'known' && this.#window.remaining < 1)
			return this.#window.resetAt - now
		return Math.max(0, this.#lastStart + this.#intervalMs(now) - now)
	}

	#intervalMs(now: number): number {
		if (this.#window.kind !== 'known') return this.#minIntervalMs
		return Math.max(this.#minIntervalMs, (this.#window.resetAt - now) / this.#window.remaining)
	}

	#learn(headers: Headers, now: number): void {
		const said = readWindow(headers, now)
		if (!said) {
			if (this.#window.kind === 'unknown') this.#window = { kind: 'none' }
			return
		}
		// Requests on their way may not be counted in what the server has said yet.
		const remaining = said.remaining - this.#inFlight
		const before = this.#window
		const isSame =
			before.kind === 'known' && Math.abs(before.resetAt - said.resetAt) < SAME_WINDOW_MS
		this.#window = {
			kind: 'known',
			remaining: isSame ? Math.min(before.remaining, remaining) : remaining,
			resetAt: isSame ? Math.max(before.resetAt, said.resetAt) : said.resetAt,
		}
	}
}

function readWindow(headers: Headers, now: number): { remaining: number; resetAt: number } | null {
	const remaining = readNumber(headers.get('x-ratelimit-remaining'))
	const reset = readNumber(headers.get('x-ratelimit-reset'))
	if (remaining === null || reset === null) return null
	const resetMs = Math.min(reset * 1000 + RESET_MARGIN_MS, MAX_WAIT_MS)
	return { remaining, resetAt: now + resetMs }
}

/** Milliseconds that `Retry-After` asks to wait (seconds or a date), a day at most; null where it says nothing. */
export function readRetryAfter(headers: Headers, now: number): number | null {
	const text = headers.get('retry-after')
	if (text === null) return null
	const seconds = readNumber(text)
	if (seconds !== null) return Math.min(seconds * 1000, MAX_WAIT_MS)
	const date = Date.parse(text)
	return Number.isNaN(date) ? null : Math.min(Math.max(0, date - now), MAX_WAIT_MS)
}

function readNumber(text: string | null): number | null {
	if (text === null || !/^\d{1,12}(\.\d*)?$/.test(text.trim())) return null
	return Number(text)
}
