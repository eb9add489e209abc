// Whether a model can be used at all.
import { AppError } from '../../../src/shared/app-error.ts'
import { columnRanges } from './columns.ts'
import type { Crew } from './crew.ts'
import type { Weights } from './weights.ts'

/**
 * A comparison with NaN is false, so that a broken model would put every label first: none gets that far.
 *
 * @throws AppError `diverged` where a weight is no number
 */
export async function checkWeights(crew: Crew, weights: Weights): Promise<void> {
	const { rows, labels, stride } = weights
	for (const [address, count] of [
		[weights.input, rows],
		[weights.output, labels],
	] as const) {
		const { lows, highs } = await columnRanges(crew, address, count, stride)
		if (!lows.every(Number.isFinite) || !highs.every(Number.isFinite))
			throw new AppError('diverged', 'a weight of the model is not a number; train it again')
	}
}
