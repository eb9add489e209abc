// What a release says of the subreddits that it has learnt. Worker.
import { sortLabels } from '../model/sort-labels.ts'
import { AppError } from '../shared/app-error.ts'
import type { SubredditFacts } from '../shared/classifier-protocol.ts'
import { parseJsonWith } from '../shared/parse.ts'
import { SubredditFactsFile } from '../shared/subreddit-facts.ts'

/** By name, as the model has it. */
export type FactsBySubreddit = ReadonlyMap<string, SubredditFacts>

/**
 * @param bytes the unpacked file
 * @param labels of the model that it was made for
 * @throws AppError `bad-data` where it was made for another one
 */
export function readFacts(bytes: Uint8Array, labels: readonly string[]): FactsBySubreddit {
	const text = new TextDecoder().decode(bytes)
	const { members, words } = parseJsonWith(SubredditFactsFile, text, 'facts of the subreddits')
	if (members.length !== labels.length)
		throw new AppError(
			'bad-data',
			`facts of ${members.length} subreddits for a model of ${labels.length}; publish the release again`,
		)
	return new Map(
		sortLabels(labels).map((label, place) => [
			label,
			{
				members: members[place] ?? null,
				words: (words[place] ?? '').split(' ').filter(Boolean),
			},
		]),
	)
}
