// Whether people take one of the five more often from the canary's release than from production's. Pure.
import type { Feedback } from '../../../src/shared/feedback.ts'
import { differenceOfShares, verdictOf } from '../../../src/shared/statistics.ts'
import type { CanaryTest } from '../../../src/shared/use-report.ts'
import { countPicks } from './use-figures.ts'

/** What the test is, as the command's help states it. */
export const CANARY_RULE = `If the channel canary serves a release, it is compared with what production served since the canary's first pick. The figure
is the difference between the two shares of titles for which one of the five was taken, with Newcombe's interval of 95%.`

/**
 * @param lines by time
 * @param release what the channel serves: a pick may name any
 * @returns null where there is no canary, no pick of it, or none of production beside it
 */
export function testCanary(lines: readonly Feedback[], release: string | null): CanaryTest | null {
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
