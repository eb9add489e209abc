// What `executions diff` prints: what differs first, then the figures. Pure.
import { withSign } from '../../../src/shared/numbers.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import { formatFigure } from '../pipeline/headline.ts'
import { formatTable } from '../table.ts'
import type { ExecutionDiff, InputChange, MetricChange } from './diff.ts'
import { describeCode, formatValue } from './format.ts'

const FILES_SHOWN = 10

export function formatDiff(diff: ExecutionDiff): string {
	const { a, b, metrics, outputs } = diff
	const lines = describeDifferences(diff)
	return [
		`A: execution #${a.id}, ${a.step} of ${a.start.slice(0, 16).replace('T', ' ')}`,
		`B: execution #${b.id}, ${b.step} of ${b.start.slice(0, 16).replace('T', ' ')}`,
		'',
		...(lines.length > 0 ? lines : ['the same parameters, inputs and code']),
		'',
		...(metrics.length > 0 ? [formatMetrics(metrics), ''] : []),
		outputs.length === 0
			? 'the same outputs, byte for byte'
			: `other outputs: ${outputs.map(({ name }) => name).join(', ')}`,
	].join('\n')
}

/** One line per difference; indented below it, what made an input differ. */
export function describeDifferences({ parameters, inputs, code }: ExecutionDiff): string[] {
	return [
		...parameters.map(
			({ name, before, after }) => `${name}: ${formatValue(before)} → ${formatValue(after)}`,
		),
		...inputs.flatMap(describeInput),
		...(code ? describeCodeChange(code) : []),
	]
}

function describeInput({ name, before, after, made }: InputChange): string[] {
	const line = `${name}: ${describeArtifact(before)} → ${describeArtifact(after)}`
	if (!made) return [line]
	const lines = describeDifferences(made)
	const why = lines.length > 0 ? lines : ['made with the same parameters, inputs and code']
	return [line, ...why.map((text) => `  ${text}`)]
}

function describeArtifact(artifact: ArtifactRef | undefined): string {
	if (!artifact) return 'none'
	const { kind, name, sha256 } = artifact
	return `${kind} ${name} (${sha256?.slice(0, 8) ?? 'digest not known'})`
}

function describeCodeChange({ a, b, files }: NonNullable<ExecutionDiff['code']>): string[] {
	if (a.commit === b.commit)
		return [`code: of commit ${a.commit.slice(0, 12)} both, with changes that no commit has`]
	const line = `code: ${describeCode(a)} → ${describeCode(b)}`
	if (files === null) return [line, '  git does not have both commits here']
	const more =
		files.length > FILES_SHOWN ? [`  … and ${files.length - FILES_SHOWN} more files`] : []
	return [line, ...files.slice(0, FILES_SHOWN).map((file) => `  ${file}`), ...more]
}

function formatMetrics(metrics: readonly MetricChange[]): string {
	const rows = metrics.map(({ name, a, b, interval }) => {
		const format = (value: number) => formatFigure(name, value)
		const signed = (value: number) => withSign(value, format)
		const range = interval ? `${signed(interval.low)} … ${signed(interval.high)}` : ''
		return [name, format(a), format(b), signed(b - a), range]
	})
	return formatTable([['figure', 'A', 'B', 'B − A', '95% interval'], ...rows])
}
