// GitHub's REST API, with the token and the repository that a job of GitHub Actions has in its environment.
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from '@octokit/request'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { formatSeconds } from '../progress.ts'

const DEFAULT_API_URL = 'https://api.github.com'
const TIMEOUT_MS = 30_000
/** For all of its waits a request gets so long: GitHub counts by the hour. */
const LONGEST_WAIT_MS = 65 * 60_000

const RepositoryName = v.pipe(
	v.string('is not set; a job of GitHub Actions has it'),
	v.regex(/^[A-Za-z0-9][\w-]*\/[\w.-]+$/, 'expected owner/name'),
)

export interface GitHub {
	readonly owner: string
	readonly repo: string
	/**
	 * One request. `{owner}` and `{repo}` in the route are filled in. A rate limit is waited for.
	 *
	 * @param route as GitHub's documentation writes it: `GET /repos/{owner}/{repo}/pulls`
	 * @returns the answer's body, unchecked
	 * @throws AppError `network` where no answer came, `server` for an answer that is an error
	 */
	call(route: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>
}

type GitHubEffects = Pick<Effects, 'env' | 'err' | 'now' | 'signal'>

/** @throws AppError `bad-input` outside a job that has a token */
export function openGitHub(effects: GitHubEffects): GitHub {
	const { env } = effects
	const token = env.GITHUB_TOKEN
	if (!token)
		throw new AppError(
			'bad-input',
			'GITHUB_TOKEN is not set; run this in a workflow, or give it a token of your own',
		)
	const name = parseWith(RepositoryName, env.GITHUB_REPOSITORY, 'GITHUB_REPOSITORY')
	const [owner = '', repo = ''] = name.split('/')
	const send = request.defaults({
		baseUrl: parseApiUrl(env.GITHUB_API_URL ?? DEFAULT_API_URL),
		headers: { authorization: `token ${token}`, 'user-agent': 'whichsub' },
		owner,
		repo,
	})
	return { owner, repo, call: (route, parameters) => call({ send, route, parameters }, effects) }
}

interface Call {
	readonly send: typeof request
	readonly route: string
	readonly parameters?: Readonly<Record<string, unknown>> | undefined
}

async function call({ send, route, parameters }: Call, effects: GitHubEffects): Promise<unknown> {
	const { signal, now } = effects
	let waited = 0
	for (let tries = 0; ; tries += 1) {
		const deadline = AbortSignal.timeout(TIMEOUT_MS)
		try {
			const options = { ...parameters, request: { signal: AbortSignal.any([signal, deadline]) } }
			return (await send(route, options)).data
		} catch (error) {
			throwIfAborted(effects)
			const limit = readRateLimit(error, now(), tries)
			if (!limit) throw describeFailure(route, error)
			// At least a second, so that a limit that asks for none can't be asked for ever.
			waited += Math.max(1000, limit.waitMs)
			await waitForLimit(route, limit, waited, effects)
		}
	}
}

async function waitForLimit(
	route: string,
	{ name, waitMs }: RateLimit,
	waited: number,
	effects: GitHubEffects,
): Promise<void> {
	const until = new Date(effects.now().getTime() + waitMs).toISOString().slice(0, 19)
	if (waited > LONGEST_WAIT_MS)
		throw new AppError(
			'server',
			`GitHub's ${name} is reached: ${route}; run it again after ${until}Z`,
		)
	effects.err(
		`waiting ${formatSeconds(waitMs / 1000)}, until ${until}Z: GitHub's ${name} is reached (${route})`,
	)
	await sleep(waitMs, undefined, { signal: effects.signal }).catch(() => {})
	throwIfAborted(effects)
}

/** What an answer without a word about the time wants, the first time; twice as much each time after. */
const DEFAULT_WAIT_MS = 60_000

interface RateLimit {
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
function readRateLimit(error: unknown, now: Date, tries: number): RateLimit | null {
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

/** The token goes to this address: it is encrypted on its way, or never leaves the machine. */
function parseApiUrl(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : null
	const isLocal = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
	if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal))
		return text.replace(/\/+$/, '')
	throw new AppError('bad-input', `GITHUB_API_URL: ${text}; expected an https: address`)
}

// No cause on purpose: the request that failed carried the token, and nothing that hangs on an error may show it.
function describeFailure(route: string, error: unknown): AppError {
	const { status, message } = error as { readonly status?: number; readonly message?: string }
	// The library gives what never got an answer status 500, too, but without a response.
	const answered = typeof error === 'object' && error !== null && 'response' in error
	if (answered && typeof status === 'number' && error.response)
		return new AppError(
			'server',
			`GitHub answered ${status} to ${route}: ${message}${hint(status)}`,
		)
	return new AppError('network', `no answer from GitHub to ${route}: ${message}; run it again`)
}

function hint(status: number): string {
	if (status === 401 || status === 403)
		return '; give the job the permission that it needs (docs/workflows.md)'
	return status >= 500 ? '; run it again' : ''
}
