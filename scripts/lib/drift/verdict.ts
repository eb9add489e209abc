// Whether posts have drifted too far, by the limits of the parameters. Pure.
import type { DriftReport } from '../../../src/shared/drift-report.ts'
import { formatShare } from '../../../src/shared/numbers.ts'
import type { Estimate, JudgedRule } from '../../../src/shared/report-parts.ts'
import { differenceOfShares } from '../../../src/shared/statistics.ts'
import type { DriftParameters } from './parameters.ts'

/** The rule, as the command's help states it. */
export const VERDICT_RULE = `Posts have drifted if a figure exceeds its limit in whichsub.yaml (section drift). What is compared with the limit is the lower
end of the figure's interval of 95%, so a small sample raises no alarm that chance could have raised. The fall of recall@1 is
measured if the posts have labels, and otherwise predicted from p@1.`

type Measures = Pick<DriftReport, 'reference' | 'current'>

export function judgeDrift(measures: Measures, limits: DriftParameters): DriftReport['verdict'] {
	const { current } = measures
	const rules = [
		holdAgainst('maxPsi', current.psi, limits.maxPsi, 'population stability index of p@1', index),
		holdAgainst('maxKs', current.ks, limits.maxKs, 'Kolmogorov–Smirnov distance of p@1', index),
		...judgeWords(measures, limits),
		judgeShift(measures, limits),
		judgeRecall(measures, limits),
	]
	return { drifted: rules.some(({ passed }) => !passed), rules }
}

function holdAgainst(
	name: string,
	{ value, low, high }: Estimate,
	limit: number,
	what: string,
	format: (value: number) => string,
): JudgedRule {
	return {
		name,
		value: low,
		limit,
		passed: low <= limit,
		says: `${what}: ${format(value)} (${format(low)} to ${format(high)}); the limit is ${format(limit)}`,
	}
}

function judgeWords({ reference, current }: Measures, limits: DriftParameters): JudgedRule[] {
	if (!reference.unknownWords) return []
	const rise = differenceOfShares(reference.unknownWords, current.unknownWords)
	const { maxUnknownWordsRise } = limits
	return [
		holdAgainst(
			'maxUnknownWordsRise',
			rise,
			maxUnknownWordsRise,
			'rise of unknown words, in points',
			points,
		),
	]
}

function judgeShift({ current }: Measures, { maxPredictedShift }: DriftParameters): JudgedRule {
	const { distance, chance } = current.predicted
	const value = Math.max(0, distance - chance.high)
	return {
		name: 'maxPredictedShift',
		value,
		limit: maxPredictedShift,
		passed: value <= maxPredictedShift,
		says: `first suggestions that go elsewhere: ${formatShare(distance)}, of which chance alone explains up to ${formatShare(chance.high)}; the limit is ${formatShare(maxPredictedShift)} beyond that`,
	}
}

function judgeRecall({ reference, current }: Measures, limits: DriftParameters): JudgedRule {
	const now = (current.actual ?? current.estimate)['recall@1']
	const what = `${current.actual ? 'fall' : 'estimated fall'} of recall@1, in points`
	return holdAgainst(
		'maxRecallFall',
		differenceOfShares(now, reference['recall@1']),
		limits.maxRecallFall,
		what,
		points,
	)
}

/** Of two distributions; what a month brings shows at the fourth place. */
function index(value: number): string {
	return value.toFixed(4)
}

/** A change of a share; with a minus sign, and none where nothing is left of the value. */
function points(value: number): string {
	return (100 * value)
		.toFixed(2)
		.replace(/^-0\.00$/, '0.00')
		.replace('-', '−')
}
