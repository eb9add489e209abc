// A local server that speaks Reddit's JSON: tokens, listings, rate limits, refusals; and misbehaves on demand.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RedditWorld, WorldSubreddit } from './reddit-world.ts'

export const CLIENT_ID = 'a-client-id-of-tests'
export const CLIENT_SECRET = 'a-very-secret-secret-of-tests'

const WINDOW_MS = 600_000

/** A way to misbehave, for one request. */
export type Fault =
	| { readonly kind: 'status'; readonly status: number; readonly headers?: Record<string, string> }
	/** A refusal as a firewall sends it: a page for people. */
	| { readonly kind: 'block-page'; readonly status: number }
	/** Never answers. */
	| { readonly kind: 'hang' }
	/** Sends headers and half a body, then nothing. */
	| { readonly kind: 'stall' }
	/** Closes the connection without a word. */
	| { readonly kind: 'drop' }
	/** Closes it within the body. */
	| { readonly kind: 'cut' }
	| { readonly kind: 'body'; readonly text: string; readonly status?: number }
	| { readonly kind: 'redirect'; readonly location: string }

export interface SeenRequest {
	readonly method: string
	readonly path: string
	readonly query: URLSearchParams
	readonly headers: IncomingMessage['headers']
	readonly body: string
	/** When it came, in milliseconds of the server's clock. */
	readonly at: number
}

export interface RedditServerOptions {
	readonly world: RedditWorld
	/** Milliseconds since 1970, on the clock that the collector sees. */
	readonly now?: () => number
	/** Requests in a window of ten minutes; null sends no rate-limit headers. */
	readonly rateLimit?: number | null
	readonly tokenSeconds?: number
	/** Told of each request that will never be answered to its end. */
	readonly onHang?: () => void
	/** Asked for each request, before anything else. */
	readonly fault?: (request: SeenRequest) => Fault | null
}

export class RedditServer {
	readonly requests: SeenRequest[] = []
	/** Told of each request when it comes. */
	onRequest: ((request: SeenRequest) => void) | null = null
	/** Requests beyond the rate limit. */
	violations = 0
	/** Requests with a token that had expired. */
	expired = 0
	tokens = 0
	/** Least requests that were left in any window. */
	leastLeft = Number.POSITIVE_INFINITY
	readonly options: RedditServerOptions
	readonly #server = createServer((request, response) => void this.#serve(request, response))
	readonly #validUntil = new Map<string, number>()
	#window = { start: 0, used: 0 }

	private constructor(options: RedditServerOptions) {
		this.options = options
	}

