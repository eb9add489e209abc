// A matrix of codes. Its centroids come before the codes, and stand behind them in the file.
import { startCodes, stepCodes } from './codes'
import { canGoOn, decode } from './decoder'
import { hasRoom, place, putByte, putInt, putLong, skip } from '../unpacking/file'
import { startFloats, stepFloats } from './floats'
import { decodeCount } from './header'
import { Adaptive, newAdaptive } from './models'
import { DONE, FAILED, MORE } from '../unpacking/steps'

const CENTROIDS: u64 = 256
const FLOATS_BYTES: u64 = CENTROIDS * 4
/** What says a matrix's shape: two flags, rows, columns, number of codes; and a quantiser's, before its floats. */
const HEAD_BYTES: u64 = 22
const QUANTIZER_BYTES: u64 = 16

// The parts, in their order.
const SHAPE: i32 = 0
const FLOATS: i32 = 1
const NORM_FLOATS: i32 = 2
const NORMS: i32 = 3
const CODES: i32 = 4

let part: i32 = SHAPE
/** Rows of words: those of n-grams are shorter. */
let words: u32 = 0
let rows: u64 = 0
let subs: u64 = 0
let hasNorms: bool = false
let codes: usize = 0
let normCodes: usize = 0
let norm: usize = 0
let norms: Adaptive = changetype<Adaptive>(0)

export function startMatrix(wordRows: u32): void {
	words = wordRows
	part = SHAPE
}

export function stepMatrix(): i32 {
	let said = stepPart()
	while (said == DONE && part != CODES) {
		// Without norms both of their parts are left out.
		part = part == FLOATS && !hasNorms ? CODES : part + 1
		preparePart()
		said = stepPart()
	}
	return said
}

function stepPart(): i32 {
	if (part == SHAPE) return stepShape()
	if (part == NORMS) return stepNorms()
	return part == CODES ? stepCodes() : stepFloats()
}

function preparePart(): void {
	if (part == NORM_FLOATS) startFloats(normCodes + <usize>(rows + QUANTIZER_BYTES), CENTROIDS)
	if (part == NORMS) {
		norm = 0
		norms = newAdaptive(<u32>CENTROIDS)
	}
	if (part == CODES) startCodes(codes, <usize>rows, <usize>subs, <usize>words)
}

function stepShape(): i32 {
	if (!canGoOn()) return MORE
	const rowCount = decodeCount()
	const dim = decodeCount()
	const subDim = decodeCount()
	const normFlag = decodeCount()
	if (rowCount < 0 || dim < 1 || subDim < 1 || subDim > dim || normFlag < 0) return FAILED
	rows = <u64>rowCount
	subs = <u64>((dim + subDim - 1) / subDim)
	hasNorms = normFlag == 1
	return putShape(<u64>dim, <u64>subDim) ? DONE : FAILED
}

/** Puts down what is known of the matrix, and keeps the places of the rest. @returns whether the file has room for all */
function putShape(dim: u64, subDim: u64): bool {
	const quantizerBytes = QUANTIZER_BYTES + dim * FLOATS_BYTES
	const normBytes = hasNorms ? rows + QUANTIZER_BYTES + FLOATS_BYTES : 0
	if (!hasRoom(HEAD_BYTES + rows * subs + quantizerBytes + normBytes)) return false
	// Quantised.
	putByte(1)
	putByte(hasNorms ? 1 : 0)
	putLong(rows)
	putLong(dim)
	putInt(<u32>(rows * subs))
	codes = place
	skip(<usize>(rows * subs))
	putQuantizer(dim, subDim)
	startFloats(place, dim * CENTROIDS)
	skip(<usize>(dim * FLOATS_BYTES))
	normCodes = place
	if (!hasNorms) return true
	skip(<usize>rows)
	putQuantizer(1, 1)
	skip(<usize>FLOATS_BYTES)
	return true
}

function putQuantizer(dim: u64, subDim: u64): void {
	const count = (dim + subDim - 1) / subDim
	putInt(<u32>dim)
	putInt(<u32>count)
	putInt(<u32>subDim)
	putInt(<u32>(dim - (count - 1) * subDim))
}

function stepNorms(): i32 {
	for (; norm < <usize>rows; norm++) {
		if (!canGoOn()) return MORE
		store<u8>(normCodes + norm, <u8>decode(norms))
	}
	return DONE
}
