// The list of subreddits that the database holds: what `subreddits import` and `collect subreddits` brought.
import type { Database } from '../posts/database.ts'
import { readKnownSubreddits } from './known.ts'

/** A subreddit with what it says of itself. */
export interface DescribedSubreddit {
	readonly name: string
	readonly subscribers: number
	readonly description: string
}

/** Without those marked 18+, private or gone; empty where no list was collected or imported. */
export async function readSubredditList(database: Database): Promise<DescribedSubreddit[]> {
	const known = await readKnownSubreddits(database)
	return [...known].sort(byKey).flatMap(([, { name, subscribers, description, ...rest }]) =>
		// What does not show its size to a client is private.
		rest.over18 === true || rest.unavailable !== null || subscribers === null
			? []
			: [{ name, subscribers, description: description ?? '' }],
	)
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
	return a < b ? -1 : 1
}
