// Which row of a model belongs to which word or n-gram: what finds the same feature in another model.

import type { FastTextModel } from '../../../src/model/fasttext/format.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { EXACT_BUCKET, type Vocabulary } from './vocabulary.ts'

/** Ids of n-grams are of use among models of one bucket count only. @throws AppError `unsupported` */
export function checkExactBucket({ args, pruned }: FastTextModel): void {
	if (!pruned || args.bucket === EXACT_BUCKET) return
	throw new AppError(
		'unsupported',
		`the model names its n-grams in ${args.bucket} buckets, this version in ${EXACT_BUCKET}; train it again`,
	)
}

/** A word is its bytes, an n-gram its id: in the order of the rows. */
export function keysOf({ words, ngrams }: Vocabulary): (string | number)[] {
	return [...words, ...(ngrams ?? [])]
}

/** The row of each word and n-gram. */
export function rowsByKey(vocabulary: Vocabulary): Map<string | number, number> {
	const { words, ngramRows } = vocabulary
	const rows = new Map<string | number, number>()
	for (const [index, key] of keysOf(vocabulary).entries()) {
		const position = index - words.length
		rows.set(key, position < 0 ? index : words.length + (ngramRows?.[position] ?? position))
	}
	return rows
}
