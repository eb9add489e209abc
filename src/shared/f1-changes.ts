// Changes of f1 in bins, as the contract of comparisons has them; for commands, page and reports alike. Pure.
import type { Bins } from './report-parts.ts'

/** Up to this change, in both directions, little happened. */
export const LITTLE_CHANGE = 0.2

/** An odd number, so that one bin lies around zero. */
const BINS = 41
const BIN_WIDTH = 0.05
const EDGE = 1.025

/** A change of 0.2 is one of at most 0.2, and one of 0.025 begins a bin, whatever its last bit says. */
const ROUNDING = 1e-9

/** Which bin a change in [-1, 1] is in. */
export function changeBin(change: number): number {
	return Math.min(BINS - 1, Math.floor((change + EDGE) / BIN_WIDTH + ROUNDING))
}

/** @param changes at least one, each in [-1, 1] */
export function binChanges(changes: readonly number[]): {
	readonly bins: Bins
	/** The share of the changes of at most {@link LITTLE_CHANGE}. */
	readonly within20: number
} {
	const counts = new Array<number>(BINS).fill(0)
	for (const change of changes) {
		const bin = changeBin(change)
		counts[bin] = (counts[bin] ?? 0) + 1
	}
	const within = changes.filter((change) => Math.abs(change) <= LITTLE_CHANGE + ROUNDING).length
	return { bins: { from: -EDGE, to: EDGE, counts }, within20: within / changes.length }
}
