// Finds subreddits by a part of their name among all of the long tail, while somebody types. Pure.
import { Largest } from '../largest.ts'
import type { TailFile } from './tail-file.ts'

/** Shorter texts stand in most names: only those that begin with them are found. */
const MIN_INSIDE = 3

/** The names of an opened file, ready for texts. */
export class NameFinder {
	readonly #tail: TailFile
	#text: JoinedNames | null = null

	constructor(tail: TailFile) {
		this.#tail = tail
	}

	/** How many names there are. */
	get count(): number {
		return this.#tail.count
	}

	/** At most `count` names that hold the text: that very name, those that begin with it, the others; each large before small. */
	find(text: string, count: number): string[] {
		const wanted = text.toLowerCase()
		if (wanted === '' || wanted.includes('\n')) return []
		const { names } = this.#tail
		const from = names.lowerBound(wanted)
		const until = names.lowerBound(`${wanted}\uffff`)
		const isExact = names.find(wanted) === from
		const exact = isExact ? [from] : []
		const begin = new Largest(count - exact.length)
		for (let place = from + exact.length; place < until; place += 1)
			begin.offer(place, this.#sizeOf(place))
		const found = [...exact, ...begin.take()]
		if (found.length < count && wanted.length >= MIN_INSIDE)
			found.push(...this.#findInside(wanted, count - found.length, { from, until }))
		return found.map((place) => this.#tail.nameAt(place))
	}

	#findInside(
		wanted: string,
		count: number,
		{ from, until }: { readonly from: number; readonly until: number },
	): Uint32Array {
		// Made when a name is first looked for: titles wait meanwhile.
		this.#text ??= joinNames(this.#tail)
		const { joined, starts } = this.#text
		const largest = new Largest(count)
		let place = 0
		for (let at = joined.indexOf(wanted); at !== -1; ) {
			place = placeAt(starts, at, place)
			if (place < from || place >= until) largest.offer(place, this.#sizeOf(place))
			at = joined.indexOf(wanted, starts[place + 1] ?? joined.length)
		}
		return largest.take()
	}

	#sizeOf(place: number): number {
		return this.#tail.sizes[place] as number
	}
}

interface JoinedNames {
	/** All names in lower case, each after a line feed. */
	readonly joined: string
	/** Where each name's line feed stands in it. */
	readonly starts: Uint32Array
}

function joinNames({ names, count }: TailFile): JoinedNames {
	const joined = names.join().toLowerCase()
	const starts = new Uint32Array(count)
	let at = 0
	for (let place = 0; place < count; place += 1) {
		starts[place] = at
		at = joined.indexOf('\n', at + 1)
	}
	return { joined, starts }
}

/** The last name that starts before a place of the text. @param low one that does */
function placeAt(starts: Uint32Array, at: number, low: number): number {
	let from = low
	let until = starts.length
	while (until - from > 1) {
		const middle = (from + until) >> 1
		if ((starts[middle] as number) < at) from = middle
		else until = middle
	}
	return from
}
