// What `subreddits index` prints for people. Pure.
import { formatShare } from '../../../src/shared/numbers.ts'
import { formatBytes, formatCount } from '../progress.ts'
import { UNSEEN_PARAMETERS } from './build-index.ts'
import type { PackedFiles, PackedUnseen } from './pack-index.ts'
import {
	chooseThreshold,
	figuresAt,
	LEAST_RIGHT,
	UNSEEN_SHARE,
	type UnseenFigures,
} from './tally.ts'

export function formatIndex(
	{ index, tail }: PackedFiles,
	{ out, tailOut }: { readonly out?: string | undefined; readonly tailOut?: string | undefined },
): string {
	return [
		`index of ${formatCount(index.record.subreddits)} subreddits that the model has not learnt`,
		...formatFile(index, out),
		...(tail
			? [
					`long tail, on request: ${formatCount(tail.record.subreddits)} subreddits, those of the index among them`,
					...formatFile(tail, tailOut),
				]
			: []),
	].join('\n')
}

function formatFile({ record, index, leftOut }: PackedUnseen, path: string | undefined): string[] {
	return [
		`  on the wire: ${formatBytes(record.bytes)}`,
		`  words: ${formatCount(index.words.length)}`,
		...(leftOut > 0 ? [`  left out, the smallest: ${formatCount(leftOut)}`] : []),
		...(path === undefined ? [] : [`  written to ${path}`]),
	]
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
		`  of a hundred with such evidence are right, where ${formatShare(UNSEEN_SHARE, 0)} of the titles are theirs: ${figures.right.map(([evidence, share]) => `${evidence.toFixed(2)} → ${formatShare(share)}`).join(', ')}`,
		`  lowest threshold at which ${formatShare(LEAST_RIGHT)} of those shown are right: ${best ?? 'none'}`,
	].join('\n')
}
