// Whether people take one of the five more often from the canary's release than from production's. Pure.
import type { Feedback } from '../../../src/shared/feedback.ts'
import { differenceOfShares } from '../../../src/shared/statistics.ts'
import type { CanaryTest } from '../../../src/shared/use-report.ts'
import { neededTrials, POWER, pOfEqualShares } from '../statistics/two-shares.ts'
import { countPicks } from './use-figures.ts'

/** A smaller difference of usefulness is not worth waiting for: three of a hundred titles. */
const LEAST_DIFFERENCE = 0.03

/** What the test is, as the command's help states it. */
export const CANARY_RULE = `The canary's release is compared with what production served since the canary's first pick: the difference of two shares
with Newcombe's interval, the p of the z-test, and how many picks it takes to find the measured difference in 80 of 100 cases
at a level of 5% (or, where the measured one is smaller, a difference of ${100 * LEAST_DIFFERENCE} points).`

/**
 * @param lines by time
 * @returns null where there is no pick of a canary, or of nothing beside it
 */
export function testCanary(lines: readonly Feedback[]): CanaryTest | null {
	const newest = lines.findLast(({ channel }) => channel === 'canary')
	if (!newest) return null
	const { release } = newest
	const ofCanary = lines.filter((line) => line.channel === 'canary' && line.release === release)
	const from = ofCanary[0]?.time ?? newest.time
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
		p: pOfEqualShares(countUseful(ofProduction), countUseful(ofCanary)),
		verdict: judge(difference),
		needed: countNeeded(production.useful.value, difference.value, {
			production: ofProduction.length,
			canary: ofCanary.length,
		}),
	}
}

function countUseful(lines: readonly Feedback[]) {
	const hits = lines.filter(({ pick }) => pick.how === 'suggestion').length
	return { hits, trials: lines.length }
}

function judge({ low, high }: CanaryTest['difference']): CanaryTest['verdict'] {
	if (low > 0) return 'better'
	return high < 0 ? 'worse' : 'no clear difference'
}

function countNeeded(
	useful: number,
	measured: number,
	picks: { readonly production: number; readonly canary: number },
): CanaryTest['needed'] {
	const difference = chooseDifference(useful, measured)
	const ratio = picks.canary / picks.production
	const productionPicks = neededTrials(useful, useful + difference, ratio)
	const canaryPicks = Math.ceil(productionPicks * ratio)
	return {
		difference,
		power: POWER,
		canaryPicks,
		productionPicks,
		moreCanaryPicks: Math.max(0, canaryPicks - picks.canary),
		moreProductionPicks: Math.max(0, productionPicks - picks.production),
	}
}

// No share is above 1 or below 0: near an end the difference goes the other way.
function chooseDifference(useful: number, measured: number): number {
	if (Math.abs(measured) >= LEAST_DIFFERENCE) return measured
	const wanted = measured < 0 ? -LEAST_DIFFERENCE : LEAST_DIFFERENCE
	return useful + wanted > 1 || useful + wanted < 0 ? -wanted : wanted
}
