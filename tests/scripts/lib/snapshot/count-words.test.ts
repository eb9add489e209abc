import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countWords } from '../../../../scripts/lib/snapshot/count-words.ts'
import { TitleTable } from '../../../../scripts/lib/snapshot/title-table.ts'
import { isWord } from '../../../../src/model/normalize.ts'

function makeTable(texts: readonly string[]) {
	const table = new TitleTable(texts.length)
	const rows = texts.map((text) => table.add({ label: 0, text, created: 0, ticket: 0 }))
	return { table, rows: Uint32Array.from(rows) }
}

function countSlowly(texts: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>()
	for (const text of texts)
		for (const word of new Set(text.split(' ')))
			if (isWord(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
	return counts
}

describe('countWords', () => {
	it('counts each word once in a title, whatever its letters', () => {
		const word = fc.constantFrom('a', 'to', 'the', 'überall', '😀', '!', 'ab', 'ba', '')
		const texts = fc.array(fc.array(word, { maxLength: 8 }).map((words) => words.join(' ')))
		fc.assert(
			fc.property(texts, (titles) => {
				const { table, rows } = makeTable(titles)
				expect(countWords(table, rows)).toEqual(countSlowly(titles))
			}),
		)
	})

	it('counts more words than it has room for at first', () => {
		const titles = Array.from(
			{ length: 70_000 },
			(_, index) => `word${index} common word${index % 7}`,
		)
		const { table, rows } = makeTable(titles)
		expect(countWords(table, rows)).toEqual(countSlowly(titles))
	})
})
