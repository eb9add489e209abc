// `npm test`: type checks, lint, import rules, dead code, unit tests, browser tests; closes with one count of tests.
import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import {
	formatTestSummary,
	PlaywrightReport,
	saysNothing,
	type TestReport,
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
	await readReport(UNIT_REPORT, VitestReport),
	await readReport(BROWSER_REPORT, PlaywrightReport),
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

/** What a runner reported, or null where it did not get far enough to write a report. */
async function readReport(
	path: string,
	schema: v.GenericSchema<unknown, TestReport>,
): Promise<TestReport | null> {
	try {
		return v.parse(schema, JSON.parse(await readFile(path, 'utf8')))
	} catch {
		return null
	}
}
