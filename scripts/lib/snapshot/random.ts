// Seeded random numbers, the same on every machine, for the split and for the order of training lines.

/** Numbers in [0, 1): mulberry32 by Tommy Ettinger, 32 bits of state. */
export function createRandom(seed: number): () => number {
	let state = seed >>> 0
	return () => {
		state = (state + 0x6d2b79f5) >>> 0
		let mixed = Math.imul(state ^ (state >>> 15), state | 1)
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
	}
}

/** The range of {@link drawTicket}: a small integer in V8, which costs no memory of its own. */
export const TICKETS = 2 ** 30

/**
 * The ticket of a post depends on seed and id only, so that a post stays on its side of a random split
 * whatever is added to the database. FNV-1a, then the last steps of MurmurHash3, which spread the hash over all bits.
 */
export function drawTicket(seed: number, id: string): number {
	let hash = (0x811c9dc5 ^ seed) >>> 0
	for (let index = 0; index < id.length; index++)
		hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
	return ((hash ^ (hash >>> 16)) >>> 0) % TICKETS
}

/** A list that can be put into another order in place. */
interface Shuffled<Item> {
	readonly length: number
	[place: number]: Item
}

/** Puts the items into a random order, in place (Fisher and Yates). */
export function shuffle<Item>(items: Item[] | Shuffled<Item>, random: () => number): void {
	for (let index = items.length - 1; index > 0; index--) {
		const other = Math.floor(random() * (index + 1))
		const item = items[index] as Item
		items[index] = items[other] as Item
		items[other] = item
	}
}
