// Arithmetic coding: symbols become bits, each as many as its probability asks for. Pure: browser and Node.
// Source: Martin 1979, "Range encoding"; the carry is LZMA's.
import { AppError } from '../../shared/app-error.ts'

/** Probabilities are shares of 2^15. */
const TOTAL_BITS = 15
export const TOTAL = 2 ** TOTAL_BITS
/** The steps of {@link SymbolModel.starts}, in bits of a share. */
export const STEP_BITS = 7
const LEAST_RANGE = 2 ** 24
/** More would leave too little of a range for each. */
const MOST_EVEN = 2 ** 20

/**
 * A coder of either direction: an encoder writes the symbols that it is given, a decoder ignores these and returns what was
 * written. What walks through a model's parts with one is a format's writer and its reader in one.
 */
export interface Coder {
	readonly isDecoder: boolean
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

export class RangeEncoder implements Coder {
	readonly isDecoder = false
	#bytes = new Uint8Array(2 ** 16)
	#length = 0
	#low = 0
	#range = 2 ** 32 - 1
	#held = 0
	#heldCount = 0
	#isFirst = true

	symbol(model: SymbolModel, symbol: number): number {
		const from = model.bounds[symbol] ?? 0
		this.#narrow(TOTAL, from, (model.bounds[symbol + 1] ?? 0) - from)
		model.learn(symbol)
		return symbol
	}

	even(size: number, value: number): number {
		checkEven(size)
		this.#narrow(size, value, 1)
		return value
	}

	/** All that was written. Nothing can be written after it. */
	finish(): Uint8Array {
		for (let byte = 0; byte < 5; byte += 1) this.#shift()
		return this.#bytes.slice(0, this.#length)
	}

	#narrow(total: number, from: number, size: number): void {
		const unit = Math.floor(this.#range / total)
		this.#low += unit * from
		this.#range = unit * size
		while (this.#range < LEAST_RANGE) {
			this.#range *= 256
			this.#shift()
		}
	}

	// A byte goes out when no carry can change it any more: until then it is held, with the bytes of 255 behind it.
	#shift(): void {
		const carry = this.#low >= 2 ** 32 ? 1 : 0
		if (this.#low < 0xff000000 || carry === 1) {
			if (!this.#isFirst) this.#put((this.#held + carry) & 0xff)
			for (; this.#heldCount > 0; this.#heldCount -= 1) this.#put((0xff + carry) & 0xff)
			this.#isFirst = false
			this.#held = Math.floor(this.#low / 2 ** 24) & 0xff
		} else this.#heldCount += 1
		this.#low = (this.#low % 2 ** 24) * 256
	}

	#put(byte: number): void {
		if (this.#length === this.#bytes.length) {
			const larger = new Uint8Array(this.#length * 2)
			larger.set(this.#bytes)
			this.#bytes = larger
		}
		this.#bytes[this.#length] = byte
		this.#length += 1
	}
}

export class RangeDecoder implements Coder {
	readonly isDecoder = true
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

function checkEven(size: number): void {
	if (!(size >= 1 && size <= MOST_EVEN)) throw new RangeError(`numbers below ${size}`)
}

/** @param why as in: `it ends too early` */
export function damaged(why: string): AppError {
	return new AppError('damaged', `the packed model is damaged: ${why}; get or publish it again`)
}
