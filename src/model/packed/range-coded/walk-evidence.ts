// The parts of a table of evidence in a packed model, in their order: see ./walk.ts. Pure: browser and Node.
import { EVIDENCE_LEVELS, type Evidence } from '../../evidence/evidence-file.ts'
import { FEATURE_BITS } from '../../evidence/features.ts'
import { damaged } from '../damage.ts'
import {
	joinFloats,
	KINDS,
	kindsOf,
	LONGEST_WORD,
	splitFloats,
	walkEvidenceCounts,
} from '../walk-shared.ts'
import { Adaptive, AdaptiveNumber } from './adaptive.ts'
import type { Coder } from './range-coder.ts'
import { WordModels, walkFloats, walkWord } from './walk.ts'

const BYTES = 256

/**
 * @param written the table to write; null when reading
 * @param limit most of anything that can be in the table: bytes of its file
 */
export function walkEvidence(coder: Coder, written: Evidence | null, limit: number): Evidence {
	const number = new AdaptiveNumber()
	const counts = walkEvidenceCounts((value) => number.code(coder, value), written, limit)
	const floats = walkFloats(
		coder,
		1 + EVIDENCE_LEVELS + counts.labels,
		written && joinFloats(written),
	)
	const words = walkWords(coder, counts.words, written?.words ?? null, limit)
	const features = walkFeatures(coder, counts.features, written?.features ?? null)
	const kinds = kindsOf(counts.words, features)
	const lists = walkLists(
		coder,
		{ kinds, entryCount: counts.entries, labelCount: counts.labels },
		written,
	)
	return { ...splitFloats(floats), words, features, ...lists }
}

/** As the words of a model. */
function walkWords(
	coder: Coder,
	count: number,
	written: readonly string[] | null,
	limit: number,
): string[] {
	const models = new WordModels()
	const words: string[] = []
	let before = ''
	let bytesLeft = limit
	for (let index = 0; index < count; index += 1) {
		const limits = { before, limit: bytesLeft, longest: LONGEST_WORD }
		const word = walkWord(coder, limits, written?.[index] ?? '', models)
		before = word.bytes
		bytesLeft -= word.own
		words.push(before)
	}
	return words
}

/** Numbers ascend. */
function walkFeatures(coder: Coder, count: number, written: Uint32Array | null): Uint32Array {
	const gaps = new AdaptiveNumber()
	const features = new Uint32Array(count)
	let last = -1
	for (let index = 0; index < count; index += 1) {
		last += 1 + gaps.code(coder, written ? (written[index] ?? 0) - last - 1 : 0)
		if (last >= 2 ** FEATURE_BITS) throw damaged(`a feature of its evidence has the number ${last}`)
		features[index] = last
	}
	return features
}

interface Lists {
	/** Of each list. */
	readonly kinds: Uint8Array
	readonly entryCount: number
	readonly labelCount: number
}

/** Each list with its weight and its length; then label by label the gap before it, and its level. */
function walkLists(
	coder: Coder,
	{ kinds, entryCount, labelCount }: Lists,
	written: Evidence | null,
): Pick<Evidence, 'weights' | 'starts' | 'labels' | 'levels'> {
	const weights = new Uint8Array(kinds.length)
	const starts = new Uint32Array(kinds.length + 1)
	const labels = new Uint16Array(entryCount)
	const levels = new Uint8Array(entryCount)
	const weightModels = Array.from({ length: KINDS }, () => new Adaptive(BYTES))
	const lengths = Array.from({ length: KINDS }, () => new AdaptiveNumber())
	const gaps = new GapModels(labelCount)
	for (const [list, kind] of kinds.entries()) {
		const at = starts[list] as number
		weights[list] = coder.symbol(weightModels[kind] as Adaptive, written?.weights[list] ?? 0)
		const own = written ? (written.starts[list + 1] as number) - at : 0
		const end = at + (lengths[kind] as AdaptiveNumber).code(coder, own)
		if (end > entryCount) throw damaged(`its evidence has more than ${entryCount} entries`)
		walkList(coder, { at, end, gaps }, { labels, levels }, written)
		starts[list + 1] = end
	}
	if (starts[kinds.length] !== entryCount) throw damaged('its evidence has too few entries')
	return { weights, starts, labels, levels }
}

function walkList(
	coder: Coder,
	{ at, end, gaps }: { readonly at: number; readonly end: number; readonly gaps: GapModels },
	{ labels, levels }: Pick<Evidence, 'labels' | 'levels'>,
	written: Evidence | null,
): void {
	const model = gaps.ofLength(end - at)
	let last = -1
	for (let entry = at; entry < end; entry += 1) {
		last += 1 + model.code(coder, written ? (written.labels[entry] as number) - last - 1 : 0)
		if (last >= gaps.labelCount) throw damaged(`its evidence has the label ${last}`)
		labels[entry] = last
		levels[entry] = coder.symbol(model.levels, written?.levels[entry] ?? 0)
	}
}

/** What gaps between the labels of a list are like depends on how many these are. */
class GapModels {
	readonly labelCount: number
	readonly #models: GapModel[] = []

	constructor(labelCount: number) {
		this.labelCount = labelCount
	}

	ofLength(length: number): GapModel {
		const usual = Math.floor(this.labelCount / Math.max(1, length))
		const bits = Math.max(0, 32 - Math.clz32(usual) - TAIL_LESS)
		this.#models[bits] ??= new GapModel(bits)
		return this.#models[bits]
	}
}

/** The lowest bits of a gap are as likely 0 as 1: two less than a usual gap has. */
const TAIL_LESS = 2
/** Stands for a number of at least so much, whose rest follows. */
const MUCH = BYTES - 1

class GapModel {
	readonly levels = new Adaptive(EVIDENCE_LEVELS)
	readonly #heads = new Adaptive(BYTES)
	readonly #rest = new AdaptiveNumber()
	readonly #tailSize: number

	constructor(tailBits: number) {
		this.#tailSize = 2 ** tailBits
	}

	code(coder: Coder, gap: number): number {
		const written = Math.floor(gap / this.#tailSize)
		let head = coder.symbol(this.#heads, Math.min(MUCH, written))
		if (head === MUCH) head += this.#rest.code(coder, written - MUCH)
		return head * this.#tailSize + coder.even(this.#tailSize, gap % this.#tailSize)
	}
}
