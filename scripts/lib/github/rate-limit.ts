// GitHub's limits of how often it is asked: recognised, and how long they want one to wait. Pure.

/** What an answer without a word about the time wants, the first time; twice as much each time after. */
const DEFAULT_WAIT_MS = 60_000

export interface RateLimit {
	/** As in `secondary rate limit`. */
	readonly name: string
	readonly waitMs: number
}

/** What the library throws for an answer that is an error. */
interface FailedRequest {
	readonly status?: number
	readonly message?: string
	readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> }
}

/**
 * Null for any other failure.
 *
 * Source: "Rate limits for the REST API", GitHub's documentation: a refusal has status 403 or 429, as a missing permission has
 * 403, too; `retry-after` says how long to wait, else `x-ratelimit-reset` says until when where nothing remains.
 *
 * @param tries how often this request was refused before
 */
export function readRateLimit(error: unknown, now: Date, tries: number): RateLimit | null {
	const { status, message = '', response } = (error ?? {}) as FailedRequest
	if (status !== 403 && status !== 429) return null
	const headers = response?.headers ?? {}
	const retryAfter = headers['retry-after']
	const isUsedUp = String(headers['x-ratelimit-remaining']) === '0'
	const isSaid = /rate limit|abuse detection/i.test(message)
	if (retryAfter === undefined && !isUsedUp && !isSaid && status === 403) return null
	const name = isUsedUp && retryAfter === undefined ? 'rate limit' : 'secondary rate limit'
	const reset = isUsedUp ? Number(headers['x-ratelimit-reset']) * 1000 - now.getTime() : Number.NaN
	const waits = [parseRetryAfter(retryAfter, now), reset, DEFAULT_WAIT_MS * 2 ** tries]
	return { name, waitMs: Math.max(0, waits.find(Number.isFinite) ?? 0) }
}

/** Seconds, or a date. */
function parseRetryAfter(header: string | number | undefined, now: Date): number {
	if (header === undefined || header === '') return Number.NaN
	const seconds = Number(header)
	return Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(header)) - now.getTime()
}
