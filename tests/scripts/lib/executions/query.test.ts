import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { formatExecutionList } from '../../../../scripts/lib/executions/format.ts'
import {
	type ExecutionQuery,
	MetricBound,
	queryExecutions,
} from '../../../../scripts/lib/executions/query.ts'
import type { AnyExecution } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import { makeRecord } from '../../../fixtures/record.ts'

const runs: readonly AnyExecution[] = [
	makeRecord({ id: 1, step: 'snapshot', metrics: { train: 1_792_565 } }),
	makeRecord({
		id: 2,
		step: 'train',
		start: '2026-11-02T10:00:00.000Z',
		end: '2026-11-02T11:40:30.000Z',
	}),
	makeRecord({ id: 3, step: 'evaluate', metrics: { 'recall@5': 0.5, ece: 0.02 } }),
	makeRecord({ id: 4, step: 'evaluate', metrics: { 'recall@5': 0.52, ece: 0.03 } }),
	makeRecord({
		id: 5,
		step: 'evaluate',
		ending: { how: 'failed', code: 'storage-full', error: 'disk is full: <data>/executions/5' },
	}),
]

const parseBound = (text: string) => v.parse(MetricBound, text)
const find = (query: Partial<ExecutionQuery>) =>
	queryExecutions(runs, { metrics: [], sort: 'number', ...query }).map(({ id }) => id)

describe('queryExecutions', () => {
	it.each([
		['a step', { step: 'evaluate' }, [3, 4, 5]],
		['an ending', { ending: 'failed' }, [5]],
		['a day', { since: Date.UTC(2026, 10, 2) / 1000, until: Date.UTC(2026, 10, 3) / 1000 }, [2]],
		['a range of a figure', { metrics: [parseBound('recall@5>=0.5')] }, [3, 4]],
		['two ranges', { metrics: [parseBound('recall@5>=0.5'), parseBound('ece<0.03')] }, [3]],
	] as const)('finds those of %s', (_, query, ids) => {
		expect(find(query)).toEqual(ids)
	})

	it('puts the largest figure first, and those without it last', () => {
		expect(find({ sort: 'recall@5' }).slice(0, 2)).toEqual([4, 3])
		expect(find({ sort: 'seconds' })[0]).toBe(2)
	})

	it.each(['recall@5', '>=0.5', 'recall@5>=half', 'recall@5=0.5', 'a b>1'])(
		'refuses %j as a range',
		(text) => {
			expect(() => parseBound(text)).toThrow(/expected a bound like recall@5>=0.5/)
		},
	)
})

describe('formatExecutionList', () => {
	it('fits into 80 columns, whatever happened', () => {
		const lines = formatExecutionList(runs, null).split('\n')
		expect(lines).toHaveLength(runs.length + 1)
		for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
		expect(lines[1]).toContain('1,792,565 posts')
		expect(lines[2]).toContain('1 h 40 min')
		expect(lines[5]).toContain('failed: disk is')
	})

	it('shows the figure that was asked for', () => {
		expect(formatExecutionList(runs.slice(2, 4), 'ece')).toMatch(/0\.0200 ece\n.*0\.0300 ece/)
	})

	it('tells two of the same number apart by their digits', () => {
		const twins = [makeRecord({ id: 7, uid: 'ab12cd' }), makeRecord({ id: 7, uid: '9f3e01' })]
		const text = formatExecutionList([...runs, ...twins], null)
		expect(text).toMatch(/\n7-ab12cd .*\n7-9f3e01 /)
		expect(text).toMatch(/\n4 /)
	})
})
