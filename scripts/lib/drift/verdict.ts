// Whether posts have drifted too far, by the limits of the parameters. Pure.
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import type { Estimate, JudgedRule } from '../../../src/shared/report-parts.ts'
import { differenceOfShares } from '../../../src/shared/statistics.ts'
import type { DriftParameters } from './parameters.ts'

/** The rule, as the command's help states it. */
export const VERDICT_RULE = `Each limit of the section drift of whichsub.yaml is held against the lower end of the figure's interval of 95 %: a small
sample raises no alarm that chance could have raised. Posts have drifted where one limit is passed. The fall of recall@1 is
the real one where the posts have labels, else the one that p@1 lets expect.`

type Measures = Pick<DriftReport, 'reference' | 'current'>

export function judgeDrift(measures: Measures, limits: DriftParameters): DriftReport['verdict'] {
	const { current } = measures
	const rules = [
		judge('maxPsi', current.psi, limits.maxPsi, 'population stability index of p@1'),
		judge('maxKs', current.ks, limits.maxKs, 'Kolmogorov–Smirnov distance of p@1'),
		...judgeWords(measures, limits),
		judgeShift(measures, limits),
		judgeRecall(measures, limits),
	]
	return { drifted: rules.some(({ passed }) => !passed), rules }
}

function judge(name: string, figure: Estimate, limit: number, what: string): JudgedRule {
	const { value, low, high } = figure
	return {
		name,
		value: low,
		limit,
		passed: low <= limit,
		says: `${what} ${digits(value)} (${digits(low)} to ${digits(high)}); the limit is ${digits(limit)}`,
	}
}

function judgeWords({ reference, current }: Measures, limits: DriftParameters): JudgedRule[] {
	if (!reference.unknownWords) return []
	const rise = differenceOfShares(reference.unknownWords, current.unknownWords)
	return [judge('maxUnknownWordsRise', rise, limits.maxUnknownWordsRise, 'rise of unknown words')]
}

function judgeShift({ current }: Measures, { maxPredictedShift }: DriftParameters): JudgedRule {
	const { distance, chance } = current.predicted
	const value = Math.max(0, distance - chance.high)
	return {
		name: 'maxPredictedShift',
		value,
		limit: maxPredictedShift,
		passed: value <= maxPredictedShift,
		says: `shift of the subreddits that are suggested first ${digits(distance)}, of which chance explains up to ${digits(chance.high)}; the limit is ${digits(maxPredictedShift)} more`,
	}
}

function judgeRecall({ reference, current }: Measures, limits: DriftParameters): JudgedRule {
	const now = (current.actual ?? current.estimate)['recall@1']
	const what = `${current.actual ? 'fall' : 'estimated fall'} of recall@1`
	return judge(
		'maxRecallFall',
		differenceOfShares(now, reference['recall@1']),
		limits.maxRecallFall,
		what,
	)
}

/** With a minus sign, and none where nothing is left of the value. */
function digits(value: number): string {
	return value
		.toFixed(3)
		.replace(/^-0\.000$/, '0.000')
		.replace('-', '−')
}
