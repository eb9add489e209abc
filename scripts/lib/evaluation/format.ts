// Figures as people read them. Pure.
import type { StoredEvaluationReport } from '../../../src/shared/evaluation-report.ts'
import { sayNewest } from '../../../src/shared/metrics.ts'
import type { PriorStrengths } from '../../../src/shared/prior.ts'

/** As in `beta 0.20, 0.70 for the order of the five, gamma 0.00; 3 times as strong for 1 known word, 2.5 times for 2, 1.5 times for 3 to 4`. */
export function formatPrior({ alpha, beta, gamma, order, short = [] }: PriorStrengths): string {
	const numbers = short.map(({ knownWords }, index) => {
		const least = (short[index - 1]?.knownWords ?? 0) + 1
		return least === knownWords ? `${least}` : `${least} to ${knownWords}`
	})
	const times = short.map(({ times }, index) =>
		index === 0
			? `${times} times as strong for ${numbers[0]} known word${numbers[0] === '1' ? '' : 's'}`
			: `${times} times for ${numbers[index]}`,
	)
	const bySize = beta === undefined ? `alpha ${alpha.toFixed(2)}` : `beta ${beta.toFixed(2)}`
	const byOrder = order === undefined ? '' : `, ${order.toFixed(2)} for the order of the five`
	const strengths = `${bySize}${byOrder}, gamma ${gamma.toFixed(2)}`
	return times.length > 0 ? `${strengths}; ${times.join(', ')}` : strengths
}

/** As in `split by time, posts from 2013-06-01 until 2013-07-01`. */
export function formatWindow({
	split,
	newest,
	testFrom,
	testUntil,
}: Pick<StoredEvaluationReport, 'split' | 'newest' | 'testFrom' | 'testUntil'>): string {
	const how = {
		time: 'split by time',
		newest: sayNewest(newest),
		random: 'split at random',
		external: 'dumps',
	}
	return `${how[split]}, posts from ${formatInstant(testFrom)} until ${formatInstant(testUntil)}`
}

/** A day where the instant is one's begin. */
export function formatInstant(instant: string): string {
	return instant.replace(/T00:00:00(\.000)?Z$/, '')
}
