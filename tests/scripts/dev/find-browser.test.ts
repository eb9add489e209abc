import { describe, expect, test } from 'vitest'
import { browserFlags, findBrowser, type Machine } from '../../../scripts/dev/find-browser.ts'

function machine(files: readonly string[], more: Partial<Machine> = {}): Machine {
	return {
		env: { PATH: '/usr/local/bin:/usr/bin' },
		platform: 'linux',
		playwrightPath: '/cache/chrome',
		exists: (path) => files.includes(path),
		...more,
	}
}

describe('findBrowser', () => {
	test('takes CHROMIUM_PATH before all', () => {
		const env = { CHROMIUM_PATH: '/my/chromium', PATH: '/usr/bin' }
		const files = ['/my/chromium', '/cache/chrome', '/usr/bin/chromium']
		expect(findBrowser(machine(files, { env }))).toBe('/my/chromium')
	})

	test('says so where CHROMIUM_PATH names none', () => {
		const env = { CHROMIUM_PATH: '/my/chromium' }
		expect(() => findBrowser(machine(['/cache/chrome'], { env }))).toThrow(
			'CHROMIUM_PATH is no browser: /my/chromium',
		)
	})

	test("takes Playwright's own before the system's", () => {
		expect(findBrowser(machine(['/cache/chrome', '/usr/bin/chromium']))).toBe('/cache/chrome')
	})

	test.each(['/usr/bin/chromium', '/usr/local/bin/google-chrome', '/usr/bin/chromium-browser'])(
		'finds %s on the PATH',
		(path) => {
			expect(findBrowser(machine([path]))).toBe(path)
		},
	)

	test('finds Chrome on macOS and on Windows', () => {
		const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
		expect(findBrowser(machine([mac], { platform: 'darwin' }))).toBe(mac)
		const windows = 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
		const env = { PROGRAMFILES: 'C:\\Program Files' }
		expect(findBrowser(machine([windows], { platform: 'win32', env }))).toBe(windows)
	})

	test('finds nothing where there is nothing', () => {
		expect(findBrowser(machine([]))).toBeNull()
	})
})

describe('browserFlags', () => {
	test('gives up the sandbox only as root', () => {
		expect(browserFlags(true)).toContain('--no-sandbox')
		expect(browserFlags(false)).not.toContain('--no-sandbox')
	})
})
