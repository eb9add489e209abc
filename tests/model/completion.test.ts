import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { askAbout, endsInOpenWord } from '../../src/model/completion.ts'
import {
	type Evidence,
	joinModelFile,
	writeEvidence,
} from '../../src/model/evidence/evidence-file.ts'
import type { FastTextModel } from '../../src/model/fasttext/format.ts'
import { readModel } from '../../src/model/fasttext/read.ts'
import { writeModel } from '../../src/model/fasttext/write.ts'
import { isPadding } from '../../src/model/padding.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { makeModel } from '../fixtures/made-vectors.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

const engine = await loadEngine(
	makeModelFile({
		topics: {
			Minecraft: ['minecraft', 'creeper'],
			mining: ['miners', 'minerals'],
			cooking: ['oven', 'creamy'],
		},
	}),
)
const ask = (text: string) => askAbout(text, 'typing', engine)

/** The titles in the text of a question, each with how many copies of it there are. */
function countCopies(text: string): Record<string, number> {
	const counts: Record<string, number> = {}
	let copy: string[] = []
	for (const token of [...text.split(' '), '<pad:1>']) {
		if (!isPadding(token)) copy.push(token)
		else if (copy.length > 0) {
			counts[copy.join(' ')] = (counts[copy.join(' ')] ?? 0) + 1
			copy = []
		}
	}
	return counts
}

describe('endsInOpenWord', () => {
	it.each(['minecr', 'A new minecraft', "don't", 'über', '2013', 'n̈'])('is true of %j', (title) => {
		expect(endsInOpenWord(title)).toBe(true)
	})

	it.each(['', 'minecraft ', 'minecraft.', 'minecraft?', '(minecraft)', '日本', 'さ', 'ไทย', '😀'])(
		'is false of %j',
		(title) => {
			expect(endsInOpenWord(title)).toBe(false)
		},
	)
})

describe('askAbout', () => {
	it('asks about the words that the last one may become, each as often as it is likely', () => {
		const question = ask('oven min')
		expect(countCopies(question.text)).toEqual({
			'oven minecraft': expect.toSatisfy((count: number) => count >= 5 && count <= 6),
			'oven miners': expect.toSatisfy((count: number) => count >= 5 && count <= 6),
			'oven minerals': expect.toSatisfy((count: number) => count >= 5 && count <= 6),
		})
		expect(question).toMatchObject({ copies: 16, words: 2, knownWords: 2, isOpen: true })
	})

	it('is as sure of the only word that there can be as if it were finished', () => {
		const whole = engine.predict('oven minecraft', 3)
		for (const text of ['oven minecr', 'oven minecraft'])
			for (const [rank, { label, score }] of engine.predict(ask(text).text, 3).entries()) {
				expect(label).toBe(whole[rank]?.label)
				expect(score).toBeCloseTo(whole[rank]?.score ?? Number.NaN, 5)
			}
	})

	it('does not name a word as unknown while it may become a known one', () => {
		expect(ask('qwx minecr').unknownWords).toEqual(['qwx'])
		expect(ask('qwx minecq')).toMatchObject({ unknownWords: ['qwx', 'minecq'], isOpen: false })
	})

	it('leaves out a first letter, which begins too many words', () => {
		expect(ask('oven m')).toMatchObject({ text: 'oven', words: 1, knownWords: 1, isOpen: true })
		expect(ask('m')).toMatchObject({ text: '', knownWords: 0, isOpen: true })
	})

	it('asks about a title as it stands that is read whole, or ends in a mark', () => {
		for (const question of [askAbout('oven min', 'whole', engine), ask('oven !')])
			expect(question).toMatchObject({ copies: 1, isOpen: false })
		expect(askAbout('oven min oven ?', 'whole', engine)).toEqual({
			text: 'oven min oven ?',
			copies: 1,
			words: 3,
			knownWords: 2,
			unknownWords: ['min'],
			isOpen: false,
			familiarity: 8 / 11,
		})
	})

	it('measures how much of the title is familiar, a word that may become a known one as that one', () => {
		const familiarity = (text: string) => ask(text).familiarity
		expect(familiarity('oven minecr')).toBe(1)
		// Of as many letters as the likeliest word that it may become.
		expect(familiarity('qwxz miner')).toBe(8 / 12)
		expect(familiarity('qwxz m')).toBe(0)
		expect(familiarity('qwxz oven !')).toBe(0.5)
	})

	it('repeats a long title less often', () => {
		expect(ask(`${'oven '.repeat(60)}min`).copies).toBe(10)
		expect(ask(`${'oven '.repeat(400)}min`).copies).toBe(4)
	})

	it('takes a word for likelier that the model has learnt beside marks or after the word before', async () => {
		const [first, second] = ['mined', 'minor']
		const plain = await withPairs([first, second], [])
		const share = ({ text }: { text: string }) => countCopies(text)[`a ${first}`] ?? 0
		expect(share(askAbout('a min', 'typing', plain))).toBe(8)
		const after = await withPairs([first, second], [['a', first]])
		expect(share(askAbout('a min', 'typing', after))).toBe(13)
		const beside = await withPairs(
			[first, second],
			[
				[first, '.'],
				['?', first],
			],
		)
		expect(share(askAbout('a min', 'typing', beside))).toBe(13)
	})

	it('takes a word for as many times as likely as there are labels that the table of evidence has it for', async () => {
		const topics = { mining: ['miners', 'minerals'], cooking: ['oven'] }
		const evidence: Evidence = {
			...makeEvidence({ labels: 2, words: ['minerals', 'miners'], seed: 1 }),
			starts: Uint32Array.of(0, 2, 3),
			labels: Uint16Array.of(0, 1, 0),
			levels: Uint8Array.of(1, 1, 1),
		}
		const file = joinModelFile({
			fastText: makeModelFile({ topics }),
			evidence: writeEvidence(evidence),
		})
		expect(countCopies(askAbout('oven min', 'typing', await loadEngine(file)).text)).toEqual({
			'oven minerals': 11,
			'oven miners': 5,
		})
	})
})

const BUCKET = 2 ** 27

/** An engine whose model has learnt these words, and vectors for these pairs of them. */
async function withPairs(words: readonly string[], pairs: readonly (readonly [string, string])[]) {
	const made = makeModel(0, [], 1, BUCKET)
	const ids = pairs.map(([a, b]) => idOf(a, b)).sort((a, b) => a - b)
	const rows = made.words.length + ids.length
	const filled = readModel(
		Buffer.concat([
			...writeModel(
				makeModel(
					0,
					ids.map((_, id) => id),
					1,
				),
			),
		]),
	)
	const model: FastTextModel = {
		...filled,
		args: { ...filled.args, bucket: BUCKET, wordNgrams: 2 },
		words: made.words.map((entry, at) => ({
			...entry,
			bytes: [...words, 'a', '.', '?', 'x'][at] ?? '',
		})),
		pruned: { ids: Int32Array.from(ids), rows: Int32Array.from(ids, (_, row) => row) },
	}
	expect(model.input.rows).toBe(rows)
	return loadEngine(Buffer.concat([...writeModel(model)]))
}

/** As fastText numbers a pair of words. */
function idOf(first: string, second: string): number {
	const hash = (word: string) =>
		[...Buffer.from(word)].reduce(
			(value, byte) => Math.imul(value ^ byte, 16_777_619),
			2_166_136_261,
		)
	return ((Math.imul(hash(first), 116_049_371) + hash(second)) & (BUCKET - 1)) >>> 0
}
