// Entropy coding with asymmetric numeral systems (rANS): symbols become bits, each as many as its share of a fixed table asks for.
// Four states take turns, so that a processor decodes four symbols at once: none of them waits for the one before.
// Pure: browser and Node. Sources: Duda 2013, "Asymmetric numeral systems"; Giesen 2014, "Interleaved entropy coders".
import { damaged } from './damage.ts'

/** Shares of a table add up to 2^12. */
export const SHARE_BITS = 12
export const SHARES = 2 ** SHARE_BITS
export const STATES = 4
/** A state is at least so much; below it takes in two bytes more. */
const LEAST = 2 ** 16
/** Of two: computing one anew takes longer than a whole step. */
const POWERS = Float64Array.from({ length: 33 }, (_, exponent) => 2 ** exponent)
/** Most bits of a number whose bits are all as likely 0 as 1. */
export const MOST_RAW_BITS = 16

/** Writes backwards, because a decoder undoes last what was encoded first: until the end it only keeps what is to be written. */
export class AnsEncoder {
	/** A symbol: how many shares, and where they begin, 12 bits each. Raw bits: the highest bit, how many, 16 bits of a number. */
	readonly #ended: Uint32Array[] = []
	#steps = new Steps()

	/** @param step as {@link toShare} or {@link toRaw} has it */
	step(step: number): void {
		this.#steps.push(step)
	}

	/** @param count at most {@link MOST_RAW_BITS} */
	raw(count: number, value: number): void {
		this.#steps.push(toRaw(count, value))
	}

	/** @param steps as {@link step} takes them one by one; not copied */
	append(steps: Uint32Array): void {
		this.#ended.push(this.#steps.all(), steps)
		this.#steps = new Steps()
	}

	/** States, then the pairs of bytes in the order in which a decoder takes them. Nothing can be written after it. */
	finish(): Uint8Array {
		this.append(new Uint32Array())
		const count = this.#ended.reduce((sum, steps) => sum + steps.length, 0)
		const writer = new BackwardWriter(count)
		for (const steps of this.#ended.reverse()) writer.write(steps)
		return writer.finish()
	}
}

/** Encodes the last step first. */
class BackwardWriter {
	readonly #states = new Float64Array(STATES).fill(LEAST)
	readonly #pairs: Uint16Array
	#at: number
	#left: number

	/** @param count of all steps */
	constructor(count: number) {
		this.#pairs = new Uint16Array(count)
		this.#at = count
		this.#left = count
	}

	write(steps: Uint32Array): void {
		const [states, pairs] = [this.#states, this.#pairs]
		let at = this.#at
		let left = this.#left
		for (let index = steps.length - 1; index >= 0; index -= 1) {
			left -= 1
			const step = steps[index] as number
			const raw = isRaw(step)
			const bits = raw ? rawBits(step) : SHARE_BITS
			const count = raw ? 1 : step >>> SHARE_BITS
			const start = raw ? rawValue(step) : step & (SHARES - 1)
			let state = states[left % STATES] as number
			if (state >= count * (POWERS[32 - bits] as number)) {
				at -= 1
				pairs[at] = state % LEAST
				state = Math.floor(state / LEAST)
			}
			const whole = Math.floor(state / count)
			states[left % STATES] = whole * (POWERS[bits] as number) + (state - whole * count) + start
		}
		this.#at = at
		this.#left = left
	}

	finish(): Uint8Array {
		return join(this.#states, this.#pairs.subarray(this.#at))
	}
}

function join(states: Float64Array, pairs: Uint16Array): Uint8Array {
	const bytes = new Uint8Array(STATES * 4 + pairs.length * 2)
	const view = new DataView(bytes.buffer)
	for (const [index, state] of states.entries()) view.setUint32(index * 4, state, true)
	for (let index = 0; index < pairs.length; index += 1)
		view.setUint16(STATES * 4 + index * 2, pairs[index] as number, true)
	return bytes
}

/** What is to be written, one number each, as many as come. */
export class Steps {
	#steps = new Uint32Array(2 ** 12)
	#length = 0

	push(step: number): void {
		if (this.#length === this.#steps.length) {
			const larger = new Uint32Array(this.#length * 2)
			larger.set(this.#steps)
			this.#steps = larger
		}
		this.#steps[this.#length] = step
		this.#length += 1
	}

	all(): Uint32Array {
		return this.#steps.subarray(0, this.#length)
	}
}

const RAW = 2 ** 31

/** Raw bits as a step: what it is of stands in its highest bit. */
export function toRaw(count: number, value: number): number {
	return RAW + (count << MOST_RAW_BITS) + value
}

export function isRaw(step: number): boolean {
	return step >= RAW
}

export function toShare(start: number, count: number): number {
	return count * SHARES + start
}

function rawBits(step: number): number {
	return (step >>> MOST_RAW_BITS) & 31
}

function rawValue(step: number): number {
	return step & 0xffff
}

/** Of one share of a table: its symbol, how many shares that has, and the place among them. */
export function toSlot(symbol: number, count: number, place: number): number {
	return (symbol | (count << 8) | (place << 20)) >>> 0
}

export class AnsDecoder {
	readonly #bytes: Uint8Array
	readonly #states = new Uint32Array(STATES)
	#at = STATES * 4
	#turn = 0

	/** @throws AppError `damaged` as soon as the bytes are at their end, and more is asked for */
	constructor(bytes: Uint8Array) {
		if (bytes.length < STATES * 4) throw damaged('it ends too early')
		this.#bytes = bytes
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
		for (let index = 0; index < STATES; index += 1)
			this.#states[index] = view.getUint32(index * 4, true)
	}

	/** @param slots of tables, as {@link toSlot} has them @param from where the symbol's table begins */
	symbol(slots: Uint32Array, from: number): number {
		const state = this.#states[this.#turn] as number
		const slot = slots[from + (state & (SHARES - 1))] as number
		this.#leave(((slot >>> 8) & (SHARES - 1)) * (state >>> SHARE_BITS) + (slot >>> 20))
		return slot & 255
	}

	/** @param count at most {@link MOST_RAW_BITS} */
	raw(count: number): number {
		const state = this.#states[this.#turn] as number
		this.#leave(state >>> count)
		return state & ((1 << count) - 1)
	}

	/** @throws AppError `damaged` where something is left that nothing was decoded from */
	finish(): void {
		const left = this.#bytes.length - this.#at
		if (left > 0) throw damaged(`${left} bytes too many`)
		if (this.#states.some((state) => state !== LEAST)) throw damaged('it ends as none can')
	}

	#leave(state: number): void {
		this.#states[this.#turn] = state < LEAST ? state * LEAST + this.#next() : state
		this.#turn = (this.#turn + 1) % STATES
	}

	#next(): number {
		const at = this.#at
		if (at + 2 > this.#bytes.length) throw damaged('it ends too early')
		this.#at = at + 2
		return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8)
	}
}
