// What `release publish`, `promote` and `rollback` print when they are done. Pure.
import { sayNewest } from '../../../src/shared/metrics.ts'
import type { Effects } from '../effects.ts'
import { formatInstant, formatWindow } from '../evaluation/format.ts'
import { formatBytes, formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { ChannelChange } from './channels.ts'
import type { Pruning } from './prune.ts'
import type { Publication } from './publish-step.ts'
import type { WithholdChange } from './withhold.ts'

export function formatPublication(
	{ manifest, execution }: Publication,
	{ modelsDir }: Pick<Effects, 'modelsDir'>,
): string {
	const { version, model, data, metrics, twin } = manifest
	const learnt =
		metrics.split === 'newest'
			? `without ${sayNewest(metrics.newest)}`
			: `until ${formatInstant(twin?.trainedUntil ?? '')}`
	const scores = (['recall@1', 'recall@5', 'macroF1', 'ece'] as const)
		.map((key) => `${key} ${metrics[key].toFixed(4)}`)
		.join(', ')
	return [
		execution
			? `published ${version} in ${modelsDir}, recorded as #${execution.id}`
			: `would publish ${version} in ${modelsDir}`,
		`  ${formatBytes(model.bytes)} on the wire, ${formatBytes(model.decodedBytes)} decoded`,
		`  trained on ${formatCount(data.posts)} posts of ${formatCount(data.subreddits)} subreddits, from ${formatInstant(data.from)} until ${formatInstant(data.until)}`,
		`  ${scores} on ${formatCount(metrics.posts)} posts (${formatWindow(metrics)})`,
		...(twin
			? [
					`  these are the figures of its twin (evaluation #${twin.execution}), trained ${learnt}: it has learnt the test posts itself`,
				]
			: []),
		`  next: release promote ${version} (production asks first for: compare production ${version} --gate)`,
	].join('\n')
}

export function formatChange(
	{ channel, from, to, share, forced, changed }: ChannelChange,
	{ dryRun }: { readonly dryRun: boolean },
): string {
	const what = to === null ? 'no release' : to
	const toShare = share === undefined ? '' : ` to ${share * 100}% of visitors`
	if (!changed) return `${channel} serves ${what}${toShare} already`
	return `${channel} ${dryRun ? 'would serve' : 'serves'} ${what}${toShare} (before: ${from ?? 'no release'})${forced ? ', forced: it has not passed the gate' : ''}`
}

export function formatPruning(
	{ pruned, moved, kept }: Pruning,
	{ dryRun }: { readonly dryRun: boolean },
): string {
	const total = pruned.reduce((sum, { bytes }) => sum + bytes, 0)
	const lines = pruned.map(({ version, bytes }) => [version, formatBytes(bytes)])
	const head =
		pruned.length === 0
			? moved.length === 0
				? 'nothing to prune'
				: 'nothing to prune but files here of releases that lie elsewhere'
			: `${dryRun ? 'would remove' : 'removed'} the model${pruned.length === 1 ? '' : 's'} of ${pruned.length} release${pruned.length === 1 ? '' : 's'}, ${formatBytes(total)}`
	return [
		head,
		...(lines.length > 0 ? [formatTable(lines)] : []),
		...moved.map(
			({ version, bytes, location }) =>
				`${dryRun ? 'would remove' : 'removed'} the files here of ${version}, ${formatBytes(bytes)}: it lies at ${location}`,
		),
		...kept.map(({ version, why }) => `kept ${version}: ${why}`),
	].join('\n')
}

export function formatWithheld(
	{ added, removed, withheld }: WithholdChange,
	{ dryRun }: { readonly dryRun: boolean },
): string {
	const tense = dryRun ? 'would be' : 'is'
	const lines = [
		...added.map(({ name, why }) => `r/${name} ${tense} withheld${why ? `: ${why}` : ''}`),
		...removed.map(({ name }) => `r/${name} ${tense} suggested again`),
	]
	const head = lines.length === 0 ? ['nothing to change'] : lines
	return [...head, `withheld: ${formatCount(withheld.length)}`].join('\n')
}
