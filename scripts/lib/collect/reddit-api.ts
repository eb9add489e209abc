// Reddit's API for one client: token, rate limits, retries, and what a refusal means. Runs unattended through outages.
import { AppError } from '../../../src/shared/app-error.ts'
import { formatSeconds } from '../progress.ts'
import { readRefusal, type UnavailableReason } from './availability.ts'
import type { Clock } from './clock.ts'
import type { Credentials } from './credentials.ts'
import { ConnectionError, exchange, type HttpAnswer } from './http.ts'
import { parseListing } from './listing.ts'
import { RateGate, readRetryAfter } from './rate-gate.ts'
import { TokenBusyError, TokenSource } from './token.ts'

const FIRST_WAIT_MS = 2_000
// After a 429 that does not say for how long, the other workers wait a moment too.
const LEAST_BLOCK_MS = 5_000
const LONGEST_WAIT_MS = 120_000
const ATTEMPTS = 6
const OUTAGE_WAIT_MS = 5 * 60 * 1000
// An outage in the night must not end the run; a URL at which nobody ever answered should not look like one for hours.
const PATIENCE_MS = 12 * 60 * 60 * 1000
const FIRST_PATIENCE_MS = 10 * 60 * 1000

export interface ApiOptions {
	/** Gives the tokens, as in https://www.reddit.com/ */
	readonly authUrl: URL
	/** Gives the data, as in https://oauth.reddit.com/ */
	readonly apiUrl: URL
	readonly credentials: Credentials
	readonly userAgent: string
	readonly requestsPerMinute: number
	/** For one exchange. */
	readonly timeoutMs: number
}

/** What came of a request after all its tries. */
export type ApiAnswer<Page> =
	| { readonly kind: 'page'; readonly page: Page }
	| {
			readonly kind: 'unavailable'
			readonly reason: UnavailableReason
			/** Where a renamed subreddit is now. */
			readonly movedTo: string | null
	  }
	/** The API works, this one request does not. */
	| { readonly kind: 'failed'; readonly why: string }

type Attempt<Page> =
	| Exclude<ApiAnswer<Page>, { kind: 'failed' }>
	| { readonly kind: 'transient'; readonly why: string; readonly waitMs: number }
	/** A refusal that may mean this request or all of them. */
	| { readonly kind: 'unclear'; readonly why: string }

export class RedditApi {
	readonly #options: ApiOptions
	readonly #clock: Clock
	readonly #gate: RateGate
	readonly #token: TokenSource
	readonly #warn: (text: string) => void
	#lastAnswerAt: number
	#patienceMs = FIRST_PATIENCE_MS
	#isOut = false

	/** @param warn takes a line about an outage, when it begins and when it ends */
	constructor(options: ApiOptions, clock: Clock, warn: (text: string) => void) {
		this.#options = options
		this.#clock = clock
		this.#gate = new RateGate(options.requestsPerMinute, clock)
		this.#token = new TokenSource(options, clock)
		this.#warn = warn
		this.#lastAnswerAt = clock.now().getTime()
	}

	/** Requests left in the rate-limit window; null where the server has not said. */
	get requestsLeft(): number | null {
		return this.#gate.requestsLeft
	}

	/**
	 * Asks until there is an answer: waits for the rate limit, tries again what may be tried again, and sits out
	 * an outage of Reddit as a whole.
	 *
	 * @param path below the API's base URL, its parts already encoded
	 * @param parse makes a page of the JSON; what it throws counts as an answer that failed
	 * @throws AppError `network` when nothing was answered for hours, `bad-input` for refused credentials, `aborted`
	 */
	async get<Page>(
		path: string,
		query: Readonly<Record<string, string>>,
		parse: (json: unknown) => Page,
	): Promise<ApiAnswer<Page>> {
		let failures = 0
		let isLastTry = false
		for (;;) {
			const attempt = await this.#attempt(path, query, parse)
			if (attempt.kind === 'page' || attempt.kind === 'unavailable') {
				this.#noteAnswer()
				return attempt
			}
			failures += 1
			if (isLastTry) return giveUp(attempt)
			if (attempt.kind === 'transient' && failures < ATTEMPTS)
				await this.#sleep(Math.max(attempt.waitMs, this.#backoff(failures)))
			// Before this one request is blamed it gets one try at a time when others are known to be answered.
			else if (await this.#isUp()) isLastTry = true
			else {
				await this.#sitOut(attempt.why)
				failures = 0
			}
		}
	}

	async #attempt<Page>(
		path: string,
		query: Readonly<Record<string, string>>,
		parse: (json: unknown) => Page,
	): Promise<Attempt<Page>> {
		try {
			let answer = await this.#send(path, query)
			// The token was taken back; another one may do. A second refusal is judged like any other.
			if (answer.status === 401) answer = await this.#send(path, query)
			return this.#readAnswer(answer, path, parse)
		} catch (error) {
			if (error instanceof TokenBusyError)
				return { kind: 'transient', why: error.message, waitMs: error.waitMs }
			if (error instanceof ConnectionError)
				return { kind: 'transient', why: error.message, waitMs: 0 }
			throw error
		}
	}

