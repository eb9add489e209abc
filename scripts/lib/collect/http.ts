// One HTTP exchange: a deadline, a limit on the answer's size, no redirect followed, and errors that carry no header.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Clock } from './clock.ts'

// A hundred posts with the longest texts that Reddit allows are about 16 MB.
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export interface HttpRequest {
	readonly url: URL
	readonly method: 'GET' | 'POST'
	readonly headers: Readonly<Record<string, string>>
	readonly body?: string
	/** For the whole exchange, the answer's body included. */
	readonly timeoutMs: number
}

export interface HttpAnswer {
	readonly status: number
	readonly headers: Headers
	readonly text: string
}

/**
 * The exchange did not end with a whole answer; worth another try. No cause on purpose: the request that failed
 * carried a secret, and nothing that hangs on an error may show it.
 */
export class ConnectionError extends Error {
	override readonly name = 'ConnectionError'
}

/**
 * Redirects come back as they are: following one could carry the token to another host.
 *
 * @throws ConnectionError where no whole answer came in time
 * @throws AppError `aborted`
 */
export async function exchange(request: HttpRequest, clock: Clock): Promise<HttpAnswer> {
	// Not AbortSignal.any: it leaves something on the long-lived signal for each of a night's 50,000 requests.
	const over = new AbortController()
	const stop = () => over.abort()
	clock.signal.addEventListener('abort', stop, { once: true })
	let isLate = false
	const deadline = clock.sleep(request.timeoutMs, over.signal).then(
		() => {
			isLate = true
			over.abort()
		},
		() => {},
	)
	try {
		return await send(request, over.signal)
	} catch (error) {
		if (clock.signal.aborted) throw new AppError('aborted', 'stopped on request')
		if (error instanceof ConnectionError) throw error
		throw new ConnectionError(isLate ? 'no answer in time' : describeError(error))
	} finally {
		clock.signal.removeEventListener('abort', stop)
		over.abort()
		await deadline
	}
}

async function send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
	const { url, method, headers, body = null } = request
	const response = await fetch(url, { method, headers, body, redirect: 'manual', signal })
	return { status: response.status, headers: response.headers, text: await readText(response) }
}

async function readText(response: Response): Promise<string> {
	if (!response.body) return ''
	const reader = response.body.getReader()
	const chunks: Uint8Array[] = []
	let bytes = 0
	for (let read = await reader.read(); !read.done; read = await reader.read()) {
		bytes += read.value.byteLength
		if (bytes > MAX_ANSWER_BYTES) throw new ConnectionError('an answer without end')
		chunks.push(read.value)
	}
	return Buffer.concat(chunks).toString('utf8')
}

const CAUSES: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'connection refused',
	ECONNRESET: 'connection reset',
	ENOTFOUND: 'host not found',
	EAI_AGAIN: 'host not found for now',
	ETIMEDOUT: 'connection timed out',
	UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
	UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
	UND_ERR_BODY_TIMEOUT: 'no answer in time',
	UND_ERR_SOCKET: 'connection closed',
}

// Only words of our own: the message of an unknown error may quote what was sent.
function describeError(error: unknown): string {
	const cause = error instanceof Error ? (error.cause ?? error) : undefined
	const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ''
	return CAUSES[code] ?? (/^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : 'connection failed')
}
