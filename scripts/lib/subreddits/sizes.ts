// How many subscribers each subreddit has, as far as the database knows.
import type { Database } from '../posts/database.ts'
import { type KnownSubreddits, readKnownSubreddits } from './known.ts'

/** Subscribers by name in lower case: sources differ in how they write a name. */
export type SubredditSizes = ReadonlyMap<string, number>

/** Empty where no subreddits were collected or imported yet. */
export async function readSubredditSizes(database: Database): Promise<SubredditSizes> {
	return sizesOf(await readKnownSubreddits(database))
}

/** Of those whose size is known. */
export function sizesOf(known: KnownSubreddits): SubredditSizes {
	const sizes = new Map<string, number>()
	for (const [name, { subscribers }] of known)
		if (subscribers !== null) sizes.set(name, subscribers)
	return sizes
}
