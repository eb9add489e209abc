// Parts that a model and its table of evidence have in common: words and floats. Pure: browser and Node.
import type { Coder, PartCoder } from './coder.ts'
import { damaged } from './damage.ts'

const BYTES = 256
const LONGEST_PREFIX = BYTES - 1

/** Contexts of words; those of letters follow, by the two letters before. */
const STEP = 0
const PREFIX = 1
const COUNT = 2
const LETTERS = 3
export const WORD_CONTEXTS = LETTERS + BYTES * BYTES

export interface WordLimits {
	/** Most bytes of all words together, without those that they share with the word before. */
	readonly limit: number
	/** Most bytes of one. */
	readonly longest?: number
}

/**
 * Walks through words, each with a number. A word that a list has, behind those found in it before, is the distance to it; others
 * say how much of the word before they repeat, and their letters.
 *
 * @param list words that are known already, in any order: the same helps
 */
export class WordWalk {
	readonly #part: PartCoder
	readonly #list: readonly string[]
	readonly #places: ReadonlyMap<string, number>
	readonly #longest: number
	#left: number
	#place = -1
	#before = ''

	constructor(part: PartCoder, list: readonly string[], { limit, longest = Infinity }: WordLimits) {
		this.#part = part
		this.#list = list
		this.#places = new Map(list.map((word, place) => [word, place]))
		this.#left = limit
		this.#longest = longest
	}

	/** @param written the word when writing */
	word(written: string): string {
		const distance = (this.#places.get(written) ?? -1) - this.#place
		const step = this.#list.length === 0 ? 0 : this.#part.number(STEP, Math.max(0, distance))
		this.#before = step === 0 ? this.#spell(written) : this.#take(step)
		return this.#before
	}

	/** How often the word came, or whatever number it has. */
	count(written: number): number {
		return this.#part.number(COUNT, written)
	}

	#take(step: number): string {
		this.#place += step
		const word = this.#list[this.#place]
		if (word === undefined) throw damaged('it has a word of its evidence that is not there')
		this.#left -= word.length
		if (this.#left < 0) throw damaged('its words have no end')
		return word
	}

	#spell(written: string): string {
		const prefix = this.#part.symbol(PREFIX, commonPrefix(this.#before, written))
		let bytes = this.#before.slice(0, prefix)
		for (;;) {
			const letter = this.#part.symbol(contextOf(bytes), written.charCodeAt(bytes.length) || 0)
			if (letter === 0) return bytes
			this.#left -= 1
			if (bytes.length >= this.#longest || this.#left < 0) throw damaged('its words have no end')
			bytes += String.fromCharCode(letter)
		}
	}
}

function contextOf(text: string): number {
	const last = text.charCodeAt(text.length - 1) || 0
	return LETTERS + (text.charCodeAt(text.length - 2) || 0) * BYTES + last
}

function commonPrefix(a: string, b: string): number {
	let length = 0
	const most = Math.min(a.length, b.length, LONGEST_PREFIX)
	while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length += 1
	return length
}

/** Contexts of floats, byte by byte, the highest first: of rounded numbers the lower ones are zeros. That of the second is known by the first. */
const SECOND = 1
const THIRD = SECOND + BYTES
const FOURTH = THIRD + 1
const FLOAT_CONTEXTS = FOURTH + 1

export function walkFloats(
	coder: Coder,
	count: number,
	written: Float32Array | null,
): Float32Array {
	return coder.part(FLOAT_CONTEXTS, (part) => {
		const floats = new Float32Array(count)
		const view = new DataView(floats.buffer)
		const given = new DataView(new ArrayBuffer(4))
		for (let index = 0; index < count; index += 1) {
			given.setFloat32(0, written?.[index] ?? 0)
			const first = part.symbol(0, given.getUint8(0))
			view.setUint8(index * 4 + 3, first)
			view.setUint8(index * 4 + 2, part.symbol(SECOND + first, given.getUint8(1)))
			view.setUint8(index * 4 + 1, part.symbol(THIRD, given.getUint8(2)))
			view.setUint8(index * 4, part.symbol(FOURTH, given.getUint8(3)))
		}
		return floats
	})
}
