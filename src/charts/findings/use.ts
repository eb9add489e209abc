// What the pictures of use say, in words and with the number. Pure.
import {
	formatCount,
	formatMonth,
	formatPlural,
	formatPoints,
	formatShare,
} from '../../shared/numbers.ts'
import type { UseReport } from '../../shared/use-report.ts'
import { formatEstimate } from '../format.ts'

export function sayUsefulness({ total, picks }: UseReport): string {
	if (!total) return 'Nobody picked anything yet'
	return `People took one of the five for ${formatEstimate(total.useful)} of ${formatPlural(picks, 'title')}`
}

export function sayRanks({ ranks }: UseReport): string {
	const first = ranks[0]
	if (!first) return 'No suggestion was taken yet'
	return `${formatShare(first.share.value)} of all picks take the first suggestion`
}

export function sayMonths({ months }: UseReport): string {
	const [first, last] = [months[0], months.at(-1)]
	if (!first || !last) return 'No month has picks'
	if (first === last)
		return `In ${nameMonth(first)}, one of the five was taken for ${formatShare(first.useful.value)} of titles`
	return `One of the five was taken for ${formatShare(first.useful.value)} of titles in ${nameMonth(first)}, and for ${formatShare(last.useful.value)} in ${nameMonth(last)}`
}

/** `2013-07` → `July 2013`. */
function nameMonth({ name }: UseReport['months'][number]): string {
	return formatMonth(`${name}-01T00:00:00Z`)
}

export function sayNamed({ named }: UseReport): string {
	const first = named[0]
	if (!first) return 'Nobody named another subreddit'
	return `Where none of the five was right, people named r/${first.subreddit} most: ${formatCount(first.searched + first.typed)} times`
}

export function sayPeopleP1({ release, meanP1, test }: UseReport['p1'][number]): string {
	if (!test) return `On people's titles release ${release} claims ${formatShare(meanP1)} on average`
	const way = meanP1 < test.meanP1 ? 'less sure' : 'surer'
	return `On people's titles release ${release} is ${way} than on its test posts: p@1 is ${formatShare(meanP1)} on average, there ${formatShare(test.meanP1)}`
}

export function sayCanary(canary: NonNullable<UseReport['canary']>): string {
	const { difference, verdict, release } = canary
	return `The canary ${release} is ${formatPoints(difference.value)} from production's usefulness (${formatPoints(difference.low)} to ${formatPoints(difference.high)}): ${verdict}`
}
