// What `subreddits index` prints for people. Pure.
import { formatShare } from '../../../src/shared/numbers.ts'
import { formatBytes, formatCount } from '../progress.ts'
import { UNSEEN_PARAMETERS } from './build-index.ts'
import type { PackedUnseen } from './pack-index.ts'
import { chooseThreshold, figuresAt, LEAST_RIGHT, type UnseenFigures } from './tally.ts'

export function formatIndex(
	{ record, index, leftOut }: PackedUnseen,
	out: string | undefined,
): string {
	return [
		`index of ${formatCount(record.subreddits)} subreddits that the model has not learnt`,
		`  on the wire: ${formatBytes(record.bytes)}`,
		`  words: ${formatCount(index.words.length)}`,
		...(leftOut > 0 ? [`  left out, the smallest: ${formatCount(leftOut)}`] : []),
		...(out === undefined ? [] : [`  written to ${out}`]),
	].join('\n')
}

export function formatUnseenFigures(figures: UnseenFigures): string {
	const { threshold } = UNSEEN_PARAMETERS
	const { shown, right, shownForKnown } = figuresAt(figures, threshold)
	const best = chooseThreshold(figures.thresholds)
	return [
		`${formatCount(figures.leftOut)} subreddits left out of the training, ${formatCount(figures.posts)} test posts, ${formatCount(figures.candidates)} candidates`,
		`  unseen.recall@1: ${figures['recall@1'].toFixed(4)}`,
		`  unseen.recall@5: ${figures['recall@5'].toFixed(4)}`,
		`  shown at the threshold ${threshold}: for ${formatShare(shown)} of their titles; of those shown ${formatShare(right)} are right`,
		`  shown beside titles of subreddits that the model knows: ${formatShare(shownForKnown)}`,
		`  lowest threshold at which ${formatShare(LEAST_RIGHT)} of those shown are right: ${best ?? 'none'}`,
	].join('\n')
}
