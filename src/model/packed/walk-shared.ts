// What the walks of all versions of the packing have in common. Pure: browser and Node.
import { EVIDENCE_LEVELS, type Evidence } from '../evidence/evidence-file.ts'
import { isPair } from '../evidence/features.ts'
import {
	CENTROIDS,
	type FastTextModel,
	LOSS_NAMES,
	type QuantizedMatrix,
} from '../fasttext/format.ts'
import { damaged } from './damage.ts'

/** What a packing can hold: matrices of codes. */
export interface PackableModel extends FastTextModel {
	readonly input: QuantizedMatrix
	readonly output: QuantizedMatrix
}

/** @param code writes a number, or ignores it and reads one */
export function walkArgs(
	code: (value: number) => number,
	written: FastTextModel['args'] | undefined,
): FastTextModel['args'] {
	const dim = code(written?.dim ?? 0)
	const epoch = code(written?.epoch ?? 0)
	const minCount = code(written?.minCount ?? 0)
	const neg = code(written?.neg ?? 0)
	const wordNgrams = code(written?.wordNgrams ?? 0)
	const loss = LOSS_NAMES[code(written ? LOSS_NAMES.indexOf(written.loss) : 0)]
	if (loss === undefined) throw damaged('it has a loss that nobody knows')
	return { dim, epoch, minCount, neg, wordNgrams, loss, bucket: code(written?.bucket ?? 0) }
}

export interface MatrixShape {
	readonly rows: number
	readonly dim: number
	readonly subDim: number
	readonly hasNorms: boolean
}

/** @param limit most of anything that can be in the model @returns codes of a row @throws AppError `damaged` for an impossible shape */
export function countCodes({ rows, dim, subDim }: MatrixShape, limit: number): number {
	if (dim < 1 || subDim < 1 || subDim > dim || dim * CENTROIDS > limit)
		throw damaged(`it has vectors of ${dim} numbers in parts of ${subDim}`)
	const codes = Math.ceil(dim / subDim)
	if (rows * codes > limit) throw damaged(`it has ${rows} vectors of ${codes} codes`)
	return codes
}

/** Its file says in a byte how long a word of a table of evidence is. */
export const LONGEST_WORD = 255

interface EvidenceCounts {
	readonly labels: number
	readonly words: number
	readonly features: number
	/** Labels of all lists together. */
	readonly entries: number
}

export const MOST_LABELS = 65_536

/**
 * @param code writes a number, or ignores it and reads one
 * @param limit most of anything that can be in the table: bytes of its file
 */
export function walkEvidenceCounts(
	code: (value: number) => number,
	written: Evidence | null,
	limit: number,
): EvidenceCounts {
	const count = (value = 0) => {
		const known = code(value)
		if (known > limit * 2) throw damaged(`its evidence says that there are ${known} of something`)
		return known
	}
	const labels = count(written?.absent.length)
	if (labels > MOST_LABELS) throw damaged(`its evidence has ${labels} labels`)
	const words = count(written?.words.length)
	const features = count(written?.features.length)
	return { labels, words, features, entries: count(written?.labels.length) }
}

/** Its floats in one row. */
export function joinFloats({ strength, levelValues, absent }: Evidence): Float32Array {
	return Float32Array.from([strength, ...levelValues, ...absent])
}

/** The opposite of {@link joinFloats}. */
export function splitFloats(
	floats: Float32Array,
): Pick<Evidence, 'strength' | 'levelValues' | 'absent'> {
	return {
		strength: floats[0] ?? 0,
		levelValues: floats.slice(1, 1 + EVIDENCE_LEVELS),
		absent: floats.slice(1 + EVIDENCE_LEVELS),
	}
}

/** Words, beginnings of words, pairs of words. */
export const KINDS = 3

/** Of each list of a table, in their order. */
export function kindsOf(words: number, features: Uint32Array): Uint8Array {
	return Uint8Array.from({ length: words + features.length }, (_, at) =>
		at < words ? 0 : isPair(features[at - words] ?? 0) ? 2 : 1,
	)
}
