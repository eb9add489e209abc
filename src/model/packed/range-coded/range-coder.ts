// Arithmetic coding: symbols became bits, each as many as its probability asked for. What was packed so until release 20261130.4 is
// still read; the encoder is kept with the tests. Pure: browser and Node.
// Source: Martin 1979, "Range encoding"; the carry is LZMA's.
import { damaged } from '../damage.ts'

/** Probabilities are shares of 2^15. */
const TOTAL_BITS = 15
export const TOTAL = 2 ** TOTAL_BITS
/** The steps of {@link SymbolModel.starts}, in bits of a share. */
export const STEP_BITS = 7
export const LEAST_RANGE = 2 ** 24
/** More would leave too little of a range for each. */
const MOST_EVEN = 2 ** 20

/**
 * A coder of either direction: an encoder writes the symbols that it is given, a decoder ignores these and returns what was
 * written. What walks through a model's parts with one is a format's writer and its reader in one.
 */
export interface Coder {
	/** @param model tells how likely each symbol is, and learns @param symbol below the model's size */
	symbol(model: SymbolModel, symbol: number): number
	/** A number below `size`, each as likely as any other. @param size at most 2^20 */
	even(size: number, value: number): number
}

/** What a coder asks a model for. */
export interface SymbolModel {
	/** Shares of the symbols added up: symbol `s` has those from `bounds[s]` to `bounds[s + 1]`, all of 2^15 together. */
	readonly bounds: Uint16Array
	/** For each 128th of the shares a symbol that a search for theirs may begin at. */
	readonly starts: Uint8Array
	learn(symbol: number): void
}

export class RangeDecoder implements Coder {
	readonly #bytes: Uint8Array
	#at = 0
	#code = 0
	#range = 2 ** 32 - 1

	/** @throws AppError `damaged` as soon as the bytes are at their end, and more is asked for */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes
		for (let byte = 0; byte < 4; byte += 1) this.#code = this.#code * 256 + this.#next()
	}

	symbol(model: SymbolModel): number {
		const { bounds } = model
		const unit = this.#range >>> TOTAL_BITS
		const share = Math.min(TOTAL - 1, Math.floor(this.#code / unit))
		let symbol = model.starts[share >> STEP_BITS] as number
		while ((bounds[symbol + 1] as number) <= share) symbol += 1
		const from = bounds[symbol] as number
		this.#narrow(unit, from, (bounds[symbol + 1] as number) - from)
		model.learn(symbol)
		return symbol
	}

	even(size: number): number {
		checkEven(size)
		const unit = Math.floor(this.#range / size)
		const value = Math.min(size - 1, Math.floor(this.#code / unit))
		this.#narrow(unit, value, 1)
		return value
	}

	/** @throws AppError `damaged` where bytes are left that nothing was decoded from */
	finish(): void {
		const left = this.#bytes.length - this.#at
		if (left > 0) throw damaged(`${left} bytes too many`)
	}

	#narrow(unit: number, from: number, size: number): void {
		this.#code -= unit * from
		this.#range = unit * size
		while (this.#range < LEAST_RANGE) {
			this.#range *= 256
			this.#code = this.#code * 256 + this.#next()
		}
	}

	#next(): number {
		if (this.#at === this.#bytes.length) throw damaged('it ends too early')
		this.#at += 1
		return this.#bytes[this.#at - 1] as number
	}
}

/** @throws RangeError where it is no size that can be */
export function checkEven(size: number): void {
	if (!(size >= 1 && size <= MOST_EVEN)) throw new RangeError(`numbers below ${size}`)
}
