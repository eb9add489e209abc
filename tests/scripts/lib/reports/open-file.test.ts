import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFile } from '../../../../scripts/lib/reports/open-file.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

describe('openFile', () => {
	it.skipIf(process.platform === 'win32')(
		'starts the program of the desktop with the path as it is',
		async () => {
			const dir = await temporaryFolder()
			const told = join(dir, 'told')
			const program = join(dir, 'xdg-open')
			await writeFile(program, `#!/bin/sh\nprintf '%s' "$1" > '${told}'\n`)
			await chmod(program, 0o755)
			const env = { PATH: `${dir}:${process.env.PATH}`, DISPLAY: ':0' }
			expect(await openFile('/a b/$(c).html', { env }, 'linux')).toBe(true)
			await expect.poll(() => readFile(told, 'utf8').catch(() => '')).toBe('/a b/$(c).html')
		},
	)

	it('says that nothing opened where there is no screen, or no such program', async () => {
		expect(await openFile('/report.html', { env: {} }, 'linux')).toBe(false)
		const env = { PATH: await temporaryFolder(), DISPLAY: ':0' }
		expect(await openFile('/report.html', { env }, 'linux')).toBe(false)
	})
})
