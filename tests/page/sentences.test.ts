import { describe, expect, test } from 'vitest'
import {
	describeAskFailure,
	describeModelStorage,
	describePicksStorage,
	describeStartFailure,
	describeUpdateFailure,
} from '../../src/page/sentences.ts'
import { AppError, type AppErrorCode } from '../../src/shared/app-error.ts'

const CODES: AppErrorCode[] = [
	'network',
	'damaged',
	'not-found',
	'bad-data',
	'unsupported',
	'missing-tool',
	'timeout',
	'worker-died',
	'out-of-memory',
	'storage',
]

describe('sentences', () => {
	test.each(CODES)('a start that failed by %s says what happened and what to do', (code) => {
		const { text, remedy } = describeStartFailure(
			new AppError(code, 'the detail; open this page in x'),
		)
		expect(text).toMatch(/^[A-Z].*[.)]$/)
		expect(text).toMatch(/try again|reload|open this page|download it again|start it again/i)
		expect(remedy === null).toBe(code === 'missing-tool')
	})

	test('a bug shows its message and can be tried again', () => {
		const { text, remedy } = describeStartFailure(new TypeError('x is undefined'))
		expect(text).toContain('x is undefined')
		expect(remedy).toBe('retry')
	})

	test('only a reload helps where the page is too old', () => {
		expect(describeUpdateFailure(new AppError('unsupported', 'x')).remedy).toBe('reload')
		expect(describeUpdateFailure(new AppError('damaged', 'x')).remedy).toBeNull()
	})

	test('a full disk and closed storage are told apart', () => {
		const full = new AppError('storage-full', 'x')
		const closed = new AppError('storage', 'x')
		expect(describePicksStorage(full, 1).text).toContain(
			'disk is full, so 1 pick is not stored yet',
		)
		expect(describePicksStorage(full, 2).text).toContain('export them now')
		expect(describePicksStorage(closed, 1).text).toContain('(x), so 1 pick is not stored yet')
		expect(describePicksStorage(closed, 0).text).toContain('as long as this page is open')
		expect(describeModelStorage({ code: 'storage-full', message: '' })).toContain('Free some space')
		expect(describeModelStorage({ code: 'storage', message: '' })).toContain('private window')
	})

	test('a title without an answer says why', () => {
		expect(describeAskFailure(new Error('no reason')).text).toContain('no reason')
	})
})
