// A server in front of another one that sends as slowly as a network would, to all connections together: what a browser slows down
// by itself does not reach its workers.
import { createServer, request as forward, type ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { RunningServer } from '../lib/server.ts'
import { listen } from './listen.ts'

const PIECE_BYTES = 16_384
/** A late timer is made up for; a pause is not. */
const MOST_BEHIND_MS = 50

/** @param to the address of the server behind it */
export async function startSlowServer(to: string, bytesPerSecond: number): Promise<RunningServer> {
	const pace = new Pace(bytesPerSecond)
	const server = createServer((request, response) => {
		const options = { method: request.method, headers: request.headers }
		const inner = forward(new URL(request.url ?? '/', to), options, (answer) => {
			response.writeHead(answer.statusCode ?? 500, answer.headers)
			// Who asked has gone where this fails.
			send(answer, response, pace).catch(() => response.destroy())
		})
		inner.on('error', () => response.destroy())
		request.pipe(inner)
	})
	return listen(server)
}

async function send(
	answer: AsyncIterable<Buffer>,
	response: ServerResponse,
	pace: Pace,
): Promise<void> {
	for await (const chunk of answer)
		for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
			const piece = chunk.subarray(at, at + PIECE_BYTES)
			await pace.passed(piece.length)
			response.write(piece)
		}
	response.end()
}

/** Lets bytes pass at a rate, one after the other. */
class Pace {
	readonly #bytesPerMs: number
	#freeAt = 0

	constructor(bytesPerSecond: number) {
		this.#bytesPerMs = bytesPerSecond / 1000
	}

	/** Until so many bytes more have passed. */
	async passed(bytes: number): Promise<void> {
		const now = performance.now()
		this.#freeAt = Math.max(this.#freeAt, now - MOST_BEHIND_MS) + bytes / this.#bytesPerMs
		if (this.#freeAt > now) await wait(this.#freeAt - now)
	}
}
