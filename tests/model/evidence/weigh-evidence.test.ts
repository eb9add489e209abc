import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evidence, WORD_WEIGHT_STEPS } from '../../../src/model/evidence/evidence-file.ts'
import { EvidenceTable } from '../../../src/model/evidence/weigh-evidence.ts'
import { joinCopies } from '../../../src/model/padding.ts'
import { makeEvidence } from '../../fixtures/evidence.ts'

const LABELS = ['aww', 'cats', 'chess', 'linux', 'pics']
const WORDS = ['a', 'cat', 'kernel', 'pawn', 'straße']
const evidence = makeEvidence({ labels: LABELS.length, words: WORDS, seed: 7 })
const table = new EvidenceTable(evidence, ['linux', 'cats', 'pics', 'aww', 'chess'])
const predictions = LABELS.map((label, index) => ({ label, score: (index + 1) / 15 })).toReversed()

/** The rule of the docstring, written out. */
function expectedScores(
	{ strength, absent, words, wordWeights, ...lists }: Evidence,
	text: string,
) {
	const found = [...new Set(text.split(' '))]
		.map((word) => words.indexOf(Buffer.from(word).toString('latin1')))
		.filter((word) => word >= 0)
	const raw = LABELS.map((_, label) => {
		const says = found.map((word) => {
			const from = lists.starts[word] ?? 0
			const list = [...lists.labels.slice(from, lists.starts[word + 1])]
			const at = list.indexOf(label)
			const value = at < 0 ? 0 : (lists.levelValues[lists.levels[from + at] ?? 0] ?? 0)
			return ((wordWeights[word] ?? 0) / WORD_WEIGHT_STEPS) * (value + (absent[label] ?? 0))
		})
		const sum = says.reduce((a, b) => a + b, 0)
		return ((label + 1) / 15) * Math.exp((strength * sum) / Math.sqrt(Math.max(1, found.length)))
	})
	const total = raw.reduce((a, b) => a + b, 0)
	return new Map(LABELS.map((label, index) => [label, (raw[index] ?? 0) / total]))
}

describe('weighing by evidence', () => {
	it('gives each label what the rule says, most probable first', () => {
		const anyText = fc
			.array(fc.constantFrom(...WORDS, 'unheard', '?'), { minLength: 1, maxLength: 8 })
			.map((words) => words.join(' '))
		fc.assert(
			fc.property(anyText, (text) => {
				const weighed = table.weigh(text, predictions)
				const expected = expectedScores(evidence, text)
				for (const { label, score } of weighed)
					expect(score).toBeCloseTo(expected.get(label) ?? -1, 5)
				const scores = weighed.map(({ score }) => score)
				expect(scores).toEqual(scores.toSorted((a, b) => b - a))
			}),
		)
	})

	it('puts labels of its own forward, below the least of the engine, and loses none of those', () => {
		const known = predictions.slice(0, 2)
		const considered = table.consider('a cat kernel pawn straße', known)
		expect(considered.slice(0, 2)).toMatchObject(known)
		const own = considered.slice(2)
		expect(own.length).toBeGreaterThan(0)
		for (const { label, score } of own) {
			expect(known.map((item) => item.label)).not.toContain(label)
			expect(score).toBeCloseTo((known[1]?.score ?? 0) / Math.E, 6)
		}
		const whole = new Map(
			table
				.consider('a cat kernel pawn straße', predictions)
				.map(({ label, adds }) => [label, adds]),
		)
		for (const { label, adds } of considered) expect(adds).toBeCloseTo(whole.get(label) ?? 0, 6)
	})

	it('leaves nothing behind for the next title', () => {
		const before = table.weigh('kernel', predictions)
		table.weigh('a cat pawn straße', predictions)
		expect(table.weigh('kernel', predictions)).toEqual(before)
	})

	it('counts a word of some copies of a title by their share', () => {
		for (const padding of [0, 3]) {
			expect(table.weigh(joinCopies(['a cat', 'a cat', 'a cat'], padding), predictions)).toEqual(
				table.weigh('a cat', predictions),
			)
			const [cat, half] = ['cat', joinCopies(['cat', ''], padding)].map(
				(text) => table.consider(text, predictions).find(({ label }) => label === 'cats')?.adds,
			)
			// Half a word, of half a word in all.
			expect(half).toBeCloseTo((cat ?? Number.NaN) * Math.SQRT1_2, 5)
		}
	})

	it('changes nothing where no word is in the table', () => {
		expect(table.weigh('unheard of', predictions)).toEqual(predictions)
		for (const { adds } of table.consider('unheard of', predictions)) expect(adds).toBe(0)
	})

	it('knows its words in any script, and no others', () => {
		expect(table.knows('straße')).toBe(true)
		expect(table.knows('strasse')).toBe(false)
	})

	it('explains what it adds: the parts of two labels differ by what their scores do', () => {
		const text = 'a cat kernel'
		const sumOf = (label: string) =>
			table.explain(text, label).reduce((sum, { adds }) => sum + adds, 0)
		const scores = new Map(table.weigh(text, predictions).map(({ label, score }) => [label, score]))
		const gained = (label: string, before: number) => Math.log((scores.get(label) ?? 0) / before)
		const difference = gained('linux', 4 / 15) - gained('cats', 2 / 15)
		expect(sumOf('linux') - sumOf('cats')).toBeCloseTo(difference, 5)
	})
})
