// `posts prune`: removes posts from the database by age, or by how many a subreddit has.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { openPosts, openPostsToChange } from './open-posts.ts'
import type { PruneRules } from './post-store.ts'

export interface PruneOptions extends PruneRules {
	/** Counts, and removes nothing. */
	readonly dryRun: boolean
}

export interface PruneCounts {
	readonly pruned: number
	readonly kept: number
}

/** @throws AppError `bad-input` without any rule, `not-found` where there are no posts yet */
export async function prunePosts(options: PruneOptions, effects: Effects): Promise<PruneCounts> {
	checkPruneOptions(options)
	const posts = await (options.dryRun ? openPosts : openPostsToChange)(effects)
	try {
		return await posts.prune(options, options)
	} finally {
		posts.close()
	}
}

/** @throws AppError `bad-input` without any rule */
export function checkPruneOptions({ before, keepNewest, minPosts }: PruneRules): void {
	if (before === undefined && keepNewest === undefined && minPosts === undefined)
		throw new AppError('bad-input', 'nothing to prune: give --before, --keep-newest or --min-posts')
}
