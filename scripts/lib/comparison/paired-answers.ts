// What two models suggested for the same posts, side by side. Pure.
import { AppError } from '../../../src/shared/app-error.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'

/** What one model suggested for each post of a test set, in their order. */
export interface SuggestionsByPost {
	readonly posts: number
	/** The subreddit of a post; undefined where the model does not know it. */
	subredditOf(post: number): string | undefined
	/** Best first; none where the model knows no word of the title. */
	suggestionsOf(post: number): readonly string[]
}

/** Stands where there is no suggestion, and for a subreddit that neither model knows. */
export const NONE = -1

/** Labels are places in `labels`, or {@link NONE}. */
export interface PairedAnswers {
	readonly posts: number
	readonly labels: readonly string[]
	/** By post: its own subreddit. */
	readonly actual: Int32Array
	/** {@link SUGGESTION_COUNT} a post. */
	readonly a: Int32Array
	readonly b: Int32Array
}

/** @throws AppError `conflict` where the two were not asked about the same posts */
export function pairAnswers(a: SuggestionsByPost, b: SuggestionsByPost): PairedAnswers {
	if (a.posts !== b.posts)
		throw new AppError('conflict', 'the posts changed while they were read; run this again')
	// Reddit takes names in any case: two models may write one subreddit in two.
	const places = new Map<string, number>()
	const labels: string[] = []
	const placeOf = (label: string | undefined) => {
		if (label === undefined) return NONE
		const key = label.toLowerCase()
		const place = places.get(key) ?? places.size
		places.set(key, place)
		labels[place] = label
		return place
	}
	const { posts } = a
	const actual = Int32Array.from({ length: posts }, (_, post) =>
		placeOf(a.subredditOf(post) ?? b.subredditOf(post)),
	)
	const listFive = (model: SuggestionsByPost) => {
		const five = new Int32Array(posts * SUGGESTION_COUNT).fill(NONE)
		for (let post = 0; post < posts; post += 1)
			for (const [rank, label] of model.suggestionsOf(post).slice(0, SUGGESTION_COUNT).entries())
				five[post * SUGGESTION_COUNT + rank] = placeOf(label)
		return five
	}
	const [fiveA, fiveB] = [listFive(a), listFive(b)]
	return { posts, labels, actual, a: fiveA, b: fiveB }
}

/** The five of a post, places of labels. */
export function fiveOf(model: Int32Array, post: number): Int32Array {
	return model.subarray(post * SUGGESTION_COUNT, (post + 1) * SUGGESTION_COUNT)
}

export function firstOf(model: Int32Array, post: number): number {
	return model[post * SUGGESTION_COUNT] ?? NONE
}

/** How many of `posts` each model, and only one of them, got right among its first `depth` suggestions. */
export function countHits(
	{ actual, a, b }: PairedAnswers,
	posts: Iterable<number>,
	depth: number,
): { posts: number; hitsA: number; hitsB: number; onlyA: number; onlyB: number } {
	const counts = { posts: 0, hitsA: 0, hitsB: 0, onlyA: 0, onlyB: 0 }
	for (const post of posts) {
		const right = actual[post] ?? NONE
		const isHit = (model: Int32Array) =>
			right !== NONE && fiveOf(model, post).subarray(0, depth).includes(right)
		const [hitA, hitB] = [isHit(a), isHit(b)]
		counts.posts += 1
		counts.hitsA += Number(hitA)
		counts.hitsB += Number(hitB)
		counts.onlyA += Number(hitA && !hitB)
		counts.onlyB += Number(hitB && !hitA)
	}
	return counts
}
