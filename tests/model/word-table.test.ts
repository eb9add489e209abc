import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeModel } from '../../src/model/fasttext/write.ts'
import { FeatureFinder } from '../../src/model/features.ts'
import { WordTable } from '../../src/model/word-table.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { BUCKET, makeModel, WORDS } from '../fixtures/made-vectors.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

const bytesOf = (...model: Parameters<typeof makeModel>) =>
	new Uint8Array(Buffer.concat([...writeModel(makeModel(...model))]))

function wordsStarting(table: WordTable, prefix: string): string[] {
	const { from, until } = table.startingWith(prefix)
	return Array.from({ length: until - from }, (_, at) => table.word(from + at))
}

describe('WordTable', () => {
	it('finds the words that begin with a text, in whatever order a file has them', () => {
		const letters = fc.string({
			unit: fc.constantFrom('a', 'b', 'é', '日', '😀', "'"),
			minLength: 1,
			maxLength: 4,
		})
		fc.assert(
			fc.property(
				fc.uniqueArray(letters, { minLength: 1, maxLength: 40 }),
				letters,
				(words, prefix) => {
					const utf8 = words.map((word) => Buffer.from(word).toString('latin1'))
					const table = WordTable.read(makeModelFile({ topics: { cats: utf8, dogs: [] } }))
					const expected = words.filter((word) => word.startsWith(prefix))
					expect(new Set(wordsStarting(table, prefix))).toEqual(new Set(expected))
					expect(wordsStarting(table, '')).toHaveLength(words.length)
				},
			),
		)
	})

	it('has the pairs that the model has a vector for', () => {
		const models = fc.record({
			ngrams: fc.uniqueArray(fc.nat(BUCKET - 1)),
			bucket: fc.constantFrom(BUCKET, BUCKET - 3),
		})
		fc.assert(
			fc.property(models, ({ ngrams, bucket }) => {
				const ids = ngrams.filter((id) => id < bucket)
				const table = WordTable.read(bytesOf(3, ids, 1, bucket))
				const finder = new FeatureFinder(makeModel(3, ids, 1, bucket))
				const all = table.startingWith('')
				const words = wordsStarting(table, '')
				const isPair = (first: string, second: string) =>
					finder.find(`${first} ${second}`).some(({ text }) => text === `${first} ${second}`)
				for (const previous of WORDS) {
					const { follows } = table.signsOf(all, [], table.hash(previous))
					expect([...follows]).toEqual(words.map((word) => Number(isPair(previous, word))))
				}
				const { marks, follows } = table.signsOf(
					all,
					WORDS.map((word) => table.hash(word)),
					null,
				)
				expect([...marks]).toEqual(
					words.map((word) =>
						WORDS.reduce(
							(sum, mark) => sum + Number(isPair(word, mark)) + Number(isPair(mark, word)),
							0,
						),
					),
				)
				expect(follows).not.toContain(1)
			}),
		)
	})

	it('has words beside those of the file, each once', () => {
		const file = makeModelFile({ topics: { cats: ['kitten', 'cat'], dogs: ['puppy'] } })
		const words = ['cat', 'catnip', 'zebra']
		const table = WordTable.read(file, { words, starts: Uint32Array.of(0, 3, 4, 6) })
		expect(wordsStarting(table, '')).toEqual(['cat', 'catnip', 'kitten', 'puppy', 'zebra'])
		expect(wordsStarting(table, 'cat')).toEqual(['cat', 'catnip'])
		expect([...table.signsOf(table.startingWith(''), [], null).labels]).toEqual([3, 1, 0, 0, 2])
		expect([...table.signsOf(table.startingWith('cat'), [], null).labels]).toEqual([3, 1])
	})

	it('reads nothing behind the dictionary, and refuses one that breaks off', () => {
		const whole = makeModelFile({ topics: TOPICS })
		const dictionary = whole.indexOf(0, whole.length - 600)
		expect(() => WordTable.read(whole.subarray(0, dictionary))).not.toThrow()
		for (const length of [0, 3, 30, 80, 200])
			expect(() => WordTable.read(whole.subarray(0, length))).toThrow(
				expect.objectContaining({ code: 'damaged' }),
			)
		expect(() => WordTable.read(Buffer.from('<!doctype html><title>Not found</title>'))).toThrow(
			/no fastText model/,
		)
	})
})