	static async start(options: RedditServerOptions): Promise<RedditServer> {
		const server = new RedditServer(options)
		await new Promise<void>((done) => server.#server.listen(0, '127.0.0.1', done))
		return server
	}

	get url(): URL {
		return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`)
	}

	/** How often each subreddit's posts were asked for. */
	asked(name: string): SeenRequest[] {
		return this.requests.filter(({ path }) => path === `/r/${name}/new`)
	}

	close(): Promise<void> {
		return new Promise((done) => {
			this.#server.close(() => done())
			this.#server.closeAllConnections()
		})
	}

	#now(): number {
		return this.options.now?.() ?? Date.now()
	}

	async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const seen = await this.#read(request)
		this.requests.push(seen)
		this.onRequest?.(seen)
		if (seen.method === 'GET') this.#countRequest(response)
		const fault = this.options.fault?.(seen)
		if (fault?.kind === 'hang' || fault?.kind === 'stall') this.options.onHang?.()
		if (fault) return misbehave(fault, response)
		if (seen.path === '/api/v1/access_token') return this.#grant(seen, response)
		if (!this.#isAuthorized(seen)) return sendJson(response, 401, refusal(401, 'Unauthorized'))
		if (response.getHeader('x-over') !== undefined)
			return sendJson(response, 429, refusal(429, 'Too Many Requests'))
		this.#answer(seen, response)
	}

	async #read(request: IncomingMessage): Promise<SeenRequest> {
		let body = ''
		for await (const chunk of request) body += chunk
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
		const { method = '', headers } = request
		return { method, path: pathname, query: searchParams, headers, body, at: this.#now() }
	}

	#countRequest(response: ServerResponse): void {
		const { rateLimit = 1_000 } = this.options
		if (rateLimit === null) return
		const now = this.#now()
		if (now - this.#window.start >= WINDOW_MS) this.#window = { start: now, used: 0 }
		this.#window.used += 1
		const left = rateLimit - this.#window.used
		if (left < 0) {
			this.violations += 1
			response.setHeader('x-over', '1')
		}
		this.leastLeft = Math.min(this.leastLeft, left)
		const reset = Math.max(0, Math.floor((this.#window.start + WINDOW_MS - now) / 1000))
		response.setHeader('x-ratelimit-remaining', Math.max(0, left).toFixed(1))
		response.setHeader('x-ratelimit-used', String(this.#window.used))
		response.setHeader('x-ratelimit-reset', String(reset))
	}

	#grant(seen: SeenRequest, response: ServerResponse) {
		const basic = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')
		if (seen.headers.authorization !== `Basic ${basic}`)
			return sendJson(response, 401, refusal(401, 'Unauthorized'))
		if (seen.body !== 'grant_type=client_credentials')
			return sendJson(response, 200, { error: 'unsupported_grant_type' })
		this.tokens += 1
		const { tokenSeconds = 86_400 } = this.options
		const token = `token-${this.tokens}-secret`
		this.#validUntil.set(token, this.#now() + tokenSeconds * 1000)
		sendJson(response, 200, {
			access_token: token,
			token_type: 'bearer',
			expires_in: tokenSeconds,
			scope: '*',
		})
	}

	/** Makes every token that was given worthless. */
	revokeTokens(): void {
		this.#validUntil.clear()
	}

	#isAuthorized({ headers }: SeenRequest): boolean {
		const token = headers.authorization?.replace(/^bearer /i, '') ?? ''
		const until = this.#validUntil.get(token)
		if (until !== undefined && this.#now() >= until) this.expired += 1
		return until !== undefined && this.#now() < until
	}

	#answer({ path, query }: SeenRequest, response: ServerResponse) {
		const { world } = this.options
		const after = query.get('after')
		const limit = Math.min(100, Number(query.get('limit') ?? 25))
		if (path === '/subreddits/popular')
			return sendListing(response, world.listPopular(after, limit))
		if (path === '/api/info')
			return sendListing(response, world.info((query.get('id') ?? '').split(',')))
		const name = /^\/r\/([^/]+)\/new$/.exec(path)?.[1]
		if (name === undefined) return sendJson(response, 404, refusal(404, 'Not Found'))
		const subreddit = world.find(decodeURIComponent(name))
		if (!subreddit || subreddit.trouble === 'missing')
			return sendRedirect(response, `/subreddits/search?q=${name}`)
		if (subreddit.movedTo !== undefined)
			return sendRedirect(response, `/r/${subreddit.movedTo}/new?limit=${limit}`)
		if (subreddit.trouble !== undefined) return refuse(subreddit, response)
		sendListing(response, world.listPosts(subreddit, after, limit))
	}
}

function refuse({ trouble }: WorldSubreddit, response: ServerResponse) {
	if (trouble === 'not-found') return sendJson(response, 404, refusal(404, 'Not Found'))
	const status = trouble === 'banned' ? 404 : 403
	const message = status === 404 ? 'Not Found' : 'Forbidden'
	sendJson(response, status, { reason: trouble, ...refusal(status, message) })
}

function refusal(error: number, message: string) {
	return { message, error }
}

function sendJson(response: ServerResponse, status: number, json: unknown) {
	response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' })
	response.end(JSON.stringify(json))
}

function sendListing(response: ServerResponse, data: object) {
	sendJson(response, 200, { kind: 'Listing', data: { before: null, modhash: '', ...data } })
}

function sendRedirect(response: ServerResponse, location: string) {
	response.writeHead(302, { location })
	response.end()
}

function misbehave(fault: Fault, response: ServerResponse) {
	switch (fault.kind) {
		case 'status':
			for (const [name, value] of Object.entries(fault.headers ?? {}))
				response.setHeader(name, value)
			return sendJson(response, fault.status, refusal(fault.status, 'Sorry'))
		case 'block-page':
			response.writeHead(fault.status, { 'content-type': 'text/html' })
			response.end('<html><body>whoa there, pardner!</body></html>')
			return
		case 'hang':
			return
		case 'stall':
			response.writeHead(200, { 'content-type': 'application/json' })
			response.write('{"kind": "Listing", "data": {')
			return
		case 'drop':
			response.socket?.destroy()
			return
		case 'cut':
			response.writeHead(200, { 'content-length': '10000' })
			response.write('{"kind": "Listing"', () => response.socket?.destroy())
			return
		case 'body':
			response.writeHead(fault.status ?? 200, { 'content-type': 'application/json' })
			response.end(fault.text)
			return
		case 'redirect':
			return sendRedirect(response, fault.location)
	}
}
