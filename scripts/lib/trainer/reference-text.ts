// What the plain trainer of reference.ts reads: titles as numbers of labels and features.
import { createPairId, hashBytes } from '../../../src/model/features.ts'
import { paddingToken } from '../../../src/model/padding.ts'
import type { TrainParameters } from './parameters.ts'

/** A title: the rows of its words and pairs, and its label. */
export interface Sample {
	readonly features: readonly number[]
	readonly label: number
}

export type Text = ReturnType<typeof readText>

/** Counts, and gives numbers to the features that are frequent enough: words first, most frequent first, ties by hash. */
export function readText(
	lines: readonly string[],
	{ minCount, wordNgrams, dilution }: TrainParameters,
) {
	const pairId = createPairId(2 ** 27)
	const pairsOf = (_: string, end: number, words: readonly string[]) =>
		wordNgrams > 1 && end > 0
			? [pairId(hashBytes(words[end - 1] ?? ''), hashBytes(words[end] ?? ''))]
			: []
	const titles = lines.map((line) => {
		const tokens = Buffer.from(line).toString('latin1').split(/\s+/).filter(Boolean)
		const label = tokens.find((token) => token.startsWith('__label__')) ?? ''
		return { label, words: tokens.filter((token) => !token.startsWith('__label__')) }
	})
	const byHash = (a: string, b: string) => (hashBytes(a) >>> 0) - (hashBytes(b) >>> 0)
	const [labels, labelCounts] = countFrequent(
		titles.map(({ label }) => label),
		1,
		byHash,
	)
	const [words, wordCounts] = countFrequent(
		titles.flatMap(({ words }) => words),
		minCount,
		byHash,
	)
	const allPairs = titles.flatMap(({ words }) => words.flatMap(pairsOf))
	const [pairs, pairCounts] = countFrequent(allPairs, minCount, (a, b) => a - b)
	// A word that no title has, whose vector stays zero: what the model's file says of the dilution.
	if (dilution > 0) words.push(paddingToken(dilution))
	if (dilution > 0) wordCounts.push(0)
	const rows = new Map<string | number, number>([...words, ...pairs].map((key, row) => [key, row]))
	const samples = titles.map(({ label, words }): Sample => {
		const keys = words.flatMap((word, end) => [word, ...pairsOf(word, end, words)])
		const features = keys.flatMap((key) => rows.get(key) ?? [])
		return { features, label: labels.indexOf(label) }
	})
	return { words, wordCounts, pairs, pairCounts, labels, labelCounts, samples }
}

function countFrequent<Key>(all: readonly Key[], least: number, ties: (a: Key, b: Key) => number) {
	const counts = new Map<Key, number>()
	for (const key of all) counts.set(key, (counts.get(key) ?? 0) + 1)
	const kept = [...counts].filter(([, count]) => count >= least)
	kept.sort(([a, countA], [b, countB]) => countB - countA || ties(a, b))
	return [kept.map(([key]) => key), kept.map(([, count]) => count)] as const
}
