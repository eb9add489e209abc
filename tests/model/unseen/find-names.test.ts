import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeTail } from '../../../scripts/lib/unseen/write-tail.ts'
import { NameFinder } from '../../../src/model/unseen/find-names.ts'
import { TailFile } from '../../../src/model/unseen/tail-file.ts'
import { PARAMETERS } from '../../fixtures/unseen-arbitrary.ts'

/** @param sizes of each name its size, in steps */
function openNames(sizes: Readonly<Record<string, number>>): NameFinder {
	const names = Object.keys(sizes).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
	const none = { from: new Uint32Array(1), subreddits: new Uint32Array(), values: new Uint8Array() }
	const column = Uint8Array.from(names, (name) => sizes[name] ?? 0)
	const index = {
		...{ parameters: PARAMETERS, names, sizes: column, lengths: column, labels: none },
		...{ words: [], rarities: new Uint8Array(), postings: none },
	}
	return new NameFinder(TailFile.open(writeTail(index)))
}

const SIZES = { AskHistorians: 200, historia: 90, History: 210, HistoryMemes: 180, prehistory: 120 }

describe('NameFinder', () => {
	test('finds the very name first, then those that begin with the text, then the others, large ones first', () => {
		expect(openNames(SIZES).find('HISTORY', 6)).toEqual(['History', 'HistoryMemes', 'prehistory'])
		expect(openNames(SIZES).find('histor', 6)).toEqual([
			...['History', 'HistoryMemes', 'historia'],
			...['AskHistorians', 'prehistory'],
		])
		expect(openNames(SIZES).find('histor', 2)).toEqual(['History', 'HistoryMemes'])
	})

	test('takes a text of one or two letters for the beginning of a name', () => {
		expect(openNames(SIZES).find('hi', 6)).toEqual(['History', 'HistoryMemes', 'historia'])
		expect(openNames(SIZES).find('re', 6)).toEqual([])
	})

	test.each(['', 'zebra', '\n', 'historyx'])('finds nothing for %j', (text) => {
		expect(openNames(SIZES).find(text, 6)).toEqual([])
	})

	test('finds what a look at each name finds', () => {
		const name = fc.stringMatching(/^[abAB_]{2,8}$/)
		const names = fc.uniqueArray(name, { selector: (one) => one.toLowerCase(), maxLength: 60 })
		fc.assert(
			fc.property(names, fc.stringMatching(/^[ab]{3,4}$/), (all, text) => {
				const found = openNames(Object.fromEntries(all.map((one) => [one, one.length]))).find(
					text,
					100,
				)
				const wanted = all.filter((one) => one.toLowerCase().includes(text))
				expect([...found].sort()).toEqual(wanted.sort())
			}),
		)
	})
})
