// Writes the file of the index of unseen subreddits; src/model/unseen/index-file.ts describes and reads it.
import { MAGIC, type Postings, type UnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { UnseenHeader } from '../../../src/shared/unseen.ts'
import { pushVarint, writeHead } from './write-parts.ts'

const MAX_SHARED = 255

/** The same index gives the same bytes on any machine. */
export function writeUnseenIndex(index: UnseenIndex): Uint8Array {
	const { names, sizes, lengths, labels, words, rarities, postings } = index
	const header: UnseenHeader = parseWith(
		UnseenHeader,
		{
			schema: 1,
			subreddits: names.length,
			words: words.length,
			labels: labels.from.length - 1,
			neighbours: labels.subreddits.length,
			postings: postings.subreddits.length,
			parameters: index.parameters,
		},
		'header of the index',
	)
	return Buffer.concat([
		writeHead(MAGIC, header),
		writeTexts(names),
		sizes,
		lengths,
		writePostings(labels),
		writeTexts(words),
		rarities,
		writePostings(postings),
	])
}

function writePostings(postings: Postings): Uint8Array {
	const lengths = Array.from(
		postings.from.subarray(1),
		(until, row) => until - (postings.from[row] as number),
	)
	return Buffer.concat([writeVarints(lengths), writeVarints(gapsOf(postings)), postings.values])
}

/** In each row: places left out before the first, and between one and the next. */
function* gapsOf({ from, subreddits }: Postings): Generator<number> {
	for (let row = 0; row + 1 < from.length; row += 1) {
		let last = -1
		for (const number of subreddits.subarray(from[row], from[row + 1])) {
			yield number - last - 1
			last = number
		}
	}
}

function writeTexts(texts: readonly string[]): Uint8Array {
	const shared = texts.map((text, at) => countShared(texts[at - 1] ?? '', text))
	const rests = Buffer.from(texts.map((text, at) => text.slice(shared[at])).join('\n'))
	return Buffer.concat([Uint8Array.from(shared), writeVarints([rests.length]), rests])
}

function countShared(before: string, text: string): number {
	let count = 0
	const most = Math.min(before.length, text.length, MAX_SHARED)
	while (count < most && before[count] === text[count]) count += 1
	// Half of a surrogate pair is no text.
	return /[\uD800-\uDBFF]/.test(text[count - 1] ?? '') ? count - 1 : count
}

function writeVarints(numbers: Iterable<number>): Uint8Array {
	const bytes: number[] = []
	for (const number of numbers) pushVarint(bytes, number)
	return Uint8Array.from(bytes)
}