	async #send(path: string, query: Readonly<Record<string, string>>): Promise<HttpAnswer> {
		const url = new URL(path, this.#options.apiUrl)
		// Without raw_json Reddit escapes <, > and & in every text.
		url.search = new URLSearchParams({ ...query, raw_json: '1' }).toString()
		const { userAgent, timeoutMs } = this.#options
		await this.#gate.enter()
		let answer: HttpAnswer | null = null
		try {
			// Only now: the wait at the gate may be longer than a token lives.
			const token = await this.#token.get()
			const headers = { authorization: `bearer ${token}`, 'user-agent': userAgent }
			answer = await exchange({ url, method: 'GET', headers, timeoutMs }, this.#clock)
			this.#patienceMs = PATIENCE_MS
			if (answer.status === 401) this.#token.drop(token)
			return answer
		} finally {
			this.#gate.leave(answer?.headers ?? null)
		}
	}

	#readAnswer<Page>(
		answer: HttpAnswer,
		path: string,
		parse: (json: unknown) => Page,
	): Attempt<Page> {
		const { status, headers } = answer
		if (status === 200) return parsePage(answer.text, parse)
		const waitMs = readRetryAfter(headers, this.#clock.now().getTime()) ?? 0
		if (status === 429) {
			const untilReset = this.#gate.requestsLeft === 0 ? (this.#gate.msUntilReset() ?? 0) : 0
			this.#gate.block(Math.max(waitMs, untilReset, LEAST_BLOCK_MS))
			return { kind: 'transient', why: 'HTTP 429, too many requests', waitMs }
		}
		if (status >= 500 || status === 408 || status === 401)
			return { kind: 'transient', why: `HTTP ${status}`, waitMs }
		const refusal = readRefusal(answer, path)
		return refusal
			? { kind: 'unavailable', ...refusal }
			: { kind: 'unclear', why: `HTTP ${status}` }
	}

	// Full waits would let all workers come back at the same moment: half of each is drawn.
	#backoff(failures: number): number {
		const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
		return wait / 2 + (wait / 2) * this.#clock.random()
	}

	/** Whether the API answers at all, asked where every client may ask. */
	async #isUp(): Promise<boolean> {
		const attempt = await this.#attempt('subreddits/popular', { limit: '1' }, parseListing)
		if (attempt.kind === 'page') this.#noteAnswer()
		return attempt.kind === 'page'
	}

	/** Waits until the API answers again. */
	async #sitOut(why: string): Promise<void> {
		if (!this.#isOut) this.#warn(`nothing comes from reddit (${why}); trying again every 5 minutes`)
		this.#isOut = true
		do {
			const silent = this.#clock.now().getTime() - this.#lastAnswerAt
			if (silent > this.#patienceMs)
				throw new AppError(
					'network',
					`nothing came from reddit for ${formatSeconds(silent / 1000)} (${why}); check the network and the base URLs, then run this again: it resumes where it stopped`,
				)
			await this.#sleep(OUTAGE_WAIT_MS * (0.9 + 0.2 * this.#clock.random()))
		} while (!(await this.#isUp()))
	}

	#noteAnswer(): void {
		this.#lastAnswerAt = this.#clock.now().getTime()
		if (this.#isOut) this.#warn('reddit answers again')
		this.#isOut = false
	}

	#sleep(milliseconds: number): Promise<void> {
		return this.#clock.sleep(milliseconds, this.#clock.signal)
	}
}

function parsePage<Page>(text: string, parse: (json: unknown) => Page): Attempt<Page> {
	try {
		return { kind: 'page', page: parse(JSON.parse(text)) }
	} catch (error) {
		// What is thrown may quote the answer, so it goes no further.
		if (error instanceof SyntaxError || error instanceof AppError)
			return { kind: 'transient', why: 'an answer that is no listing', waitMs: 0 }
		throw error
	}
}

function giveUp<Page>(attempt: Extract<Attempt<Page>, { why: string }>): ApiAnswer<Page> {
	return attempt.kind === 'transient'
		? { kind: 'failed', why: attempt.why }
		: { kind: 'unavailable', reason: 'refused', movedTo: null }
}
