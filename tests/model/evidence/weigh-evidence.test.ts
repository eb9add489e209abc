import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Candidates } from '../../../src/model/candidates.ts'
import { type Evidence, WORD_WEIGHT_STEPS } from '../../../src/model/evidence/evidence-file.ts'
import { EvidenceTable } from '../../../src/model/evidence/weigh-evidence.ts'
import { PROBABILITY_OFFSET } from '../../../src/model/fasttext/probability-offset.ts'
import { joinCopies } from '../../../src/model/padding.ts'
import { featuresOf, makeEvidence } from '../../fixtures/evidence.ts'

const LABELS = ['linux', 'cats', 'pics', 'aww', 'chess']
const WORDS = ['a', 'cat', 'kernel', 'pawn', 'straße']
/** Whose pairs and beginnings the table has: one of a word that it has not, too. */
const KNOWN_TITLES = ['a cat a kernel', 'unheard straße cat pawn', 'kernelspace']
const evidence = makeEvidence({ labels: LABELS.length, words: WORDS, seed: 7 })
const table = new EvidenceTable(evidence, LABELS)
const candidates = makeCandidates([0, 4, 1, 3, 2], [5, 4, 3, 2, 1])

function makeCandidates(labels: readonly number[], shares: readonly number[]): Candidates {
	const scores = Float64Array.from(shares, (share) => Math.fround(share / 15))
	return { labels: Uint32Array.from(labels), scores }
}

/** The rule of the docstrings written out with lists and maps: what is computed in which order is the same, so that the last bit is. */
function weighPlainly(
	{ strength, absent, words, features, weights, ...lists }: Evidence,
	labels: readonly string[],
	{ text, given, count }: { text: string; given: Candidates; count: number },
) {
	const foundWords = [...new Set(text.split(' '))]
		.map((word) => words.indexOf(Buffer.from(word).toString('latin1')))
		.filter((word) => word >= 0)
	const foundFeatures = inOrder(text)
		.map((number) => features.indexOf(number))
		.filter((feature) => feature >= 0)
		.map((feature) => words.length + feature)
	const found = [...foundWords, ...foundFeatures]
	const first = Array.from(given.labels, (label, rank) => ({
		label: labels[label] ?? '',
		score: given.scores[rank] ?? 0,
	}))
	if (found.length === 0) return first.slice(0, count)
	const sums = new Map<number, number>()
	for (const word of found)
		for (let at = lists.starts[word] ?? 0; at < (lists.starts[word + 1] ?? 0); at += 1) {
			const place = lists.labels[at] ?? 0
			const value = lists.levelValues[lists.levels[at] ?? 0] ?? 0
			const says = ((weights[word] ?? 0) / WORD_WEIGHT_STEPS) * value
			sums.set(place, Math.fround((sums.get(place) ?? 0) + says))
		}
	const weight = found.reduce((sum, word) => sum + (weights[word] ?? 0) / WORD_WEIGHT_STEPS, 0)
	const sumOf = (place: number) => (sums.get(place) ?? 0) + weight * (absent[place] ?? 0)
	const sorted = labels.toSorted((a, b) => (a < b ? -1 : 1))
	const least = first.at(-1)?.score ?? 0
	const own = [...sums.keys()]
		.sort((a, b) => sumOf(b) - sumOf(a) || a - b)
		.slice(0, 50)
		.map((place) => ({
			label: sorted[place] ?? '',
			score: Math.min(least, Math.max(PROBABILITY_OFFSET, least * Math.exp(-1))),
		}))
		.filter(({ label }) => first.every((one) => one.label !== label))
	const all = [...first, ...own]
	const logs = all.map(({ label, score }) => {
		const adds = (strength / Math.sqrt(foundWords.length || 1)) * sumOf(sorted.indexOf(label))
		return Math.log(Math.max(score, Number.MIN_VALUE)) + adds
	})
	const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
	const total = logs.reduce((sum, log) => sum + Math.exp(log - most), 0)
	return all
		.map(({ label }, at) => ({
			label,
			score: Math.fround(Math.exp((logs[at] ?? 0) - most) / total),
		}))
		.sort((a, b) => b.score - a.score)
		.slice(0, count)
}

/** Of a title each feature once, as it is met. */
function inOrder(text: string): number[] {
	const tokens = text.split(' ')
	const met = tokens.map((_, at) => featuresOf([tokens.slice(0, at + 1).join(' ')]))
	const beginnings = tokens.map((token) => featuresOf([token])[0])
	const numbers = met.flatMap((all, at) => {
		const before = new Set(met[at - 1])
		const added = [...all].filter((number) => !before.has(number))
		// Of one token its beginning comes before its pair with the token before.
		return added.sort((a) => (a === beginnings[at] ? -1 : 1))
	})
	return [...new Set(numbers)]
}

