import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../../../scripts/main.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

async function run(...args: string[]) {
	const err: string[] = []
	const code = await main(['serve', ...args], { out: () => {}, err: (text) => err.push(text) })
	return { code, err: err.join('\n') }
}

describe('serve', () => {
	it.each(['99999', '-1', '1.5', 'http', ''])('says which ports there are: %j', async (port) => {
		const { code, err } = await run('--port', port)
		expect(code).toBe(2)
		expect(err).toContain('Expected a port from 1 to 65535')
	})

	it('says how to build the page where there is none', async () => {
		const { code, err } = await run('--dist', await temporaryFolder())
		expect(code).toBe(1)
		expect(err).toMatch(/^whichsub: no built page in .*; run: npm run build$/)
	})

	it.each([
		[[], 200],
		[['--no-api'], 404],
	])('has the API unless told otherwise: %j', async (flags, status) => {
		const dist = await temporaryFolder()
		await writeFile(join(dist, 'index.html'), '')
		const controller = new AbortController()
		const served = new Promise<string>((done) => {
			const effects = { out: done, err: () => {}, signal: controller.signal }
			void main(['serve', '--port', '0', '--dist', dist, ...flags], effects)
		})
		const [url = ''] = /http:\S+/.exec(await served) ?? []
		expect((await fetch(`${url}api/openapi.json`)).status).toBe(status)
		controller.abort()
	})
})
