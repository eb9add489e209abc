// In how many titles of a training file each word stands.
import { isWord } from '../../../src/model/normalize.ts'
import type { Effects } from '../effects.ts'
import { withProgress } from '../progress.ts'
import type { WordCounts } from '../subreddits/split-name.ts'
import { readTrainingText } from '../training-text.ts'

/** More tell nothing new about how rare a word is. The lines of a training file are shuffled: the first ones are a sample. */
const MAX_TITLES = 600_000

export interface TitleWords {
	readonly titles: number
	readonly counts: WordCounts
}

/** @param lines how many the file has */
export async function countTitleWords(
	path: string,
	lines: number,
	effects: Effects,
): Promise<TitleWords> {
	const total = Math.min(lines, MAX_TITLES)
	const counts = new Map<string, number>()
	let titles = 0
	const options = { label: 'counting words', total, unit: 'titles' }
	for await (const { text } of withProgress(readTrainingText(path), options, effects)) {
		for (const word of new Set(text.split(' ')))
			if (isWord(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
		titles += 1
		if (titles === total) break
	}
	return { titles, counts }
}
