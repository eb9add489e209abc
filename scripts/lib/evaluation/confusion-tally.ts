// Counts which subreddits are taken for which. Pure.
import { type Confusion, MAX_CONFUSIONS } from '../../../src/shared/evaluation-report.ts'

export class ConfusionTally {
	readonly #misses = new Map<string, Map<string, number>>()

	/** @param predicted suggested first for a post of `actual` */
	add(actual: string, predicted: string): void {
		if (predicted === actual) return
		const row = this.#misses.get(actual) ?? new Map<string, number>()
		if (row.size === 0) this.#misses.set(actual, row)
		row.set(predicted, (row.get(predicted) ?? 0) + 1)
	}

	/** The most frequent ones, most frequent first; those as frequent by their names. */
	finish(): Confusion[] {
		const all: Confusion[] = []
		for (const [actual, row] of this.#misses)
			for (const [predicted, posts] of row) all.push({ actual, predicted, posts })
		return all.sort(compare).slice(0, MAX_CONFUSIONS)
	}
}

function compare(a: Confusion, b: Confusion): number {
	if (a.posts !== b.posts) return b.posts - a.posts
	const [nameA, nameB] = [`${a.actual} ${a.predicted}`, `${b.actual} ${b.predicted}`]
	return nameA < nameB ? -1 : 1
}
