// `npm test`: type checks, lint, import rules, dead code, unit tests, browser tests; closes with one count of tests.
import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { Count } from '../../src/shared/schema-parts.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const UNIT_REPORT = resolve(ROOT, 'test-results/unit.json')
const BROWSER_REPORT = resolve(ROOT, 'test-results/browser.json')

interface Tally {
	readonly passed: number
	readonly failed: number
	readonly skipped: number
}

const VitestReport = v.pipe(
	v.object({ numPassedTests: Count, numFailedTests: Count, numPendingTests: Count }),
	v.transform(
		(report): Tally => ({
			passed: report.numPassedTests,
			failed: report.numFailedTests,
			skipped: report.numPendingTests,
		}),
	),
)

const PlaywrightReport = v.pipe(
	v.object({
		stats: v.object({ expected: Count, unexpected: Count, skipped: Count, flaky: Count }),
	}),
	v.transform(
		({ stats }): Tally => ({
			passed: stats.expected + stats.flaky,
			failed: stats.unexpected,
			skipped: stats.skipped,
		}),
	),
)

await rm(resolve(ROOT, 'test-results'), { recursive: true, force: true })
const checks = await runScript('check')
// A broken check does not hide what the tests say.
const unit = await runScript('test:unit', [
	'--reporter=default',
	'--reporter=json',
	`--outputFile.json=${UNIT_REPORT}`,
])
const browser = await runScript('test:browser')
const tallies = [
	await readTally(UNIT_REPORT, VitestReport),
	await readTally(BROWSER_REPORT, PlaywrightReport),
]
printSummary(tallies, { checks, 'unit tests': unit, 'browser tests': browser })

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

/** The counts of a report, or null where its runner did not get far enough to write one. */
async function readTally(
	path: string,
	schema: v.GenericSchema<unknown, Tally>,
): Promise<Tally | null> {
	try {
		return v.parse(schema, JSON.parse(await readFile(path, 'utf8')))
	} catch {
		return null
	}
}

function printSummary(
	tallies: readonly (Tally | null)[],
	steps: Readonly<Record<string, boolean>>,
): void {
	const failedSteps = Object.keys(steps).filter((name) => !steps[name])
	const noReport = tallies.some((tally) => tally === null || tally.passed === 0)
	const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + (tally?.[key] ?? 0), 0)
	const lines = [
		...(failedSteps.length > 0 ? [`failed: ${failedSteps.join(', ')}`] : []),
		...(noReport ? ['failed: a test runner reported no passed test'] : []),
		`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
	]
	process.stdout.write(`\n${lines.join('\n')}\n`)
	process.exitCode = failedSteps.length > 0 || noReport ? 1 : 0
}
