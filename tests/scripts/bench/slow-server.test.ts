import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startSlowServer } from '../../../scripts/bench/slow-server.ts'

const BODY = Buffer.alloc(100_000, 'whichsub')
const ends: (() => unknown)[] = []

afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end()
})

async function startBoth(bytesPerSecond: number): Promise<string> {
	const inner = createServer((request, response) => {
		if (request.url === '/cut') response.write('half', () => response.destroy())
		else response.writeHead(request.method === 'GET' ? 200 : 405, { 'X-Own': 'kept' }).end(BODY)
	})
	await new Promise<void>((done) => inner.listen(0, 'localhost', done))
	ends.push(() => inner.close())
	const slow = await startSlowServer(
		`http://localhost:${(inner.address() as AddressInfo).port}/`,
		bytesPerSecond,
	)
	ends.push(() => slow.close())
	return slow.url
}

async function fetchBytes(url: string): Promise<Buffer> {
	return Buffer.from(await (await fetch(url)).arrayBuffer())
}

describe('startSlowServer', () => {
	it('passes on what the server behind it says, byte for byte', async () => {
		const url = await startBoth(100_000_000)
		const answer = await fetch(url)
		expect([answer.status, answer.headers.get('x-own')]).toEqual([200, 'kept'])
		expect(BODY.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
		expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405)
	})

	it('sends no faster than it was told, over all connections together', async () => {
		const url = await startBoth(1_000_000)
		const start = performance.now()
		await Promise.all([fetchBytes(url), fetchBytes(url), fetchBytes(url)])
		// 300 ms for 300 kB, of which a late timer may make up 50.
		expect(performance.now() - start).toBeGreaterThanOrEqual(249)
	})

	it('breaks where the server behind it breaks', async () => {
		const url = await startBoth(1_000_000)
		await expect(fetchBytes(`${url}cut`)).rejects.toThrow()
		expect(await fetchBytes(url)).toHaveLength(BODY.length)
	})
})
