// `npm run test:browser [-- FILTER…]`: finds a browser, builds the page where it changed, runs the browser tests.
import { AppError } from '../../src/shared/app-error.ts'
import { ensurePageBuilt, runTool } from './build-page.ts'
import { ensureBrowser } from './find-browser.ts'

try {
	const browser = ensureBrowser((text) => process.stderr.write(`${text}\n`))
	await ensurePageBuilt()
	runTool('npx', ['playwright', 'test', ...process.argv.slice(2)], { CHROMIUM_PATH: browser })
} catch (error) {
	if (!(error instanceof AppError)) throw error
	process.stderr.write(`${error.message}\n`)
	process.exitCode = 1
}
