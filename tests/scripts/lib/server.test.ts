import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
