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
})
