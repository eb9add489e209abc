// The largest of many numbers. Pure: browser and Node.

/** Keeps the `most` largest of the numbers that it is offered; of equal ones those with the lower ids. */
export class Largest {
	/** A heap: the one that goes next is on top. */
	readonly #ids: Uint32Array
	readonly #numbers: Float64Array
	readonly #most: number
	#count = 0

	constructor(most: number) {
		this.#most = most
		this.#ids = new Uint32Array(most)
		this.#numbers = new Float64Array(most)
	}

	offer(id: number, number: number): void {
		if (this.#count < this.#most) {
			this.#count += 1
			this.#rise(this.#count - 1, id, number)
		} else if (this.#most > 0 && !this.#goesBefore(id, number, 0)) this.#sink(id, number)
	}

	/** The ids of all that are kept, that of the largest first; afterwards nothing is kept any more. */
	take(): Uint32Array {
		const ids = new Uint32Array(this.#count)
		while (this.#count > 0) {
			const last = this.#count - 1
			ids[last] = this.#ids[0] as number
			this.#count = last
			this.#sink(this.#ids[last] as number, this.#numbers[last] as number)
		}
		return ids
	}

	/** Puts one where it belongs on the way from a place to the top. */
	#rise(from: number, id: number, number: number): void {
		let at = from
		while (at > 0) {
			const parent = (at - 1) >> 1
			if (!this.#goesBefore(id, number, parent)) break
			this.#move(parent, at)
			at = parent
		}
		this.#put(at, id, number)
	}

	/** Puts one in place of the top, and where it belongs below. */
	#sink(id: number, number: number): void {
		let at = 0
		for (let child = 1; child < this.#count; child = 2 * at + 1) {
			const other = child + 1
			if (
				other < this.#count &&
				this.#goesBefore(this.#ids[other] as number, this.#numbers[other] as number, child)
			)
				child = other
			if (this.#goesBefore(id, number, child)) break
			this.#move(child, at)
			at = child
		}
		this.#put(at, id, number)
	}

	/** Whether one is less worth keeping than that at a place. */
	#goesBefore(id: number, number: number, place: number): boolean {
		const other = this.#numbers[place] as number
		return number < other || (number === other && id > (this.#ids[place] as number))
	}

	#move(from: number, to: number): void {
		this.#put(to, this.#ids[from] as number, this.#numbers[from] as number)
	}

	#put(place: number, id: number, number: number): void {
		this.#ids[place] = id
		this.#numbers[place] = number
	}
}

/** The places of the `count` largest, largest first; of equal ones the first comes first. */
export function findLargest(numbers: Float64Array, count: number): Uint32Array {
	const largest = new Largest(count)
	for (let place = 0; place < numbers.length; place += 1)
		largest.offer(place, numbers[place] as number)
	return largest.take()
}
