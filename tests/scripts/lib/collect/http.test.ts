import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withRealTime } from '../../../../scripts/lib/collect/clock.ts'
import { ConnectionError, exchange } from '../../../../scripts/lib/collect/http.ts'
import { processEffects } from '../../../../scripts/lib/effects.ts'

async function serve(listener: RequestListener): Promise<URL> {
	const server = createServer(listener)
	await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
	onTestFinished(() => {
		server.closeAllConnections()
		server.close()
	})
	return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

function get(url: URL, timeoutMs = 60_000, signal = new AbortController().signal) {
	const clock = withRealTime(processEffects({ dataDir: '', modelsDir: '' }, signal))
	return exchange(
		{ url, method: 'GET', headers: { authorization: 'bearer xyz' }, timeoutMs },
		clock,
	)
}

describe('exchange', () => {
	it('gives status, headers and the whole text', async () => {
		const url = await serve((_, response) => {
			response.writeHead(404, { 'x-test': 'yes' })
			response.write('Grüße ')
			setTimeout(() => response.end('🙂'), 20)
		})
		const answer = await get(url)
		expect(answer.status).toBe(404)
		expect(answer.headers.get('x-test')).toBe('yes')
		expect(answer.text).toBe('Grüße 🙂')
	})

	it('does not follow a redirect', async () => {
		let asked = 0
		const url = await serve((_, response) => {
			asked += 1
			response.writeHead(302, { location: '/elsewhere' })
			response.end()
		})
		expect((await get(url)).status).toBe(302)
		expect(asked).toBe(1)
	})

	it('gives up on a server that never answers', async () => {
		const url = await serve(() => {})
		await expect(get(url, 50)).rejects.toThrow('no answer in time')
	})

	it('gives up on a body that stops', async () => {
		const url = await serve((_, response) => response.write('{'))
		await expect(get(url, 50)).rejects.toThrow('no answer in time')
	})

	it('says what happened to a connection, and carries nothing else', async () => {
		const url = await serve((_, response) => response.socket?.destroy())
		const error = await get(url).catch((thrown: unknown) => thrown)
		expect(error).toBeInstanceOf(ConnectionError)
		expect((error as Error).message).toBe('connection closed')
		expect((error as Error).cause).toBeUndefined()
		await expect(get(new URL('http://127.0.0.1:1/'))).rejects.toThrow(/refused|failed/)
	})

	it('does not take an answer without end', async () => {
		const url = await serve((_, response) => {
			const chunk = Buffer.alloc(1 << 20)
			const more = () => {
				while (!response.destroyed && response.write(chunk));
				response.once('drain', more)
			}
			more()
		})
		await expect(get(url)).rejects.toThrow('an answer without end')
	})

	it('stops at once when asked', async () => {
		const stop = new AbortController()
		const url = await serve(() => stop.abort())
		await expect(get(url, 60_000, stop.signal)).rejects.toMatchObject({ code: 'aborted' })
	})
})
