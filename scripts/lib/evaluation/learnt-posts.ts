// No model is asked about posts that it has learnt.
import { AppError } from '../../../src/shared/app-error.ts'
import { formatInstant } from './format.ts'
import type { LearntPosts } from './models.ts'
import type { TestSet } from './titles.ts'

/**
 * Refuses to ask a model about posts that it was trained on: its figures would flatter.
 *
 * @param posts with the window that is known once they were read
 * @throws AppError `bad-input`
 */
export function refuseLearnt(
	model: LearntPosts & { readonly name: string },
	posts: Pick<TestSet, 'name' | 'snapshot' | 'newest'>,
	{ from, until }: { readonly from: string; readonly until: string },
): void {
	if (posts.snapshot === model.snapshot || !isAfter(model.trainedUntil, from)) return
	// Both leave out the newest posts of each subreddit. Those of the later day are newer than what the other one learnt, or
	// were left out of it, too.
	const isLeftOut = posts.newest !== undefined && posts.newest <= model.heldBack
	if (isLeftOut && !isAfter(model.trainedUntil, until)) return
	throw new AppError(
		'bad-input',
		`${model.name} has learnt posts until ${formatInstant(model.trainedUntil)}, and ${posts.name} begin on ${formatInstant(from)}: figures on posts that it has seen would flatter; compare on later posts, or models that were trained before these`,
	)
}

// Instants are written with and without milliseconds.
export function isAfter(one: string, other: string): boolean {
	return Date.parse(one) > Date.parse(other)
}
