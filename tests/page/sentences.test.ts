import { describe, expect, test } from 'vitest'
import {
	describeAskFailure,
	describeCheckFailure,
	describeModelStorage,
	describePicksStorage,
	describeStartFailure,
	describeUpdateFailure,
} from '../../src/page/sentences.ts'
import { AppError, type AppErrorCode } from '../../src/shared/app-error.ts'

const CODES: AppErrorCode[] = [
	'network',
	'server',
	'cross-origin',
	'web-page',
	'damaged',
	'not-found',
	'bad-data',
	'unsupported',
	'missing-tool',
	'timeout',
	'worker-died',
	'out-of-memory',
	'policy',
	'outdated',
	'damaged-page',
	'storage',
]

describe('sentences', () => {
	test.each(CODES)('a start that failed by %s says what happened and what to do', (code) => {
		const { text, remedy } = describeStartFailure(
			new AppError(code, 'the detail; open this page in x'),
			null,
		)
		expect(text).toMatch(/^[A-Z].*[.)]$/)
		expect(text).toMatch(/try again|reload|open this page|download it again|start it again/i)
		expect(remedy === null).toBe(code === 'missing-tool')
	})

	test.each(['network', 'server', 'cross-origin', 'web-page', 'damaged', 'not-found'] as const)(
		'a download that failed by %s says when it is tried again, and can be hurried',
		(code) => {
			const retryAt = new Date(2013, 5, 1, 14, 31, 20).getTime()
			for (const describeFailure of [describeStartFailure, describeUpdateFailure]) {
				const { text, remedy } = describeFailure(new AppError(code, 'the detail'), retryAt)
				expect(text).toContain('the detail')
				expect(text).toContain('tries again at 14:32')
				expect(remedy).toBe('hurry')
			}
		},
	)

	test('only a server that can not be reached is called a matter of the connection', () => {
		for (const code of CODES) {
			const { text } = describeStartFailure(new AppError(code, 'the detail'), null)
			expect(text.includes('connection')).toBe(code === 'network')
		}
	})

	test('a look for a release that failed does not say that there is one', () => {
		for (const code of CODES) {
			const { text } = describeCheckFailure(new AppError(code, 'the detail'))
			expect(text).not.toMatch(/another release is out/i)
			expect(text).toMatch(/the release that is here keeps answering/i)
		}
	})

	test('a bug shows its message and can be tried again', () => {
		const { text, remedy } = describeStartFailure(new TypeError('x is undefined'), null)
		expect(text).toContain('x is undefined')
		expect(remedy).toBe('retry')
	})

	test('only a reload helps where the page is too old', () => {
		expect(describeUpdateFailure(new AppError('unsupported', 'x'), 0).remedy).toBe('reload')
		expect(describeCheckFailure(new AppError('unsupported', 'x')).remedy).toBe('reload')
		expect(describeCheckFailure(new AppError('bad-data', 'x')).remedy).toBeNull()
	})

	test('a full disk and closed storage are told apart', () => {
		const full = new AppError('storage-full', 'x')
		const closed = new AppError('storage', 'x')
		expect(describePicksStorage(full, 1).text).toContain(
			'disk is full, so 1 pick is not stored yet',
		)
		expect(describePicksStorage(full, 2).text).toContain(
			'the page stores them by itself. Keep this page open until then, or export them now under My picks',
		)
		expect(describePicksStorage(closed, 1).text).toContain('(x), so 1 pick is not stored yet')
		expect(describePicksStorage(closed, 0).text).toContain('as long as this page is open')
		expect(describeModelStorage({ code: 'storage-full', message: '' })).toContain('Free some space')
		expect(describeModelStorage({ code: 'storage', message: 'why' })).toContain('(why)')
	})

	test('a title without an answer says why', () => {
		expect(describeAskFailure(new Error('no reason')).text).toContain('no reason')
	})
})
