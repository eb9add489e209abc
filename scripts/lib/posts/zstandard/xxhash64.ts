// XXH64 (the checksum of Zstandard frames; https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md), seed 0, in halves of
// 32 bits: BigInt would take longer than all of the decoding.

/** A number of 64 bits; both halves as signed 32-bit integers. */
interface Word {
	high: number
	low: number
}

const PRIME_1: Word = { high: 0x9e3779b1 | 0, low: 0x85ebca87 | 0 }
const PRIME_2: Word = { high: 0xc2b2ae3d | 0, low: 0x27d4eb4f | 0 }
const PRIME_3: Word = { high: 0x165667b1 | 0, low: 0x9e3779f9 | 0 }
const PRIME_4: Word = { high: 0x85ebca77 | 0, low: 0xc2b2ae63 | 0 }
const PRIME_5: Word = { high: 0x27d4eb2f | 0, low: 0x165667c5 | 0 }
const STRIPE_BYTES = 32

/** Hashes what it is given piece by piece. */
export class Xxhash64 {
	readonly #lanes: [Word, Word, Word, Word] = [
		sum(PRIME_1, PRIME_2),
		{ ...PRIME_2 },
		{ high: 0, low: 0 },
		negate(PRIME_1),
	]
	readonly #held = new Uint8Array(STRIPE_BYTES)
	#heldBytes = 0
	#bytes = 0

	update(data: Uint8Array): void {
		this.#bytes += data.length
		let at = 0
		if (this.#heldBytes > 0) {
			at = Math.min(STRIPE_BYTES - this.#heldBytes, data.length)
			this.#held.set(data.subarray(0, at), this.#heldBytes)
			this.#heldBytes += at
			if (this.#heldBytes < STRIPE_BYTES) return
			this.#mixStripes(this.#held, 0, STRIPE_BYTES)
		}
		const end = data.length - ((data.length - at) % STRIPE_BYTES)
		this.#mixStripes(data, at, end)
		this.#held.set(data.subarray(end))
		this.#heldBytes = data.length - end
	}

	/** The low 32 bits, which are what a frame keeps. */
	digestLow(): number {
		const hash = this.#bytes >= STRIPE_BYTES ? this.#mergeLanes() : { ...PRIME_5 }
		add(hash, { high: Math.floor(this.#bytes / 2 ** 32) | 0, low: this.#bytes | 0 })
		this.#mixRest(hash)
		shiftMix(hash, 33)
		multiply(hash, PRIME_2)
		shiftMix(hash, 29)
		multiply(hash, PRIME_3)
		shiftMix(hash, 32)
		return hash.low >>> 0
	}

	#mixStripes(data: Uint8Array, from: number, to: number): void {
		const [first, second, third, fourth] = this.#lanes
		for (let at = from; at < to; at += STRIPE_BYTES) {
			round(first, read32(data, at + 4), read32(data, at))
			round(second, read32(data, at + 12), read32(data, at + 8))
			round(third, read32(data, at + 20), read32(data, at + 16))
			round(fourth, read32(data, at + 28), read32(data, at + 24))
		}
	}

	#mergeLanes(): Word {
		const hash: Word = { high: 0, low: 0 }
		const turns = [1, 7, 12, 18] as const
		this.#lanes.forEach((lane, index) => {
			const turned = { ...lane }
			rotate(turned, turns[index] as number)
			add(hash, turned)
		})
		for (const lane of this.#lanes) {
			const mixed: Word = { high: 0, low: 0 }
			round(mixed, lane.high, lane.low)
			xor(hash, mixed)
			multiply(hash, PRIME_1)
			add(hash, PRIME_4)
		}
		return hash
	}

	#mixRest(hash: Word): void {
		const data = this.#held
		let at = 0
		for (; at + 8 <= this.#heldBytes; at += 8) {
			const mixed: Word = { high: 0, low: 0 }
			round(mixed, read32(data, at + 4), read32(data, at))
			xor(hash, mixed)
			rotate(hash, 27)
			multiply(hash, PRIME_1)
			add(hash, PRIME_4)
		}
		if (at + 4 <= this.#heldBytes) {
			const mixed: Word = { high: 0, low: read32(data, at) }
			multiply(mixed, PRIME_1)
			xor(hash, mixed)
			rotate(hash, 23)
			multiply(hash, PRIME_2)
			add(hash, PRIME_3)
			at += 4
		}
		for (; at < this.#heldBytes; at++) {
			const mixed: Word = { high: 0, low: data[at] as number }
			multiply(mixed, PRIME_5)
			xor(hash, mixed)
			rotate(hash, 11)
			multiply(hash, PRIME_1)
		}
	}
}

function read32(data: Uint8Array, at: number): number {
	return (
		(data[at] as number) |
		((data[at + 1] as number) << 8) |
		((data[at + 2] as number) << 16) |
		((data[at + 3] as number) << 24)
	)
}

/** word = rotate(word + input × PRIME_2, 31) × PRIME_1 */
function round(word: Word, high: number, low: number): void {
	INPUT.high = high
	INPUT.low = low
	multiply(INPUT, PRIME_2)
	add(word, INPUT)
	rotate(word, 31)
	multiply(word, PRIME_1)
}

// One for all calls: a new object for each 8 bytes would be most of the work.
const INPUT: Word = { high: 0, low: 0 }

function add(word: Word, other: Word): void {
	const low = (word.low >>> 0) + (other.low >>> 0)
	word.high = (word.high + other.high + (low > 0xffffffff ? 1 : 0)) | 0
	word.low = low | 0
}

function sum(one: Word, other: Word): Word {
	const word = { ...one }
	add(word, other)
	return word
}

function negate({ high, low }: Word): Word {
	return sum({ high: ~high, low: ~low }, { high: 0, low: 1 })
}

function xor(word: Word, other: Word): void {
	word.high ^= other.high
	word.low ^= other.low
}

/** To the left, by 1 to 31 bits. */
function rotate(word: Word, bits: number): void {
	const { high, low } = word
	word.high = (high << bits) | (low >>> (32 - bits))
	word.low = (low << bits) | (high >>> (32 - bits))
}

/** word ^= word >>> bits, by 29 to 33 bits. */
function shiftMix(word: Word, bits: number): void {
	const { high, low } = word
	if (bits < 32) {
		word.high = high ^ (high >>> bits)
		word.low = low ^ ((low >>> bits) | (high << (32 - bits)))
	} else word.low = low ^ (high >>> (bits - 32))
}

/** The low 64 bits of the product, by way of halves of 16 bits, whose products are exact. */
function multiply(word: Word, other: Word): void {
	const { high, low } = word
	const a0 = low & 0xffff
	const a1 = low >>> 16
	const b0 = other.low & 0xffff
	const b1 = other.low >>> 16
	const p00 = Math.imul(a0, b0) >>> 0
	const p10 = (Math.imul(a1, b0) >>> 0) + (p00 >>> 16)
	const p01 = (Math.imul(a0, b1) >>> 0) + (p10 & 0xffff)
	word.low = (p01 << 16) | (p00 & 0xffff)
	word.high =
		(Math.imul(a1, b1) +
			(p10 >>> 16) +
			(p01 >>> 16) +
			Math.imul(low, other.high) +
			Math.imul(high, other.low)) |
		0
}
