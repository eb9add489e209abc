// Opens the file of all subreddits that a release has not learnt, the long tail. Pure: the page's worker and Node.
//
// The file is the memory: one buffer, of which nothing is copied or unpacked when it is opened. What a search needs is read
// where it lies, with every place checked. Numbers are little-endian; the header is JSON; each section begins at a multiple of 4.
//
//   MAGIC, the length of the header (4 bytes), the header
//   sizes     a byte for each subreddit: round(ln(subscribers + 1) · SIZE_STEPS)
//   lengths   a byte for each subreddit: round(ln(words of name and description, as BM25 counts them, + 1) · LENGTH_STEPS)
//   names     a table of texts, ascending by lower case
//   labels    a table of rows, one for each label of the model, ascending: the subreddits that it is near to
//   rarities  a byte for each word: round(inverse document frequency · RARITY_STEPS)
//   words     a table of texts, ascending
//   postings  a table of rows, one for each word: the subreddits that have it, and how often it counts
//
// A table is the places of its blocks (4 bytes each), then its bytes: src/model/unseen/tables.ts.
import * as v from 'valibot'
import { AppError } from '../../shared/app-error.ts'
import { parseJsonWith } from '../../shared/parse.ts'
import { SubredditName } from '../../shared/schema-parts.ts'
import { TailHeader, type UnseenParameters } from '../../shared/unseen.ts'
import { decodeText } from './byte-view.ts'
import type { IndexedWord, SearchableIndex, VisitRow } from './searchable.ts'
import { countBlocks, RowTable, type TableParts, TextTable } from './tables.ts'

export const TAIL_MAGIC = 'unseen:2'
const LENGTH_AT = TAIL_MAGIC.length
const HEADER_AT = LENGTH_AT + 4
/** A word counts once in a description, three times in a name, or in both. */
export const FREQUENT_COUNTS: readonly number[] = [1, 3, 4]
/** Shares are spread out: these are the most frequent ones of a real list. */
export const FREQUENT_SHARES: readonly number[] = [2, 3, 4]

export class TailFile implements SearchableIndex {
	readonly parameters: UnseenParameters
	readonly count: number
	readonly labelCount: number
	readonly wordCount: number
	readonly sizes: Uint8Array
	readonly lengths: Uint8Array
	readonly names: TextTable
	readonly #labels: RowTable
	readonly #rarities: Uint8Array
	readonly #words: TextTable
	readonly #postings: RowTable

	private constructor(header: TailHeader, sections: Sections) {
		const { subreddits, labels, words, bytes } = header
		this.parameters = header.parameters
		this.count = subreddits
		this.labelCount = labels
		this.wordCount = words
		this.sizes = sections.bytes(subreddits)
		this.lengths = sections.bytes(subreddits)
		const names = sections.table('the names', subreddits, bytes.names)
		this.names = new TextTable(names, (name) => name.toLowerCase())
		const near = sections.table('the labels', labels, bytes.labels)
		this.#labels = new RowTable(near, subreddits, FREQUENT_SHARES)
		this.#rarities = sections.bytes(words)
		this.#words = new TextTable(sections.table('the words', words, bytes.words), (word) => word)
		const postings = sections.table('the postings', words, bytes.postings)
		this.#postings = new RowTable(postings, subreddits, FREQUENT_COUNTS)
		sections.end()
	}

	/**
	 * @param file copied only where its memory does not begin at a multiple of 4
	 * @throws AppError `damaged`, `bad-data` for a header of another schema
	 */
	static open(file: Uint8Array<ArrayBuffer>): TailFile {
		const bytes = file.byteOffset % 4 === 0 ? file : file.slice()
		const magic = decodeText(bytes.subarray(0, TAIL_MAGIC.length))
		if (magic !== TAIL_MAGIC)
			throw damaged(`it begins with ${JSON.stringify(magic ?? '')}, expected "${TAIL_MAGIC}"`)
		if (bytes.length < HEADER_AT)
			throw damaged(`${bytes.length} bytes, expected ${HEADER_AT} and more`)
		const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(LENGTH_AT, true)
		const json = decodeText(bytes.subarray(HEADER_AT, HEADER_AT + length)) ?? ''
		const header = parseJsonWith(TailHeader, json, 'header of the index')
		return new TailFile(header, new Sections(bytes, HEADER_AT + length))
	}

	nameAt(subreddit: number): string {
		const name = this.names.at(subreddit)
		if (!v.is(SubredditName, name)) throw damaged('what is no name of a subreddit')
		return name
	}

	findWord(word: string): IndexedWord | null {
		const row = this.#words.find(word)
		if (row === -1) return null
		return {
			rarity: this.#rarities[row] as number,
			visit: (visit) => this.#postings.visit(row, visit),
		}
	}

	visitLabel(label: number): VisitRow {
		return (visit) => this.#labels.visit(label, visit)
	}
}

/** Hands out one section after the other. */
class Sections {
	readonly #file: Uint8Array<ArrayBuffer>
	#at: number

	constructor(file: Uint8Array<ArrayBuffer>, at: number) {
		this.#file = file
		this.#at = at
	}

	bytes(length: number): Uint8Array {
		const start = this.#take(length)
		return this.#file.subarray(start, start + length)
	}

	table(what: string, count: number, length: number): TableParts {
		const blocks = countBlocks(count)
		const start = this.#take(blocks * 4)
		const places = new Uint32Array(this.#file.buffer, this.#file.byteOffset + start, blocks)
		return { what, count, blocks: places, bytes: this.bytes(length) }
	}

	/** @throws AppError `damaged` where the file goes on */
	end(): void {
		const expected = align(this.#at)
		const got = this.#file.length
		if (got !== expected) throw damaged(`${got} bytes, expected ${expected}`)
	}

	#take(length: number): number {
		const start = align(this.#at)
		const got = this.#file.length
		if (start + length > got) throw damaged(`${got} bytes, expected ${start + length} and more`)
		this.#at = start + length
		return start
	}
}

export function align(place: number): number {
	return Math.ceil(place / 4) * 4
}

function damaged(why: string): AppError {
	return new AppError('damaged', `the index of subreddits is damaged: ${why}`)
}
