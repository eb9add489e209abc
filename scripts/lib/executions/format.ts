// Executions as people read them: one line each, or everything about one. Pure.
import { type AnyExecution, executionName } from '../pipeline/execution-schema.ts'
import { formatFigure, formatHeadline, formatMetric } from '../pipeline/headline.ts'
import { formatBytes, formatSeconds } from '../progress.ts'
import { formatTable } from '../table.ts'
import { secondsOf } from './query.ts'

const COLUMNS = 80
const PARENTS_WIDTH = 16

/**
 * A table that fits into 80 columns.
 *
 * @param metric shown in every line, instead of the most telling figure of its step
 */
export function formatExecutionList(
	executions: readonly AnyExecution[],
	metric: string | null,
): string {
	if (executions.length === 0) return 'no such execution'
	const names = shortNames(executions)
	const head = ['#', 'step', 'started', 'took', 'made from', 'result']
	const rows = executions.map((execution) => [
		names.get(execution) ?? '',
		execution.step,
		execution.start.slice(0, 16).replace('T', ' '),
		formatSeconds(secondsOf(execution)),
		describeParents(execution),
		describeResult(execution, metric),
	])
	const table = formatTable([head, ...rows], { text: [1, 2, 4, 5] })
	return table.split('\n').map(cutOff).join('\n')
}

function cutOff(line: string): string {
	return line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 1)}…`
}

/** The numbers, with their digits if two executions have the same number. */
export function shortNames(executions: readonly AnyExecution[]): Map<AnyExecution, string> {
	const counts = new Map<number, number>()
	for (const { id } of executions) counts.set(id, (counts.get(id) ?? 0) + 1)
	return new Map(
		executions.map((execution) => {
			const isAlone = counts.get(execution.id) === 1
			return [execution, isAlone ? `${execution.id}` : executionName(execution)] as const
		}),
	)
}

function describeParents({ inputs }: AnyExecution): string {
	const names = Object.values(inputs).map(({ kind, name, execution }) =>
		execution === null ? (kind === 'posts' ? kind : name) : `#${execution.split('-')[0]}`,
	)
	const unique = [...new Set(names)].join(' ')
	return unique.length <= PARENTS_WIDTH ? unique : `${unique.slice(0, PARENTS_WIDTH - 1)}…`
}

function describeResult(execution: AnyExecution, metric: string | null): string {
	const { step, ending, metrics, output } = execution
	if (ending.how !== 'done') return `${ending.how}: ${ending.error}`
	const figure = metric === null ? formatHeadline(execution) : formatMetric(metrics, metric, metric)
	return step === 'publish' ? `${output?.name}, ${figure}` : figure
}

/** Everything about one execution. @param folder where its files are; null if they are not here */
export function formatOne(execution: AnyExecution, folder: string | null): string {
	const { id, step, start, ending, code, machine, used, overridden } = execution
	const time = `${start.slice(0, 19).replace('T', ' ')} UTC, took ${formatSeconds(secondsOf(execution))}`
	return [
		`execution #${id}: ${step} (${executionName(execution)})`,
		ending.how === 'done' ? '  done' : `  ${ending.how}: ${ending.error} (${ending.code})`,
		`  ${time}`,
		`  ${formatSeconds(used.cpuSeconds)} of CPU, memory up to ${formatBytes(used.peakMemoryBytes)}`,
		`  code ${describeCode(code)}`,
		`  ${machine.platform} ${machine.arch}, ${machine.cpus} CPUs, Node ${machine.node}`,
		...section('parameters', formatParameters(execution.parameters, overridden)),
		...section('inputs', formatInputs(execution)),
		...section('outputs', formatOutputs(execution)),
		...(folder === null ? ['  its files are not here'] : [`  in ${folder}`]),
		...section('figures', formatFigures(execution)),
	].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
	return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

export function describeCode({ commit, dirty }: AnyExecution['code']): string {
	return `${commit.slice(0, 12)}${dirty ? ', with files that no commit has' : ''}`
}

function formatParameters(
	parameters: AnyExecution['parameters'],
	overridden: readonly string[],
): string[] {
	const note = (name: string) => (overridden.includes(name) ? '  (given for this run)' : '')
	return formatEntries(parameters, (name, value) => `${formatValue(value)}${note(name)}`)
}

/** A line for each name, the values below each other. */
function formatEntries<Value>(
	entries: Readonly<Record<string, Value>>,
	format: (name: string, value: Value) => string,
): string[] {
	const width = Math.max(0, ...Object.keys(entries).map((name) => name.length))
	return Object.entries(entries).map(
		([name, value]) => `${name.padEnd(width)}  ${format(name, value)}`,
	)
}

export function formatValue(value: unknown): string {
	if (value === undefined) return 'not given'
	return typeof value === 'string' ? value : JSON.stringify(value)
}

function formatInputs({ inputs }: AnyExecution): string[] {
	return Object.entries(inputs).map(([role, { kind, name, sha256, execution }]) => {
		const digest = sha256 === null ? 'digest not known' : sha256.slice(0, 12)
		const maker = execution === null ? '' : `, made by #${execution}`
		return `${role}: ${kind} ${name} (${digest}${maker})`
	})
}

function formatOutputs({ outputs }: AnyExecution): string[] {
	if (outputs.length === 0) return []
	const rows = outputs.map(({ name, bytes, sha256 }) => [
		name,
		formatBytes(bytes),
		sha256.slice(0, 12),
	])
	return formatTable([['file', 'size', 'SHA-256'], ...rows]).split('\n')
}

function formatFigures({ metrics }: AnyExecution): string[] {
	return formatEntries(metrics, formatFigure)
}
