// `npm test`: type checks, lint, import rules and dead code beside the unit tests, then the browser tests; closes with one
// count of tests.
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
// What the checks say is kept until the unit tests have said all of theirs. A broken check does not hide it.
const checking = runScript('check', { isKept: true })
const unit = await runScript('test:unit', {
	args: ['--reporter=default', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`],
})
const checks = await checking
process.stdout.write(`\n${checks.output}\n`)
const browser = await runScript('test:browser')
const reports = [
	await readRunnerReport('unit tests', UNIT_REPORT, VitestReport),
	await readRunnerReport('browser tests', BROWSER_REPORT, PlaywrightReport),
]
const steps = { checks, 'unit tests': unit, 'browser tests': browser }
const failedSteps = Object.entries(steps).flatMap(([name, { passed }]) => (passed ? [] : [name]))
process.stdout.write(`\n${formatTestSummary(reports, failedSteps)}\n`)
process.exitCode = failedSteps.length > 0 || reports.some(saysNothing) ? 1 : 0

interface ScriptOptions {
	readonly args?: readonly string[]
	/** Whether its output is returned in place of shown. */
	readonly isKept?: boolean
}

interface ScriptResult {
	readonly passed: boolean
	readonly output: string
}

function runScript(
	name: string,
	{ args = [], isKept = false }: ScriptOptions = {},
): Promise<ScriptResult> {
	const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
	const way = isKept ? 'pipe' : 'inherit'
	const child = spawn(npm, ['run', '--silent', name, '--', ...args], {
		cwd: ROOT,
		stdio: ['ignore', way, way],
		shell: process.platform === 'win32',
	})
	let output = ''
	for (const stream of [child.stdout, child.stderr])
		stream?.setEncoding('utf8').on('data', (text: string) => {
			output += text
		})
	return new Promise((done, fail) => {
		child.once('error', fail)
		child.once('close', (code) => done({ passed: code === 0, output }))
	})
}
