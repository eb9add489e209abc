// What subreddits say of themselves, as lines to learn from: a name split into words, the same with the name itself, and the
// description. A subreddit with few posts says most of what it is about there. Pure.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { LabelledTitle } from '../../../src/model/training-text.ts'
import type { KnownSubreddits } from '../subreddits/known.ts'
import { NameSplitter, type WordCounts } from '../subreddits/split-name.ts'

/**
 * Two or three lines for each label, in the order of the labels.
 *
 * @param counts which words there are, so that names can be split into them
 */
export function writeAboutLines(
	labels: readonly string[],
	counts: WordCounts,
	known: KnownSubreddits,
): LabelledTitle[] {
	const splitter = new NameSplitter(counts)
	return labels.flatMap((subreddit) => {
		const description = normalizeTitle(known.get(subreddit.toLowerCase())?.description ?? '')
		const words = splitter.split(subreddit, new Set(description.split(' '))).join(' ')
		const texts = [words, `${words} ${subreddit.toLowerCase()}`, description]
		return texts.filter((text) => text !== '').map((text) => ({ subreddit, text }))
	})
}
