// The output of the `feedback` commands. Pure.
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { FeedbackStats, PickCounts } from './export.ts'
import type { ImportCounts } from './import.ts'

export function formatImport({ read, added, amended, known, broken }: ImportCounts): string {
	const parts = [
		`${formatCount(read)} read`,
		`${formatCount(added)} added`,
		`${formatCount(amended)} amended`,
		`${formatCount(known)} known already`,
		`${formatCount(broken)} broken`,
	]
	return `picks: ${parts.join(', ')}`
}

export function formatStats({
	picks,
	titles,
	conflicts,
	unusable,
	releases,
}: FeedbackStats): string {
	if (picks === 0) return 'no picks yet; run: feedback import FILE'
	const rows = releases.map((counts) => [
		counts.release,
		formatCount(counts.picks),
		...(['first', 'suggested', 'named', 'none'] as const).map((key) => formatShare(counts, key)),
	])
	const head = [
		'release',
		'picks',
		'first suggestion',
		'any of five',
		'another one',
		'none of these',
	]
	return [
		formatTable([head, ...rows]),
		`${formatCount(titles)} titles to train on, ${formatCount(conflicts)} of them picked for different subreddits; ${formatCount(unusable)} picks without a subreddit or a word`,
	].join('\n')
}

function formatShare(counts: PickCounts, key: 'first' | 'suggested' | 'named' | 'none'): string {
	return `${((100 * counts[key]) / counts.picks).toFixed(1)} %`
}
