// Which contexts share a table: those whose symbols come alike. Pure: browser and Node.
// The search begins with one table for all, adds tables where they pay, and moves contexts to the nearest (Lloyd's algorithm).
import { SYMBOLS, share, TABLE_COUNT_BITS, type Tables } from './tables.ts'

const MOST_TABLES = 2 ** TABLE_COUNT_BITS
/** About what a symbol of a table takes in the file. */
const BITS_A_SYMBOL = 6
const ROUNDS = 3
/** What few symbols say of others is little: so many of all contexts' are added to them. */
const INHERITED = 8

/** A context that comes, and how often each symbol comes in it. */
export interface SeenContext {
	readonly context: number
	readonly counts: Uint32Array
}

/** The same without symbols that never come. */
interface Seen extends SeenContext {
	readonly symbols: Uint8Array
}

/** @param contexts how many there are @param seen those that come */
export function chooseTables(contexts: number, seen: readonly SeenContext[]): Tables {
	const places = new Uint8Array(contexts)
	const shares =
		seen.length === 0 ? [share(Uint32Array.of(1))] : assign(seen.map(withoutZeros), places)
	return { places, shares }
}

function withoutZeros({ context, counts }: SeenContext): Seen {
	const symbols: number[] = []
	for (let symbol = 0; symbol < SYMBOLS; symbol += 1) if (counts[symbol] !== 0) symbols.push(symbol)
	return {
		context,
		symbols: Uint8Array.from(symbols),
		counts: Uint32Array.from(symbols, (symbol) => counts[symbol] ?? 0),
	}
}

function assign(all: readonly Seen[], places: Uint8Array): Uint16Array[] {
	const whole = sumOf(all)
	let lengths = seedTables(all, whole)
	let nearest = findNearest(all, lengths)
	for (let round = 0; round < ROUNDS && lengths.length > 1; round += 1) {
		const groups = groupBy(all, nearest, lengths.length).filter((group) => group.length > 0)
		lengths = groups.map((group) => lengthsOf(sumOf(group), whole))
		nearest = findNearest(all, lengths)
	}
	const groups = groupBy(all, nearest, lengths.length).filter((group) => group.length > 0)
	for (const [index, group] of groups.entries())
		for (const { context } of group) places[context] = index
	return groups.map((group) => share(sumOf(group)))
}

/** Bits of each symbol, for each table; the first is of all contexts, each further one of that which it helps most. */
function seedTables(all: readonly Seen[], whole: Uint32Array): Float64Array[] {
	const tables = [lengthsOf(whole, whole)]
	const costs = Float64Array.from(all, (seen) => costOf(seen, tables[0] as Float64Array))
	const least = Float64Array.from(all, entropyOf)
	while (tables.length < MOST_TABLES) {
		const best = indexOfMost(costs, least)
		const table = lengthsOf(sumOf(all.slice(best, best + 1)), whole)
		let saved = 0
		const better = Float64Array.from(all, (seen, index) => {
			const cost = Math.min(costs[index] as number, costOf(seen, table))
			saved += (costs[index] as number) - cost
			return cost
		})
		if (saved <= (all[best] as Seen).symbols.length * BITS_A_SYMBOL + SYMBOLS / 4) break
		costs.set(better)
		tables.push(table)
	}
	return tables
}

function indexOfMost(costs: Float64Array, least: Float64Array): number {
	let best = 0
	for (let index = 1; index < costs.length; index += 1) {
		const gain = (costs[index] as number) - (least[index] as number)
		if (gain > (costs[best] as number) - (least[best] as number)) best = index
	}
	return best
}

function findNearest(all: readonly Seen[], tables: readonly Float64Array[]): Uint8Array {
	return Uint8Array.from(all, (seen) => {
		let nearest = 0
		let least = Infinity
		for (const [index, table] of tables.entries()) {
			const cost = costOf(seen, table)
			if (cost < least) {
				least = cost
				nearest = index
			}
		}
		return nearest
	})
}

function groupBy(all: readonly Seen[], nearest: Uint8Array, count: number): Seen[][] {
	const groups: Seen[][] = Array.from({ length: count }, () => [])
	for (const [index, seen] of all.entries()) groups[nearest[index] as number]?.push(seen)
	return groups
}

function sumOf(group: readonly Seen[]): Uint32Array {
	const sum = new Uint32Array(SYMBOLS)
	for (const { symbols, counts } of group)
		for (let at = 0; at < symbols.length; at += 1) {
			const symbol = symbols[at] as number
			sum[symbol] = (sum[symbol] as number) + (counts[at] as number)
		}
	return sum
}

function lengthsOf(counts: Uint32Array, whole: Uint32Array): Float64Array {
	const total = counts.reduce((sum, count) => sum + count, 0)
	const wholeTotal = whole.reduce((sum, count) => sum + count, 0)
	return Float64Array.from(counts, (count, symbol) => {
		const inherited = (INHERITED * (whole[symbol] as number)) / wholeTotal
		return -Math.log2((count + inherited) / (total + INHERITED))
	})
}

function entropyOf({ counts }: Seen): number {
	const total = counts.reduce((sum, count) => sum + count, 0)
	return counts.reduce((bits, count) => bits + count * Math.log2(total / count), 0)
}

function costOf({ symbols, counts }: Seen, lengths: Float64Array): number {
	let bits = 0
	for (let at = 0; at < symbols.length; at += 1)
		bits += (counts[at] as number) * (lengths[symbols[at] as number] as number)
	return bits
}
