// Models of symbols that learn from what they code, the encoder's and the decoder's alike: whole numbers only, so that every
// machine computes the same. Pure: browser and Node.
import { type Coder, STEP_BITS, type SymbolModel, TOTAL } from './range-coder.ts'

/** What is inherited counts for so many symbols. */
const INHERITED = 24
/** Symbols that a specialist must have seen. */
const ENOUGH = 64
/** A symbol counts so much: what is inherited can count for less. */
const UNIT = 8
/** Shares are computed anew when one in so many of all symbols is new. */
const FRESH = 8
const FIRST_FRESH = 16
const TAIL_BITS = 16

/** Counts symbols; one that never came keeps a share of its own. */
export class Adaptive implements SymbolModel {
	readonly bounds: Uint16Array
	readonly starts = new Uint8Array(TOTAL >> STEP_BITS)
	seen = 0
	readonly #counts: Uint32Array
	#total = 0
	#renewal = FIRST_FRESH

	/** @param size of the alphabet, at most 256 */
	constructor(size: number) {
		this.bounds = new Uint16Array(size + 1)
		this.#counts = new Uint32Array(size)
		this.#share()
	}

	learn(symbol: number): void {
		this.#count(symbol, UNIT)
		this.seen += 1
		if (this.seen >= this.#renewal) this.#share()
	}

	/** What has seen these symbols, and inherits what this has learnt as if it were a few symbols more. */
	specialize(symbols: Uint8Array): Adaptive {
		const special = new Adaptive(this.#counts.length)
		for (const symbol of symbols) special.#count(symbol, UNIT)
		special.seen = symbols.length
		special.#inherit(this.bounds)
		return special
	}

	#inherit(bounds: Uint16Array): void {
		for (let symbol = 0; symbol < this.#counts.length; symbol += 1) {
			const share = (bounds[symbol + 1] as number) - (bounds[symbol] as number)
			this.#count(symbol, Math.floor((share * INHERITED * UNIT) / TOTAL))
		}
		this.#share()
	}

	#count(symbol: number, weight: number): void {
		this.#counts[symbol] = (this.#counts[symbol] as number) + weight
		this.#total += weight
	}

	#share(): void {
		const size = this.#counts.length
		const total = this.#total * 2 + size
		let given = 0
		let step = 0
		for (let symbol = 0; symbol < size; symbol += 1) {
			given += (this.#counts[symbol] as number) * 2 + 1
			// A share of one for each symbol, and the rest by the counts.
			const end = Math.floor((given * (TOTAL - size)) / total) + symbol + 1
			this.bounds[symbol + 1] = end
			for (; step << STEP_BITS < end; step += 1) this.starts[step] = symbol
		}
		this.#renewal = this.seen + Math.max(FIRST_FRESH, Math.floor(this.seen / FRESH))
	}
}

/**
 * A model for what is seen in one place: until it has seen enough itself, it says what is seen in all places alike. Only then
 * does it get tables of its own: most places of a small model never see enough.
 */
export class Specialist implements SymbolModel {
	bounds: Uint16Array
	starts: Uint8Array
	readonly #general: Adaptive
	#seen: Uint8Array | null = null
	#count = 0
	#own: Adaptive | null = null

	constructor(general: Adaptive) {
		this.#general = general
		this.bounds = general.bounds
		this.starts = general.starts
	}

	learn(symbol: number): void {
		if (this.#own) {
			this.#own.learn(symbol)
			return
		}
		this.#seen ??= new Uint8Array(ENOUGH)
		this.#seen[this.#count] = symbol
		this.#count += 1
		this.#general.learn(symbol)
		if (this.#count === ENOUGH) this.#become(this.#general.specialize(this.#seen))
	}

	#become(own: Adaptive): void {
		this.#own = own
		this.#seen = null
		this.bounds = own.bounds
		this.starts = own.starts
	}
}

/** Whole numbers from 0: how many bits one has is learnt, and the two bits below its highest. */
export class AdaptiveNumber {
	readonly #lengths = new Adaptive(54)
	readonly #heads: Adaptive[] = []

	/** @param value below 2^53 */
	code(coder: Coder, value: number): number {
		const length = coder.symbol(this.#lengths, bitLength(value))
		if (length < 2) return length
		const headBits = Math.min(2, length - 1)
		const tailBits = length - 1 - headBits
		this.#heads[length] ??= new Adaptive(2 ** headBits)
		const head = Math.floor(value / 2 ** tailBits) - 2 ** headBits
		return codeTail(coder, coder.symbol(this.#heads[length], head) + 2 ** headBits, tailBits, value)
	}
}

/** The lowest bits of a number, each as likely 0 as 1, behind what is known of it. */
function codeTail(coder: Coder, known: number, bits: number, value: number): number {
	let whole = known
	for (let left = bits; left > 0; left -= TAIL_BITS) {
		const width = Math.min(TAIL_BITS, left)
		const part = Math.floor(value / 2 ** (left - width)) % 2 ** width
		whole = whole * 2 ** width + coder.even(2 ** width, part)
	}
	return whole
}

function bitLength(value: number): number {
	const high = Math.floor(value / 2 ** 32)
	return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value)
}