/** With few different scores and levels, so that labels tie, and in no order, as a model may have its labels. */
const anyCase = fc
	.record({
		labels: fc.integer({ min: 1, max: 200 }),
		seed: fc.nat(1000),
		isEven: fc.boolean(),
		texts: fc.array(
			fc.array(fc.constantFrom(...WORDS, 'unheard', '?'), { minLength: 1, maxLength: 8 }),
			{ minLength: 1, maxLength: 5 },
		),
		count: fc.integer({ min: 1, max: 250 }),
		given: fc.integer({ min: 0, max: 200 }),
	})
	.map(({ labels, seed, isEven, texts, count, given }) => {
		const names = Array.from({ length: labels }, (_, at) => `l${(at * 7919 + seed) % labels}-${at}`)
		const titles = seed % 3 === 0 ? [] : KNOWN_TITLES
		const made = makeEvidence({ labels, words: WORDS, seed, titles })
		const ranks = Array.from({ length: Math.min(given, labels) }, (_, rank) => rank)
		const places = ranks.map((rank) => (rank * 211 + seed) % labels)
		return {
			names,
			evidence: isEven ? { ...made, absent: made.absent.fill(-0.25) } : made,
			given: makeCandidates(
				[...new Set(places)],
				[...new Set(places)].map((_, rank) => (isEven ? 1 : 15 / (1 + Math.floor(rank / 9)))),
			),
			texts: texts.map((words) => words.join(' ')),
			count,
		}
	})

/** What the table considers, kept. */
function addsOf(text: string, given: Candidates) {
	const { labels, scores, adds } = table.consider(text, given)
	return { labels: [...labels], scores: [...scores], adds: [...adds] }
}

describe('weighing by evidence', () => {
	it('gives the labels what the rule says, to the last bit and in the order of ties, for any table', () => {
		fc.assert(
			fc.property(anyCase, ({ names, evidence, given, texts, count }) => {
				const table = new EvidenceTable(evidence, names)
				// One after the other: nothing is left behind for the next title.
				for (const text of texts)
					expect(table.weigh(text, given, count)).toEqual(
						weighPlainly(evidence, names, { text, given, count }),
					)
			}),
			{ numRuns: 200 },
		)
	})

	it('refuses a table of another model', () => {
		expect(() => new EvidenceTable(evidence, LABELS.slice(1))).toThrow('5 labels, the model of 4')
	})

	it('puts labels of its own forward, below the least of the engine, and loses none of those', () => {
		const text = 'a cat kernel pawn straße'
		const known = makeCandidates([0, 4], [5, 4])
		const { labels, scores, adds } = addsOf(text, known)
		expect(labels.slice(0, 2)).toEqual([...known.labels])
		expect(scores.slice(0, 2)).toEqual([...known.scores])
		expect(labels.length).toBeGreaterThan(2)
		expect(new Set(labels).size).toBe(labels.length)
		for (const score of scores.slice(2))
			expect(score).toBeCloseTo((known.scores[1] ?? 0) / Math.E, 6)
		const whole = addsOf(text, candidates)
		for (const [at, label] of labels.entries())
			expect(adds[at]).toBe(whole.adds[whole.labels.indexOf(label)])
	})

	it('counts a word of some copies of a title by their share', () => {
		for (const padding of [0, 3]) {
			const copies = joinCopies(['a cat', 'a cat', 'a cat'], padding)
			expect(table.weigh(copies, candidates, 5)).toEqual(table.weigh('a cat', candidates, 5))
			const [cat, half] = ['cat', joinCopies(['cat', ''], padding)].map(
				(text) => addsOf(text, candidates).adds[2],
			)
			// Half a word, of half a word in all.
			expect(half).toBeCloseTo((cat ?? Number.NaN) * Math.SQRT1_2, 5)
		}
	})

	it('changes nothing where no word is in the table', () => {
		const names = Array.from(candidates.labels, (label) => LABELS[label])
		const weighed = table.weigh('unheard of', candidates, 4)
		expect(weighed.map(({ label }) => label)).toEqual(names.slice(0, 4))
		expect(weighed.map(({ score }) => score)).toEqual([...candidates.scores.slice(0, 4)])
		for (const adds of addsOf('unheard of', candidates).adds) expect(adds).toBe(0)
	})

	it('knows its words in any script, and no others', () => {
		expect(table.knows('straße')).toBe(true)
		expect(table.knows('strasse')).toBe(false)
	})

	it('counts pairs and beginnings beside words, also where no word of a title is known', () => {
		const titles = ['kitten mittens', 'mitten']
		const other = makeEvidence({ labels: LABELS.length, words: ['a'], seed: 7, titles })
		const known = new EvidenceTable(other, LABELS)
		const textsOf = (title: string) => known.explain(title, 'cats').map(({ text }) => text)
		expect(textsOf('kitten mittens')).toEqual(['kitt…', 'mitt…', 'kitten mittens'])
		expect(textsOf('mittens kitten a')).toEqual(['a', 'mitt…', 'kitt…'])
		expect(textsOf('mitt')).toEqual([])
		const adds = known.explain('mittens', 'cats')[0]?.adds ?? 0
		expect(adds).not.toBe(0)
		const copies = joinCopies(['mittens', ''], 0)
		expect(known.explain(copies, 'cats')[0]?.adds).toBeCloseTo(adds / 2, 6)
	})

	it('explains what it adds: the parts of two labels differ by what their scores do', () => {
		const text = 'a cat kernel'
		const sumOf = (label: string) =>
			table.explain(text, label).reduce((sum, { adds }) => sum + adds, 0)
		const scores = new Map(
			table.weigh(text, candidates, 5).map(({ label, score }) => [label, score]),
		)
		const gained = (label: string, before: number) => Math.log((scores.get(label) ?? 0) / before)
		const difference = gained('linux', 5 / 15) - gained('cats', 3 / 15)
		expect(sumOf('linux') - sumOf('cats')).toBeCloseTo(difference, 5)
	})
})
