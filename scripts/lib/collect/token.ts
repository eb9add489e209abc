// The application-only token of OAuth2 (client_credentials): asked for once, renewed before it expires.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Clock } from './clock.ts'
import type { Credentials } from './credentials.ts'
import { ConnectionError, exchange, type HttpAnswer } from './http.ts'
import { readRetryAfter } from './rate-gate.ts'

const RENEW_BEFORE_MS = 5 * 60 * 1000
// Of a token that lives for less than an hour, its last tenth is not used.
const RENEW_BEFORE_SHARE = 0.1

// A token goes into a header: a control character in it would make fetch throw, with the token in the message.
const ApiAnswer = v.object({
	access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,8192}$/)),
	token_type: v.pipe(v.string(), v.regex(/^bearer$/i)),
	expires_in: v.pipe(v.number(), v.finite(), v.minValue(1), v.maxValue(10 * 365 * 24 * 3600)),
})

/** The token's host did not give a token this time; worth another try. */
export class TokenBusyError extends ConnectionError {
	readonly waitMs: number

	constructor(message: string, waitMs: number) {
		super(message)
		this.waitMs = waitMs
	}
}

export interface TokenOptions {
	readonly authUrl: URL
	readonly credentials: Credentials
	readonly userAgent: string
	readonly timeoutMs: number
}

/** Source of the flow: RFC 6749, section 4.4, as Reddit's OAuth2 wiki describes it for "script" and "web" apps. */
export class TokenSource {
	readonly #options: TokenOptions
	readonly #clock: Clock
	#token: { readonly text: string; readonly renewAt: number } | null = null
	#renewal: Promise<string> | null = null
	#wasGranted = false

	constructor(options: TokenOptions, clock: Clock) {
		this.#options = options
		this.#clock = clock
	}

	/**
	 * @throws ConnectionError where another try may help
	 * @throws AppError `bad-input` where Reddit refuses the credentials
	 */
	async get(): Promise<string> {
		if (this.#token && this.#clock.now().getTime() < this.#token.renewAt) return this.#token.text
		// All workers wait for one renewal; a renewal that failed is not kept.
		this.#renewal ??= this.#renew().finally(() => {
			this.#renewal = null
		})
		return this.#renewal
	}

	/** Forgets a token that the server refused, unless it was renewed meanwhile. */
	drop(text: string): void {
		if (this.#token?.text === text) this.#token = null
	}

	async #renew(): Promise<string> {
		const asked = this.#clock.now().getTime()
		const answer = await this.#ask()
		if (answer.status === 200) {
			const { access_token, expires_in } = readGrant(answer)
			const life = expires_in * 1000
			const margin = Math.min(RENEW_BEFORE_MS, life * RENEW_BEFORE_SHARE)
			this.#token = { text: access_token, renewAt: asked + life - margin }
			this.#wasGranted = true
			return access_token
		}
		// Credentials that worked an hour ago are not wrong now: then it is Reddit that has a bad moment.
		if ([400, 401, 403].includes(answer.status) && !this.#wasGranted) throw refused(answer.status)
		throw new TokenBusyError(
			`no token (HTTP ${answer.status})`,
			readRetryAfter(answer.headers, this.#clock.now().getTime()) ?? 0,
		)
	}

	#ask(): Promise<HttpAnswer> {
		const { authUrl, credentials, userAgent, timeoutMs } = this.#options
		const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString(
			'base64',
		)
		return exchange(
			{
				url: new URL('api/v1/access_token', authUrl),
				method: 'POST',
				headers: {
					authorization: `Basic ${basic}`,
					'content-type': 'application/x-www-form-urlencoded',
					'user-agent': userAgent,
				},
				body: 'grant_type=client_credentials',
				timeoutMs,
			},
			this.#clock,
		)
	}
}

function readGrant(answer: HttpAnswer): v.InferOutput<typeof ApiAnswer> {
	try {
		const result = v.safeParse(ApiAnswer, JSON.parse(answer.text))
		if (result.success) return result.output
	} catch {
		// Neither the parser's nor the schema's message may be shown: both quote the answer.
	}
	throw new ConnectionError('an answer without a token')
}

function refused(status: number): AppError {
	if (status === 403)
		return new AppError(
			'network',
			'reddit refuses to give a token (HTTP 403); check WHICHSUB_REDDIT_USERNAME, and whether the app or this network is blocked',
		)
	return new AppError(
		'bad-input',
		`reddit refuses the credentials (HTTP ${status}); compare client id and secret with https://www.reddit.com/prefs/apps`,
	)
}
