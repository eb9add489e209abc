// The end of `npm test` is all that a log may keep: it names what failed, and why.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import {
	formatTestSummary,
	PlaywrightReport,
	readRunnerReport,
	VitestReport,
} from '../../../scripts/dev/test-reports.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

test('names the failed tests of a real vitest run, with a property’s seed, and files that can not be read', async () => {
	// Below the project, so that the tests in it find vitest; git ignores the folder.
	await mkdir(resolve(ROOT, 'test-results'), { recursive: true })
	const folder = await mkdtemp(resolve(ROOT, 'test-results/summary-'))
	try {
		await writeFile(
			resolve(folder, 'some.test.ts'),
			`import fc from 'fast-check'
			import { expect, test } from 'vitest'
			test('holds', () => {})
			test('does not hold', () => fc.assert(fc.property(fc.nat(), (n) => n < 5), { seed: 7 }))`,
		)
		await writeFile(resolve(folder, 'broken.test.ts'), `import './missing.ts'`)
		await writeFile(
			resolve(folder, 'vitest.config.ts'),
			`export default { test: { include: ['*.test.ts'] } }`,
		)
		const path = resolve(folder, 'unit.json')
		await runVitest(folder, path)
		const report = await readRunnerReport('unit tests', path, VitestReport)
		const summary = formatTestSummary([report], ['unit tests'])
		expect(summary).toMatch(/^✗ .*some\.test\.ts › does not hold\n {2}.*Property failed/m)
		expect(summary).toContain('seed: 7')
		expect(summary).toMatch(/^✗ .*broken\.test\.ts\n {2}.*missing\.ts/m)
		expect(summary).toMatch(/\nfailed: unit tests\n1 passed, 1 failed, 0 skipped$/)
	} finally {
		await rm(folder, { recursive: true, force: true })
	}
})

function runVitest(folder: string, outputFile: string): Promise<void> {
	const args = [
		resolve(ROOT, 'node_modules/vitest/vitest.mjs'),
		...['run', '--root', folder, '--reporter=json', `--outputFile=${outputFile}`],
	]
	return new Promise((done) => execFile(process.execPath, args, () => done()))
}

test('names the failed browser tests with file, line and suite', () => {
	const spec = (title: string, ok: boolean, message: string) => ({
		title,
		file: 'picks.test.ts',
		line: 31,
		ok,
		tests: [{ results: [{ errors: ok ? [] : [{ message }] }] }],
	})
	const suites = {
		stats: { expected: 1, unexpected: 1, skipped: 2, flaky: 0 },
		suites: [
			{
				title: 'picks.test.ts',
				specs: [spec('holds', true, '')],
				suites: [
					{
						title: 'in dark colours',
						specs: [],
						suites: [
							{
								title: 'and narrow',
								specs: [spec('fit a phone', false, '\u001b[31mtoo wide\u001b[39m')],
							},
						],
					},
				],
			},
		],
	}
	const report = { runner: 'browser tests', report: v.parse(PlaywrightReport, suites) }
	expect(formatTestSummary([report], ['browser tests'])).toBe(
		[
			'✗ picks.test.ts:31 › in dark colours › and narrow › fit a phone',
			'  too wide',
			'',
			'failed: browser tests',
			'1 passed, 1 failed, 2 skipped',
		].join('\n'),
	)
})

test('says where a runner has reported nothing, and closes with the count', () => {
	const report = { passed: 3, failed: 0, skipped: 1, failures: [] }
	const some = { runner: 'unit tests', report }
	expect(formatTestSummary([some, some], [])).toBe('6 passed, 0 failed, 2 skipped')
	expect(formatTestSummary([some, { runner: 'browser tests', report: null }], [])).toBe(
		'failed: the browser tests wrote no report\n3 passed, 0 failed, 1 skipped',
	)
	const idle = { runner: 'browser tests', report: { ...report, passed: 0 } }
	expect(formatTestSummary([some, idle], [])).toContain(
		'failed: the browser tests reported no passed test',
	)
})

test("says whose report can't be read, and why; a missing one is no such case", async () => {
	const read = (path: string) => readRunnerReport('browser tests', path, PlaywrightReport)
	const folder = await temporaryFolder()
	const path = resolve(folder, 'browser.json')
	expect(await read(path)).toEqual({ runner: 'browser tests', report: null })
	await writeFile(path, '{ "stats": ')
	expect(formatTestSummary([await read(path)], [])).toMatch(
		/^failed: the report of the browser tests can't be read: .*JSON/,
	)
	const stats = { expected: 1, unexpected: 'none', skipped: 0, flaky: 0 }
	await writeFile(path, JSON.stringify({ stats, suites: [] }))
	expect(formatTestSummary([await read(path)], [])).toMatch(
		/^failed: the report of the browser tests can't be read: stats\.unexpected: .*"none"/,
	)
	expect((await read(folder)).problem).toContain('EISDIR')
})
