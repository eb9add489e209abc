// What `run` prints: a line for each step, a table of all steps at the end, and what `--gc` clears. Pure.
import { filesOf, type StepName } from '../pipeline/execution-schema.ts'
import { formatHeadline } from '../pipeline/headline.ts'
import { formatBytes, formatSeconds } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { Garbage } from './garbage.ts'
import type { StepReport } from './pipeline-run.ts'

const REASONS_SHOWN = 3

export function formatStart(step: StepName, why: readonly string[]): string {
	return `▸ ${step}: ${formatReasons(why)}`
}

/** One line about a step, such as `✓ train: #57 in 3 min 02 s, 214 MB; parameter epochs: 3 → 4`. */
export function formatEnding(report: StepReport): string {
	const { step, ending, seconds, bytes, why } = report
	const run = formatExecution(report)
	const reasons = why.length > 0 ? `; ${formatReasons(why)}` : ''
	switch (ending) {
		case 'unchanged':
			return `✓ ${step}: unchanged, ${run}`
		case 'restored':
			return `✓ ${step}: ${run} again, from the store${reasons}`
		case 'ran':
			return `✓ ${step}: ${run} in ${formatSeconds(seconds)}, ${formatBytes(bytes)}${reasons}`
		case 'left-out':
			return `- ${step}: left out, as ${formatReasons(why)}`
	}
}

/** The table of what `run` did or would do, with all reasons. */
export function formatRun(
	reports: readonly StepReport[],
	{ dryRun }: { readonly dryRun: boolean },
): string {
	return dryRun ? reports.map(formatPlan).join('\n') : formatSummary(reports)
}

function formatPlan({ step, ending, perhaps, why, ...report }: StepReport): string {
	const reasons = why.map((reason) => `    ${reason}`)
	const says = {
		unchanged: `unchanged, ${formatExecution(report)}`,
		restored: `would take ${formatExecution(report)} from the store:`,
		ran: perhaps ? 'would run, unless what it reads comes out as before:' : 'would run:',
		'left-out': 'would be left out:',
	}
	return [`${step.padEnd(9)} ${says[ending]}`, ...reasons].join('\n')
}

const ENDINGS = {
	unchanged: 'unchanged',
	restored: 'from the store',
	ran: 'ran',
	'left-out': 'left out',
} as const satisfies Record<StepReport['ending'], string>

function formatSummary(reports: readonly StepReport[]): string {
	const rows = reports.map((report) => [
		report.step,
		formatExecution(report),
		ENDINGS[report.ending],
		report.ending === 'ran' ? formatSeconds(report.seconds) : '',
		report.bytes > 0 ? formatBytes(report.bytes) : '',
		formatHeadline(report),
	])
	const seconds = reports.reduce((sum, report) => sum + report.seconds, 0)
	const ran = reports.filter(({ ending }) => ending === 'ran').length
	const table = formatTable([['step', 'execution', 'what', 'time', 'size', 'figure'], ...rows], {
		lastIsText: true,
	})
	return `${table}\n\n${ran} of ${reports.length} steps ran; ${formatSeconds(seconds)} in all`
}

function formatExecution({ execution }: Pick<StepReport, 'execution'>): string {
	return execution === null ? '' : `#${execution.split('-')[0]}`
}

function formatReasons(why: readonly string[]): string {
	const more = why.length > REASONS_SHOWN ? ` and ${why.length - REASONS_SHOWN} more` : ''
	return `${why.slice(0, REASONS_SHOWN).join(', ')}${more}`
}

/** What `--gc` removes, or would remove, and how many bytes become free. */
export function formatGarbage(
	{ runs, paths, bytes, kept }: Garbage,
	{ dryRun }: { readonly dryRun: boolean },
): string {
	if (paths.length === 0)
		return `nothing to clear: a lock, a commit or a release needs each of ${kept} runs`
	const rows = runs.map((execution) => [
		execution.step,
		`#${execution.id}`,
		execution.start.slice(0, 16).replace('T', ' '),
		formatBytes(filesOf(execution).reduce((sum, file) => sum + file.bytes, 0)),
	])
	const verb = dryRun ? 'would be cleared' : 'cleared'
	return [
		...(rows.length > 0
			? [formatTable([['step', 'execution', 'made (UTC)', 'size'], ...rows]), '']
			: []),
		`${verb}: ${rows.length} runs that no lock, commit or release needs, ${formatBytes(bytes)} become free; ${kept} runs stay`,
	].join('\n')
}
