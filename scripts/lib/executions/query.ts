// Which executions `executions list` shows, and in which order. Pure.
import * as v from 'valibot'
import type { AnyExecution, StepName } from '../pipeline/execution-schema.ts'

export const ENDINGS = ['done', 'failed', 'stopped'] as const
export type EndingName = (typeof ENDINGS)[number]

/** The conditions; an absent one admits every execution. */
export interface ExecutionQuery {
	readonly step?: StepName | undefined
	readonly ending?: EndingName | undefined
	/** Unix seconds: started at or after `since`, and before `until`. */
	readonly since?: number | undefined
	readonly until?: number | undefined
	/** All of them must hold. */
	readonly metrics: readonly MetricBound[]
	/** `number`, `start`, `seconds`, or the name of a metric. */
	readonly sort: string
}

const BOUND = /^([^<>=\s]+)\s*(<=|>=|<|>)\s*([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i

/** A bound of a metric, as in `recall@5>=0.5`. */
export const MetricBound = v.pipe(
	v.string(),
	v.regex(BOUND, 'expected a bound like recall@5>=0.5'),
	v.transform((text) => {
		const [, name = '', comparison, value] = BOUND.exec(text) ?? []
		return { name, comparison: comparison as keyof typeof HOLDS, value: Number(value) }
	}),
)
export type MetricBound = v.InferOutput<typeof MetricBound>

/** The matching executions in the query's order; those without the figure come last. */
export function queryExecutions(
	executions: readonly AnyExecution[],
	query: ExecutionQuery,
): AnyExecution[] {
	const matching = executions.filter((execution) => matches(execution, query))
	const { sort } = query
	if (sort === 'number') return matching
	return matching.toSorted((a, b) => sortValue(b, sort) - sortValue(a, sort))
}

function matches(execution: AnyExecution, query: ExecutionQuery): boolean {
	const { step, ending, since, until, metrics } = query
	const start = Date.parse(execution.start) / 1000
	return (
		(step === undefined || execution.step === step) &&
		(ending === undefined || execution.ending.how === ending) &&
		(since === undefined || start >= since) &&
		(until === undefined || start < until) &&
		metrics.every((range) => isWithin(execution, range))
	)
}

const HOLDS = {
	'<': (figure: number, bound: number) => figure < bound,
	'<=': (figure: number, bound: number) => figure <= bound,
	'>': (figure: number, bound: number) => figure > bound,
	'>=': (figure: number, bound: number) => figure >= bound,
}

function isWithin({ metrics }: AnyExecution, { name, comparison, value }: MetricBound): boolean {
	const figure = metrics[name]
	return figure !== undefined && HOLDS[comparison](figure, value)
}

function sortValue(execution: AnyExecution, sort: string): number {
	if (sort === 'start') return Date.parse(execution.start)
	if (sort === 'seconds') return secondsOf(execution)
	return execution.metrics[sort] ?? Number.NEGATIVE_INFINITY
}

/** How long it took. */
export function secondsOf({ start, end }: AnyExecution): number {
	return (Date.parse(end) - Date.parse(start)) / 1000
}
