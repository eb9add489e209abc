// The output of the `feedback` commands. Pure.
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import type { Admission } from './admit.ts'
import type { ImportCounts } from './import.ts'
import type { Suspicion } from './parameters.ts'
import type { FeedbackSource } from './table.ts'

const HELD_BACK_SHOWN = 20

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
