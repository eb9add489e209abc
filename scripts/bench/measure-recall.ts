// What a model file says to titles in fastText's text format, without reranker and prior: how often it is right.
import { readFile } from 'node:fs/promises'
import { SUGGESTION_COUNT } from '../../src/shared/calibration.ts'
import { readLabels, scoreAll } from '../lib/evaluation/scoring.ts'
import { readTrainingText } from '../lib/training-text.ts'

export interface Recall {
	/** Of all lines: those with an unknown label, or without a known word, are misses. */
	readonly recall1: number
	readonly recall5: number
	/** The share of all lines that each label was first for. */
	readonly firsts: ReadonlyMap<string, number>
}

export async function measureRecall(modelFile: string, testFile: string): Promise<Recall> {
	const bytes = await readFile(modelFile)
	const model = { bytes, labels: await readLabels(bytes) }
	let [titles, hits1, hits5] = [0, 0, 0]
	const firsts = new Map<string, number>()
	const answers = scoreAll(model, readTrainingText(testFile), SUGGESTION_COUNT)
	for await (const { item, predictions } of answers) {
		titles += 1
		const place = predictions.findIndex(({ label }) => label === item.subreddit)
		if (place === 0) hits1 += 1
		if (place >= 0) hits5 += 1
		const first = predictions[0]?.label
		if (first !== undefined) firsts.set(first, (firsts.get(first) ?? 0) + 1)
	}
	const share = (count: number) => count / Math.max(1, titles)
	return {
		recall1: share(hits1),
		recall5: share(hits5),
		firsts: new Map([...firsts].map(([label, count]) => [label, share(count)])),
	}
}
