// The index beneath the suggestions, as a search needs it: its columns are small, and words are found by a map. Pure.
import type { Postings, UnseenIndex } from './index-file.ts'
import type { IndexedWord, SearchableIndex, VisitRow } from './searchable.ts'

export class ColumnIndex implements SearchableIndex {
	readonly parameters
	readonly count: number
	readonly labelCount: number
	readonly sizes: Uint8Array
	readonly lengths: Uint8Array
	readonly names: readonly string[]
	readonly #index: UnseenIndex
	readonly #wordNumbers: ReadonlyMap<string, number>

	constructor(index: UnseenIndex) {
		this.#index = index
		this.parameters = index.parameters
		this.count = index.names.length
		this.labelCount = index.labels.from.length - 1
		this.sizes = index.sizes
		this.lengths = index.lengths
		this.names = index.names
		this.#wordNumbers = new Map(index.words.map((word, number) => [word, number]))
	}

	nameAt(subreddit: number): string {
		return this.names[subreddit] as string
	}

	findWord(word: string): IndexedWord | null {
		const row = this.#wordNumbers.get(word)
		if (row === undefined) return null
		const { rarities, postings } = this.#index
		return { rarity: rarities[row] as number, visit: visitRow(postings, row) }
	}

	visitLabel(label: number): VisitRow {
		return visitRow(this.#index.labels, label)
	}
}

function visitRow({ from, subreddits, values }: Postings, row: number): VisitRow {
	return (visit) => {
		const until = from[row + 1] as number
		for (let at = from[row] as number; at < until; at += 1)
			visit(subreddits[at] as number, values[at] as number)
	}
}
