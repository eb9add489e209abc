// The parts of a table of evidence in a packed model, in their order: see ./walk.ts. Pure: browser and Node.
import { EVIDENCE_LEVELS, type Evidence } from '../evidence/evidence-file.ts'
import { FEATURE_BITS } from '../evidence/features.ts'
import type { Coder } from './coder.ts'
import { damaged } from './damage.ts'
import { WORD_CONTEXTS, WordWalk, walkFloats } from './walk-parts.ts'
import {
	joinFloats,
	KINDS,
	kindsOf,
	LONGEST_WORD,
	MOST_LABELS,
	splitFloats,
	walkEvidenceCounts,
} from './walk-shared.ts'

/**
 * @param written the table to write; null when reading
 * @param limit most of anything that can be in the table: bytes of its file
 */
export function walkEvidence(coder: Coder, written: Evidence | null, limit: number): Evidence {
	const counts = walkEvidenceCounts((value) => coder.plain(value), written, limit)
	const floats = walkFloats(
		coder,
		1 + EVIDENCE_LEVELS + counts.labels,
		written && joinFloats(written),
	)
	const words = walkWords(coder, { count: counts.words, limit }, written?.words)
	const features = walkFeatures(coder, counts.features, written?.features)
	const kinds = kindsOf(counts.words, features)
	const { weights, starts } = walkLists(coder, { kinds, entryCount: counts.entries }, written)
	const labels = walkLabels(coder, { starts, labelCount: counts.labels }, written)
	return {
		...splitFloats(floats),
		words,
		features,
		weights,
		starts,
		labels,
		levels: walkLevels(coder, starts, written),
	}
}

function walkWords(
	coder: Coder,
	{ count, limit }: { readonly count: number; readonly limit: number },
	written: readonly string[] | undefined,
): string[] {
	return coder.part(WORD_CONTEXTS, (part) => {
		const walk = new WordWalk(part, [], { limit, longest: LONGEST_WORD })
		return Array.from({ length: count }, (_, index) => walk.word(written?.[index] ?? ''))
	})
}

/** Numbers ascend. */
function walkFeatures(coder: Coder, count: number, written: Uint32Array | undefined): Uint32Array {
	return coder.part(1, (part) => {
		const features = new Uint32Array(count)
		let last = -1
		for (let index = 0; index < count; index += 1) {
			last += 1 + part.number(0, written ? (written[index] ?? 0) - last - 1 : 0)
			if (last >= 2 ** FEATURE_BITS)
				throw damaged(`a feature of its evidence has the number ${last}`)
			features[index] = last
		}
		return features
	})
}

interface ListsShape {
	/** Of each list. */
	readonly kinds: Uint8Array
	readonly entryCount: number
}

type Lists = Pick<Evidence, 'weights' | 'starts'>

/** A list may have so many labels, in bits. */
const LENGTHS = 18
/** Contexts of lists: of how long one is, then of its weight. */
const WEIGHTS = KINDS
const LIST_CONTEXTS = WEIGHTS + KINDS * LENGTHS

/** List by list how long it is, and its weight. */
function walkLists(
	coder: Coder,
	{ kinds, entryCount }: ListsShape,
	written: Evidence | null,
): Lists {
	return coder.part(LIST_CONTEXTS, (part) => {
		const weights = new Uint8Array(kinds.length)
		const starts = new Uint32Array(kinds.length + 1)
		for (const [list, kind] of kinds.entries()) {
			const at = starts[list] as number
			const length = part.number(kind, written ? (written.starts[list + 1] as number) - at : 0)
			if (at + length > entryCount || length > MOST_LABELS)
				throw damaged(`its evidence has more than ${entryCount} entries`)
			const context = WEIGHTS + kind * LENGTHS + bitLength(length)
			weights[list] = part.symbol(context, written?.weights[list] ?? 0)
			starts[list + 1] = at + length
		}
		if (starts[kinds.length] !== entryCount) throw damaged('its evidence has too few entries')
		return { weights, starts }
	})
}

/** How large the distances between the labels of a list are depends on how many these are. */
function walkLabels(
	coder: Coder,
	{ starts, labelCount }: { readonly starts: Uint32Array; readonly labelCount: number },
	written: Evidence | null,
): Uint16Array {
	return coder.part(LENGTHS, (part) => {
		const labels = new Uint16Array(starts.at(-1) ?? 0)
		for (let list = 0; list + 1 < starts.length; list += 1) {
			const from = starts[list] as number
			const end = starts[list + 1] as number
			const context = bitLength(end - from)
			let last = -1
			for (let entry = from; entry < end; entry += 1) {
				last += 1 + part.number(context, written ? (written.labels[entry] as number) - last - 1 : 0)
				if (last >= labelCount) throw damaged(`its evidence has the label ${last}`)
				labels[entry] = last
			}
		}
		return labels
	})
}

/** The mean of a list's levels so far, in so many parts of a level. */
const MEAN_STEPS = 4
const MEANS = EVIDENCE_LEVELS * MEAN_STEPS
const FRACTION_BITS = 16
/** Where there is no level before. */
const NO_MEAN = MEANS
const LEVEL_CONTEXTS = LENGTHS * (MEANS + 1)

/** A level is like those before it in its list. */
function walkLevels(coder: Coder, starts: Uint32Array, written: Evidence | null): Uint8Array {
	return coder.part(LEVEL_CONTEXTS, (part) => {
		const levels = new Uint8Array(starts.at(-1) ?? 0)
		for (let list = 0; list + 1 < starts.length; list += 1) {
			const from = starts[list] as number
			const end = starts[list + 1] as number
			const context = bitLength(end - from) * (MEANS + 1)
			let sum = 0
			for (let entry = from; entry < end; entry += 1) {
				const mean = entry === from ? NO_MEAN : (sum * scaleOf(entry - from)) >> FRACTION_BITS
				const level = part.symbol(context + mean, written?.levels[entry] ?? 0)
				if (level >= EVIDENCE_LEVELS) throw damaged(`its evidence has the level ${level}`)
				levels[entry] = level
				sum += level
			}
		}
		return levels
	})
}

/** What a sum of so many levels is multiplied by for their mean. */
function scaleOf(count: number): number {
	return Math.floor((MEAN_STEPS * 2 ** FRACTION_BITS) / count)
}

function bitLength(value: number): number {
	return 32 - Math.clz32(value)
}
