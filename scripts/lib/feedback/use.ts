// From picks to what they say: whether people took one of the five. Pure.
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import type { Feedback } from '../../../src/shared/feedback.ts'
import { ChannelName } from '../../../src/shared/releases.ts'
import type { P1Bins } from '../../../src/shared/report-parts.ts'
import { differenceOfShares, verdictOf, wilson } from '../../../src/shared/statistics.ts'
import {
	type CanaryTest,
	MAX_NAMED,
	type P1Figures,
	type PickFigures,
	type UseReport,
} from '../../../src/shared/use-report.ts'
import { ksDistance } from '../statistics/distances.ts'
import { meanP1, P1Tally } from '../statistics/p1-tally.ts'
import { chooseTitles, type SourcedFeedback } from './choose.ts'
import { groupBy } from './group-by.ts'

/** What the test is, as the command's help states it. */
export const CANARY_RULE = `If the channel canary serves a release, it is compared with what production served since the canary's first pick. The figure
is the difference between the two shares of titles for which one of the five was taken, with Newcombe's interval of 95%.`

/** p@1 of a release's test posts, by version; a release whose report does not say is missing. */
export type TestBins = ReadonlyMap<string, P1Bins>

interface UseContext {
	readonly testBins: TestBins
	/** The release that is the canary; null where none is. */
	readonly canary: string | null
	readonly now: Date
}

/** @param sourced in any order */
export function describeUse(
	sourced: readonly SourcedFeedback[],
	{ testBins, canary, now }: UseContext,
): UseReport {
	const lines = sourced
		.map(({ line }) => line)
		.sort((a, b) => Date.parse(a.time) - Date.parse(b.time) || (a.id < b.id ? -1 : 1))
	const { titles, conflicts, unusable } = chooseTitles(sourced)
	const byName = (name: (line: Feedback) => string) =>
		[...groupBy(lines, name)].sort(([a], [b]) => (a < b ? -1 : 1))
	return {
		schema: 1,
		created: now.toISOString(),
		picks: lines.length,
		from: instantOf(lines[0]),
		until: instantOf(lines.at(-1)),
		titles: titles.length,
		conflicts,
		unusable,
		total: lines.length === 0 ? null : countPicks('all', lines),
		ranks: countRanks(lines),
		releases: byName(({ release }) => release).map(([name, same]) => countPicks(name, same)),
		channels: ChannelName.options.flatMap((channel) => {
			const same = lines.filter((line) => line.channel === channel)
			return same.length === 0 ? [] : [countPicks(channel, same)]
		}),
		months: byName(({ time }) => time.slice(0, 7)).map(([name, same]) => countPicks(name, same)),
		named: listNamed(lines),
		p1: byName(({ release }) => release).map(([release, same]) =>
			compareP1(release, same, testBins.get(release)),
		),
		canary: testCanary(lines, canary),
	}
}

function instantOf(line: Feedback | undefined): string | null {
	return line ? new Date(line.time).toISOString() : null
}

function countRanks(lines: readonly Feedback[]): UseReport['ranks'] {
	if (lines.length === 0) return []
	return Array.from({ length: SUGGESTION_COUNT }, (_, index) => {
		const rank = index + 1
		const picks = lines.filter(({ pick }) => pick.how === 'suggestion' && pick.rank === rank).length
		return { rank, picks, share: wilson(picks, lines.length) }
	})
}

// Reddit's names are the same in any case; the one that was named last is shown.
function listNamed(lines: readonly Feedback[]): UseReport['named'] {
	const byName = new Map<string, { subreddit: string; searched: number; typed: number }>()
	for (const { pick } of lines) {
		if (pick.how === 'suggestion' || pick.how === 'none') continue
		const key = pick.subreddit.toLowerCase()
		const { searched = 0, typed = 0 } = byName.get(key) ?? {}
		byName.set(key, {
			subreddit: pick.subreddit,
			searched: searched + (pick.how === 'typed' ? 0 : 1),
			typed: typed + (pick.how === 'typed' ? 1 : 0),
		})
	}
	return [...byName]
		.sort(
			([nameA, a], [nameB, b]) =>
				b.searched + b.typed - a.searched - a.typed || (nameA < nameB ? -1 : 1),
		)
		.slice(0, MAX_NAMED)
		.map(([, named]) => named)
}

function compareP1(release: string, lines: readonly Feedback[], test?: P1Bins): P1Figures {
	const tally = new P1Tally()
	for (const { suggestions, pick } of lines)
		tally.add(suggestions[0]?.probability ?? 0, pick.how === 'suggestion' && pick.rank === 1)
	const people = tally.finish()
	return {
		release,
		people,
		meanP1: meanP1(people),
		test: test ? { bins: test, meanP1: meanP1(test), ks: ksDistance(test, people) } : null,
	}
}

/** How a number of picks went. @param lines one at least */
function countPicks(name: string, lines: readonly Feedback[]): PickFigures {
	const share = (isCounted: (pick: Feedback['pick']) => boolean) =>
		wilson(lines.filter(({ pick }) => isCounted(pick)).length, lines.length)
	return {
		name,
		picks: lines.length,
		useful: share(({ how }) => how === 'suggestion'),
		first: share((pick) => pick.how === 'suggestion' && pick.rank === 1),
		named: share(({ how }) => how === 'search' || how === 'typed' || how === 'unseen'),
		none: share(({ how }) => how === 'none'),
	}
}

/**
 * Whether people take one of the five more often from the canary's release than from production's.
 *
 * @param lines by time
 * @param release what the channel serves: a pick may name any
 * @returns null where there is no canary, no pick of it, or none of production beside it
 */
function testCanary(lines: readonly Feedback[], release: string | null): CanaryTest | null {
	if (release === null) return null
	const ofCanary = lines.filter((line) => line.channel === 'canary' && line.release === release)
	const from = ofCanary[0]?.time
	if (from === undefined) return null
	const ofProduction = lines.filter(
		({ channel, time }) => channel === 'production' && Date.parse(time) >= Date.parse(from),
	)
	if (ofProduction.length === 0) return null
	const canary = countPicks(release, ofCanary)
	const production = countPicks('production', ofProduction)
	const difference = differenceOfShares(production.useful, canary.useful)
	return {
		release,
		from: new Date(from).toISOString(),
		production,
		canary,
		difference,
		verdict: verdictOf(difference),
	}
}
