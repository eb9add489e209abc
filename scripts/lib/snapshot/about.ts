// What subreddits say of themselves, as lines to learn from: a name split into words, the same with the name itself, and the
// description. A subreddit with few posts says most of what it is about there. Pure.
import { isWord, normalizeTitle } from '../../../src/model/normalize.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import type { KnownSubreddits } from '../subreddits/known.ts'
import { NameSplitter } from '../subreddits/split-name.ts'

/**
 * Two or three lines for each label, in the order of the labels.
 *
 * @param titles tell which words there are, so that names can be split into them
 */
export function writeAboutLines(
	labels: readonly string[],
	titles: Iterable<LabelledTitle>,
	known: KnownSubreddits,
): LabelledTitle[] {
	const splitter = new NameSplitter(countWords(titles))
	return labels.flatMap((subreddit) => {
		const description = normalizeTitle(known.get(subreddit.toLowerCase())?.description ?? '')
		const words = splitter.split(subreddit, new Set(description.split(' '))).join(' ')
		const texts = [words, `${words} ${subreddit.toLowerCase()}`, description]
		return texts.filter((text) => text !== '').map((text) => ({ subreddit, text }))
	})
}

function countWords(titles: Iterable<LabelledTitle>): Map<string, number> {
	const counts = new Map<string, number>()
	for (const { text } of titles)
		for (const word of new Set(text.split(' ')))
			if (isWord(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
	return counts
}
