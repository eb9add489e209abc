// What picks say of the suggestions, the most wanted first. Pure.
import {
	sayCanary,
	sayMonths,
	sayNamed,
	sayPeopleP1,
	sayRanks,
	sayUsefulness,
} from '../../../src/charts/findings/use.ts'
import { formatCount, formatShare } from '../../../src/shared/numbers.ts'
import type { PickFigures, UseReport } from '../../../src/shared/use-report.ts'
import { interval, type Section } from './document.ts'

const NAMED_SHOWN = 10

export function useSections(report: UseReport): Section[] {
	if (!report.total) return [{ title: 'no picks yet; run: feedback import FILE' }]
	const { total, releases, channels, months, ranks } = report
	const groups = [...releases, ...channels, ...(months.length > 1 ? months : [])]
	const titles = `${formatCount(report.titles)} titles to train on, ${formatCount(report.conflicts)} of them picked for different subreddits; ${formatCount(report.unusable)} picks without a subreddit or a word`
	const byRank = ranks.map(({ rank, share }) => `${rank}: ${formatShare(share.value)}`)
	return [
		{ title: sayUsefulness(report) },
		{
			says: [
				`${sayRanks(report)}; by rank ${byRank.join(', ')}`,
				sayMonths(report),
				`${sayNamed(report)}${nameOthers(report)}`,
				...(report.canary ? [sayCanary(report.canary)] : []),
				...report.p1.map(sayPeopleP1),
				titles,
			],
		},
		sectionOfPicks([...groups, total]),
	]
}

function sectionOfPicks(groups: readonly PickFigures[]): Section {
	const rows = groups.map(({ name, picks, useful, first, named, none }) => [
		name,
		formatCount(picks),
		formatShare(useful.value),
		interval(useful, (share) => formatShare(share)),
		...[first, named, none].map(({ value }) => formatShare(value)),
	])
	const head = ['', 'picks', 'one of five', '95%', 'the first', 'another one', 'none of these']
	return { title: 'By release, channel and month', isDetail: true, table: { head, rows } }
}

function nameOthers({ named }: UseReport): string {
	const others = named
		.slice(1, NAMED_SHOWN)
		.map(({ subreddit, searched, typed }) => `r/${subreddit} ${formatCount(searched + typed)}`)
	return others.length > 0 ? `; then ${others.join(', ')}` : ''
}
