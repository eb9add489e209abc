// `npm test`: type checks, lint, import rules, dead code, unit tests, browser tests; closes with one count of tests.
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
	formatTestSummary,
	PlaywrightReport,
	readRunnerReport,
	saysNothing,
	VitestReport,
} from './test-reports.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const UNIT_REPORT = resolve(ROOT, 'test-results/unit.json')
const BROWSER_REPORT = resolve(ROOT, 'test-results/browser.json')

await rm(resolve(ROOT, 'test-results'), { recursive: true, force: true })
const checks = await runScript('check')
// A broken check does not hide what the tests say.
const unit = await runScript('test:unit', [
	'--reporter=default',
	'--reporter=json',
	`--outputFile.json=${UNIT_REPORT}`,
])
const browser = await runScript('test:browser')
const reports = [
	await readRunnerReport('unit tests', UNIT_REPORT, VitestReport),
	await readRunnerReport('browser tests', BROWSER_REPORT, PlaywrightReport),
]
const steps = { checks, 'unit tests': unit, 'browser tests': browser }
const failedSteps = Object.entries(steps).flatMap(([name, passed]) => (passed ? [] : [name]))
process.stdout.write(`\n${formatTestSummary(reports, failedSteps)}\n`)
process.exitCode = failedSteps.length > 0 || reports.some(saysNothing) ? 1 : 0

function runScript(name: string, args: readonly string[] = []): Promise<boolean> {
	const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
	const child = spawn(npm, ['run', '--silent', name, '--', ...args], {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		shell: process.platform === 'win32',
	})
	return new Promise((done, fail) => {
		child.once('error', fail)
		child.once('close', (code) => done(code === 0))
	})
}
