// What the test runners' JSON reports say: how many tests passed, and which failed why.
import { readFile } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import * as v from 'valibot'
import { errorMessage } from '../../src/shared/app-error.ts'
import { Count } from '../../src/shared/schema-parts.ts'

/** The lines of a failure's message that are repeated at the end: enough for a property's counterexample and seed. */
const MESSAGE_LINES = 12

export interface TestFailure {
	/** The file and the test's whole name. */
	readonly test: string
	/** The start of what the runner said. */
	readonly message: string
}

export interface TestReport {
	readonly passed: number
	readonly failed: number
	readonly skipped: number
	readonly failures: readonly TestFailure[]
}

const VitestFile = v.object({
	name: v.string(),
	status: v.string(),
	message: v.optional(v.string(), ''),
	assertionResults: v.array(
		v.object({
			fullName: v.string(),
			status: v.string(),
			failureMessages: v.nullish(v.array(v.string()), []),
		}),
	),
})
type VitestFile = v.InferOutput<typeof VitestFile>

/** A runner's report; null where it did not get far enough to write one. */
export interface RunnerReport {
	/** As in `unit tests`. */
	readonly runner: string
	readonly report: TestReport | null
	/** Why the report that is there can't be read. */
	readonly problem?: string
}

/** Reads what a runner wrote. */
export async function readRunnerReport(
	runner: string,
	path: string,
	schema: v.GenericSchema<unknown, TestReport>,
): Promise<RunnerReport> {
	try {
		return { runner, report: v.parse(schema, JSON.parse(await readFile(path, 'utf8'))) }
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { runner, report: null }
		return { runner, report: null, problem: describeProblem(error) }
	}
}

/** On one line; of what a schema refuses the place, too. */
function describeProblem(error: unknown): string {
	const place = error instanceof v.ValiError ? v.getDotPath(error.issues[0]) : null
	return `${place ? `${place}: ` : ''}${errorMessage(error).replaceAll(/\s+/g, ' ')}`
}

/** Vitest's JSON report (https://vitest.dev/guide/reporters#json-reporter). */
export const VitestReport = v.pipe(
	v.object({
		numPassedTests: Count,
		numFailedTests: Count,
		numPendingTests: Count,
		testResults: v.array(VitestFile),
	}),
	v.transform(
		(report): TestReport => ({
			passed: report.numPassedTests,
			failed: report.numFailedTests,
			skipped: report.numPendingTests,
			failures: report.testResults.flatMap(failuresOfFile),
		}),
	),
)

/** The failed tests of one file; the file itself where none of its tests did, such as one that can't be imported. */
function failuresOfFile(file: VitestFile): TestFailure[] {
	const failures = file.assertionResults
		.filter((test) => test.status === 'failed')
		.map((test) => failure(`${file.name} › ${test.fullName}`, test.failureMessages ?? []))
	if (failures.length > 0 || file.status !== 'failed') return failures
	return [failure(file.name, [file.message])]
}

const Spec = v.object({
	title: v.string(),
	file: v.string(),
	line: Count,
	ok: v.boolean(),
	tests: v.array(
		v.object({
			results: v.array(
				v.object({
					errors: v.optional(v.array(v.object({ message: v.optional(v.string(), '') })), []),
				}),
			),
		}),
	),
})

interface Suite {
	readonly title: string
	readonly specs: readonly v.InferOutput<typeof Spec>[]
	readonly suites?: readonly Suite[] | undefined
}

const SuiteSchema: v.GenericSchema<unknown, Suite> = v.object({
	title: v.string(),
	specs: v.array(Spec),
	suites: v.optional(v.array(v.lazy(() => SuiteSchema))),
})

/** Playwright's JSON report (https://playwright.dev/docs/test-reporters#json-reporter). */
export const PlaywrightReport = v.pipe(
	v.object({
		stats: v.object({ expected: Count, unexpected: Count, skipped: Count, flaky: Count }),
		suites: v.array(SuiteSchema),
		errors: v.optional(v.array(v.object({ message: v.optional(v.string(), '') })), []),
	}),
	v.transform(
		({ stats, suites, errors }): TestReport => ({
			passed: stats.expected + stats.flaky,
			failed: stats.unexpected,
			skipped: stats.skipped,
			failures: [
				...suites.flatMap((suite) => failuresOfSuite(suite, [])),
				...errors.map(({ message }) => failure('the browser tests as a whole', [message])),
			],
		}),
	),
)

/** @param around the names of the suites that it is in, outermost first */
function failuresOfSuite(suite: Suite, around: readonly string[]): TestFailure[] {
	const names = [...around, suite.title]
	const own = suite.specs
		.filter((spec) => !spec.ok)
		.map((spec) =>
			failure(
				// The outermost suite is the file.
				[
					`${spec.file}:${spec.line}`,
					...names.filter((name) => name !== spec.file),
					spec.title,
				].join(' › '),
				spec.tests.flatMap(({ results }) =>
					results.flatMap(({ errors }) => errors.map(({ message }) => message)),
				),
			),
		)
	return [...own, ...(suite.suites ?? []).flatMap((inner) => failuresOfSuite(inner, names))]
}

function failure(test: string, messages: readonly string[]): TestFailure {
	const lines = stripVTControlCharacters(messages.join('\n')).trim().split('\n')
	return { test, message: lines.slice(0, MESSAGE_LINES).join('\n') }
}

/**
 * The last lines of `npm test`: each failed test with the start of its message, so that the end of a log is enough to know
 * what to mend; the steps that failed; one count of tests.
 */
export function formatTestSummary(
	reports: readonly RunnerReport[],
	failedSteps: readonly string[],
): string {
	const sum = (key: 'passed' | 'failed' | 'skipped') =>
		reports.reduce((total, { report }) => total + (report?.[key] ?? 0), 0)
	const failures = reports.flatMap(({ report }) => report?.failures ?? [])
	return [
		...failures.flatMap(({ test, message }) => [`✗ ${test}`, indented(message), '']),
		...(failedSteps.length > 0 ? [`failed: ${failedSteps.join(', ')}`] : []),
		...reports.filter(saysNothing).map(sayNothing),
		`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
	].join('\n')
}

/** Whether a runner wrote no report that can be read, or ran no test. */
export function saysNothing({ report }: RunnerReport): boolean {
	return report === null || report.passed === 0
}

function sayNothing({ runner, report, problem }: RunnerReport): string {
	if (problem) return `failed: the report of the ${runner} can't be read: ${problem}`
	return `failed: the ${runner} ${report ? 'reported no passed test' : 'wrote no report'}`
}

function indented(text: string): string {
	return text.replaceAll(/^/gm, '  ')
}
