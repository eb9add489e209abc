// The browser tests: a real Chromium, the built page, the server of `npm start` with releases that each test makes.
import { availableParallelism } from 'node:os'
import { defineConfig } from '@playwright/test'
import { browserFlags, findBrowser, thisMachine } from './scripts/dev/find-browser.ts'

const executablePath = findBrowser(thisMachine())

export default defineConfig({
	testDir: 'tests/browser',
	testMatch: '**/*.test.ts',
	outputDir: 'test-results/browser',
	fullyParallel: true,
	forbidOnly: Boolean(process.env.CI),
	// Each is a browser with processes of its own: with more of them than this, memory is what they wait for.
	workers: Math.min(8, Math.max(2, availableParallelism())),
	// Only a test that fails waits for these. On a loaded machine a test takes ten times its usual time.
	timeout: 300_000,
	expect: { timeout: 60_000 },
	reporter: [['line'], ['json', { outputFile: 'test-results/browser.json' }]],
	use: {
		launchOptions: {
			args: browserFlags(),
			...(executablePath ? { executablePath } : {}),
		},
		// A new context and page for each test took half of the processor time. A test's site has a port, thus an origin, of its
		// own, so no storage is shared; Playwright resets the rest, but for permissions and `setOffline`. Files of tests that are
		// about storage, service workers or a first visit say `reuseContext: false`.
		reuseContext: true,
		// A test that is about it allows it: requests that it answers can't be looked at.
		serviceWorkers: 'block',
		// A trace of each test, kept only of those that fail, doubled the time of all: ask for it where one fails, with
		// `npm run test:browser -- --trace on FILTER`.
		trace: 'off',
		screenshot: 'only-on-failure',
	},
})
