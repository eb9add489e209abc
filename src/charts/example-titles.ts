// Titles of posts behind the bars: only in files that stay where the posts are. Pure.

/** What a model says to a title. */
export interface ExampleTitle {
	/** As the model reads it. */
	readonly text: string
	/** The first suggestion; null where the title has no word that the model knows. */
	readonly first: string | null
	readonly p1: number
	/** The first suggestion of the model before, in a comparison. */
	readonly before?: string | null
}

export interface ExampleTitles {
	/** As in `test posts of snapshot 1a2b3c4d`. */
	readonly source: string
	/** Each subreddit with some of its titles. */
	readonly subreddits: readonly (readonly [label: string, titles: readonly ExampleTitle[]])[]
}

export interface PostedTitle extends ExampleTitle {
	readonly subreddit: string
}

/** As many as one reads. */
const MOST_SHOWN = 12

/** Which of the titles are shown. */
export interface ShownTitles {
	/** What is chosen, in words, and which titles belong to it. */
	readonly says: string
	readonly test: (title: PostedTitle) => boolean
}

/** The titles behind a choice, and how many examples of it there are. */
export function findTitles(
	{ subreddits }: ExampleTitles,
	test: (title: PostedTitle) => boolean,
): { readonly shown: readonly PostedTitle[]; readonly count: number } {
	const found = subreddits.flatMap(([subreddit, titles]) =>
		titles.map((title) => ({ ...title, subreddit })).filter(test),
	)
	// Spread over all of them: the first ones would be those of the first subreddits.
	const step = Math.max(1, found.length / MOST_SHOWN)
	const shown = found.filter(
		(_, index) => Math.floor(index / step) > Math.floor((index - 1) / step),
	)
	return { shown: shown.slice(0, MOST_SHOWN), count: found.length }
}
