// The output of the `feedback` commands. Pure.

import { formatPoints, formatShare } from '../../../src/shared/numbers.ts'
import type {
	CanaryTest,
	P1Figures,
	PickFigures,
	UseReport,
} from '../../../src/shared/use-report.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { Admission } from './admit.ts'
import type { ImportCounts } from './import.ts'
import type { Suspicion } from './parameters.ts'
import type { FeedbackSource } from './table.ts'

const HELD_BACK_SHOWN = 20
const NAMED_SHOWN = 10

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

export function formatSources(sources: readonly FeedbackSource[]): string {
	if (sources.length === 0) return 'no picks yet; run: feedback import FILE, or serve --collect'
	const rows = sources.map(({ source, picks, from, until }) => [
		source === '' ? 'imported before sources were kept' : source,
		formatCount(picks),
		from.slice(0, 10),
		until.slice(0, 10),
	])
	return formatTable([['source', 'picks', 'from', 'until'], ...rows])
}

export function formatUse(report: UseReport): string {
	const { picks, from, until, total, releases, channels, months, titles, conflicts } = report
	if (!total || from === null || until === null) return 'no picks yet; run: feedback import FILE'
	const head = ['', 'picks', 'one of five', '95%', 'the first', 'another one', 'none of these']
	const groups = [...releases, ...channels, ...(months.length > 1 ? months : []), total]
	return [
		`${formatCount(picks)} picks from ${from.slice(0, 10)} to ${until.slice(0, 10)}`,
		formatTable([head, ...groups.map(formatFigures)]),
		formatRanks(report),
		...formatNamed(report),
		...report.p1.map(formatP1),
		...(report.canary ? [formatCanary(report.canary)] : []),
		`${formatCount(titles)} titles to train on, ${formatCount(conflicts)} of them picked for different subreddits; ${formatCount(report.unusable)} picks without a subreddit or a word`,
	].join('\n')
}

function formatFigures({ name, picks, useful, first, named, none }: PickFigures): string[] {
	const range = `${formatShare(useful.low)} … ${formatShare(useful.high)}`
	const others = [first, named, none].map(({ value }) => formatShare(value))
	return [name, formatCount(picks), formatShare(useful.value), range, ...others]
}

function formatRanks({ ranks }: UseReport): string {
	const shares = ranks.map(({ rank, share }) => `${rank}: ${formatShare(share.value)}`)
	return `taken by rank: ${shares.join(', ')}`
}

function formatNamed({ named }: UseReport): string[] {
	if (named.length === 0) return []
	const shown = named
		.slice(0, NAMED_SHOWN)
		.map(({ subreddit, searched, typed }) => `r/${subreddit} ${formatCount(searched + typed)}`)
	return [`named in place of the five: ${shown.join(', ')}`]
}

function formatP1({ release, meanP1, test }: P1Figures): string {
	const people = `p@1 of people's titles, ${release}: ${meanP1.toFixed(3)} on average`
	if (!test) return `${people}; nothing is known of the test posts'`
	const { value, low, high } = test.ks
	return `${people}, of the test posts ${test.meanP1.toFixed(3)}; Kolmogorov–Smirnov distance ${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
}

function formatCanary({ release, production, canary, difference, verdict }: CanaryTest): string {
	const shares = `${formatShare(canary.useful.value)} of ${formatCount(canary.picks)} beside production's ${formatShare(production.useful.value)} of ${formatCount(production.picks)}`
	const range = `${formatPoints(difference.value)}, with 95% confidence between ${formatPoints(difference.low)} and ${formatPoints(difference.high)}`
	return `canary ${release}: ${verdict}; ${shares}: ${range}`
}

const REASONS: Readonly<Record<Suspicion, string>> = {
	share: 'far more picks than its share of the posts',
	'near-identical': 'titles that are near-identical to another one',
	burst: 'too many picks within ten minutes',
}

/** What was held back of the feedback, a line each; none where nothing was. */
export function describeAdmission({ heldBack, contradictions, overLimit }: Admission): string[] {
	const shown = heldBack.slice(0, HELD_BACK_SHOWN)
	const lines = shown.map(
		({ why, what, titles }) =>
			`feedback: ${formatCount(titles)} titles of ${why === 'burst' ? what : `r/${what}`} left out as suspicious (${why}): ${REASONS[why]}`,
	)
	if (heldBack.length > shown.length)
		lines.push(`feedback: the same for ${formatCount(heldBack.length - shown.length)} more`)
	if (heldBack.length > 0)
		lines.push('feedback: to train on them all the same, name the reasons with --feedback-include')
	if (contradictions > 0)
		lines.push(
			`feedback: ${formatCount(contradictions)} titles stand in the posts under other subreddits only, so each weighs one line`,
		)
	if (overLimit > 0)
		lines.push(`feedback: ${formatCount(overLimit)} titles left out beyond the limits`)
	return lines
}
