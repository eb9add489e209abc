import { mkdir, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startServer } from '../../../scripts/lib/server.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

async function serve() {
	const dir = await temporaryFolder()
	const [distDir, modelsDir] = [join(dir, 'dist'), join(dir, 'models')]
	await mkdir(join(distDir, 'assets'), { recursive: true })
	await mkdir(join(modelsDir, '20130601.0'), { recursive: true })
	await writeFile(join(distDir, 'index.html'), '<title>page</title>')
	await writeFile(join(distDir, 'assets/page-abc.js'), '')
	await writeFile(join(modelsDir, 'releases.json'), '{}')
	await writeFile(join(modelsDir, '20130601.0/model.ftz.gzip'), new Uint8Array([31, 139, 8]))
	const server = await startServer({ distDir, modelsDir, port: 0 })
	onTestFinished(() => server.close())
	return { server, distDir, modelsDir }
}

/** Without the headers that `fetch` adds of its own. */
async function get(url: string, headers: Record<string, string>) {
	const response = await new Promise<IncomingMessage>((done, fail) => {
		request(url, { headers }, done).on('error', fail).end()
	})
	const body = await buffer(response)
	return {
		status: response.statusCode ?? 0,
		headers: new Headers(response.headers as Record<string, string>),
		body,
	}
}

describe('startServer', () => {
	it('sends the Content-Security-Policy with the page and with nothing inline allowed', async () => {
		const { server } = await serve()
		const response = await fetch(server.url)
		const policy = response.headers.get('content-security-policy')
		expect(await response.text()).toBe('<title>page</title>')
		expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';")
		expect(policy).not.toContain("'unsafe-")
		expect(response.headers.get('x-content-type-options')).toBe('nosniff')
	})

	it('sends the security headers with every answer, of models and of what is not there too', async () => {
		const { server } = await serve()
		const page = await fetch(server.url)
		const known = { 'if-none-match': page.headers.get('etag') ?? '' }
		const answers = [
			page,
			await get(server.url, known),
			await fetch(`${server.url}models/releases.json`),
			await fetch(`${server.url}nothing.js`),
			await fetch(`${server.url}models/nothing.json`),
			await fetch(server.url, { method: 'POST' }),
		]
		expect(answers.map(({ status }) => status)).toEqual([200, 304, 200, 404, 404, 405])
		for (const { headers } of answers) {
			expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
			expect(headers.get('x-content-type-options')).toBe('nosniff')
			expect(headers.get('referrer-policy')).toBe('no-referrer')
		}
	})

	it('answers 405 to what is neither GET nor HEAD', async () => {
		const { server } = await serve()
		for (const path of ['', 'models/releases.json', 'nothing.js'])
			for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
				const response = await fetch(server.url + path, { method })
				expect(response.status).toBe(405)
				expect(response.headers.get('allow')).toBe('GET, HEAD')
			}
		const head = await fetch(server.url, { method: 'HEAD' })
		expect([head.status, await head.text()]).toEqual([200, ''])
	})

	it('lets releases.json and the page be asked for each time, the rest be kept for ever', async () => {
		const { server } = await serve()
		const caching = async (path: string) => {
			const response = await fetch(server.url + path)
			expect(response.status).toBe(200)
			return response.headers.get('cache-control')
		}
		expect(await caching('')).toBe('no-cache')
		expect(await caching('models/releases.json')).toBe('no-cache')
		expect(await caching('assets/page-abc.js')).toContain('immutable')
		expect(await caching('models/20130601.0/model.ftz.gzip')).toContain('immutable')
	})

	it('sends a packed model as it is, without a Content-Encoding that a browser would undo', async () => {
		const { server } = await serve()
		const response = await fetch(`${server.url}models/20130601.0/model.ftz.gzip`)
		expect(response.headers.get('content-encoding')).toBeNull()
		expect(response.headers.get('content-type')).toBe('application/octet-stream')
		expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([31, 139, 8]))
	})

	it('serves a channel change at once', async () => {
		const { server, modelsDir } = await serve()
		await writeFile(join(modelsDir, 'releases.json'), '{"schema":1}')
		const response = await fetch(`${server.url}models/releases.json`)
		expect(await response.text()).toBe('{"schema":1}')
	})

	it('answers 404 for what is not there and never leaves its folders', async () => {
		const { server } = await serve()
		for (const path of ['nothing.js', 'models/nothing.json', 'models/..%2f..%2fetc/passwd'])
			expect((await fetch(server.url + path)).status).toBe(404)
	})

	it('sends the smallest form that the client takes, and says which', async () => {
		const { server, distDir } = await serve()
		const script = join(distDir, 'assets/page-abc.js')
		await writeFile(`${script}.br`, brotliCompressSync('br'))
		await writeFile(`${script}.gz`, gzipSync('gz'))
		const encodingOf = async (accepted: string) => {
			const { status, headers } = await get(`${server.url}assets/page-abc.js`, {
				'accept-encoding': accepted,
			})
			expect([status, headers.get('vary')]).toEqual([200, 'Accept-Encoding'])
			expect(headers.get('content-type')).toMatch(/^text\/javascript/)
			expect(headers.get('cache-control')).toContain('immutable')
			return headers.get('content-encoding')
		}
		expect(await encodingOf('gzip, deflate, br')).toBe('br')
		expect(await encodingOf('gzip')).toBe('gzip')
		expect(await encodingOf('br;q=0, gzip')).toBe('gzip')
		expect(await encodingOf('identity')).toBeNull()
		// What it unpacks is the file of that form, not the one beside it.
		expect(await (await fetch(`${server.url}assets/page-abc.js`)).text()).toBe('gz')
	})

	it('answers a request for a part with the whole', async () => {
		const { server } = await serve()
		for (const range of [
			'bytes=5-2',
			'bytes=-5',
			'bytes=0-0',
			'bytes=99-',
			'bytes=x-y',
			'rows=1-2',
		]) {
			const { status, body } = await get(server.url, { range })
			expect([status, body.toString()], range).toEqual([200, '<title>page</title>'])
		}
	})

	it('stays up for a file that can not be read', async () => {
		const { server, modelsDir } = await serve()
		await mkdir(join(modelsDir, 'folder.json'))
		expect((await fetch(`${server.url}models/folder.json`)).status).toBe(404)
		expect((await fetch(server.url)).status).toBe(200)
	})

	it('says which port is taken', async () => {
		const { server, distDir, modelsDir } = await serve()
		const port = Number(new URL(server.url).port)
		await expect(startServer({ distDir, modelsDir, port })).rejects.toThrow(
			`port ${port} is not free; choose another with --port`,
		)
	})

	it('says how to build where the page is not built', async () => {
		const dir = await temporaryFolder()
		await expect(startServer({ distDir: dir, modelsDir: dir, port: 0 })).rejects.toThrow(
			'npm run build',
		)
	})
})
