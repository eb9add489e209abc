// What the tests' Reddit has: subreddits with numbered posts, reckoned rather than stored, so that a million cost nothing.

/** Reddit lists no more of a subreddit than this. */
const LISTING_CAP = 1_000
const FIRST_POST_UTC = 1_600_000_000
const SECONDS_BETWEEN = 60
const IDS_PER_SUBREDDIT = 100_000

/** As in Reddit's refusals; `missing` leads to the search. */
export type Trouble = 'private' | 'banned' | 'quarantined' | 'gold_only' | 'missing' | 'not-found'

export interface WorldSubreddit {
	readonly name: string
	readonly number: number
	/** Posts that were ever made; the newest has the number `posts - 1`. */
	posts: number
	/** Numbers of posts that are not listed any more. */
	readonly removed: Set<number>
	subscribers: number
	over18: boolean
	trouble?: Trouble
	/** The name that it has now. */
	movedTo?: string
	/** Fields that the posts have beside or instead of the usual ones. */
	fields?: (number: number) => Record<string, unknown>
}

export class RedditWorld {
	readonly subreddits: WorldSubreddit[] = []
	/** Names in the order of /subreddits/popular. */
	popular: string[] = []
	readonly #byName = new Map<string, WorldSubreddit>()

	add(name: string, posts: number, more: Partial<WorldSubreddit> = {}): WorldSubreddit {
		const number = this.subreddits.length + 1
		const subreddit: WorldSubreddit = {
			name,
			number,
			posts,
			removed: new Set(),
			subscribers: 1_000_000 - number,
			over18: false,
			...more,
		}
		this.subreddits.push(subreddit)
		this.#byName.set(name.toLowerCase(), subreddit)
		this.popular.push(name)
		return subreddit
	}

	find(name: string): WorldSubreddit | undefined {
		return this.#byName.get(name.toLowerCase())
	}

	/** A page of a subreddit's listing, newest first; an `after` that is not listed leads to nothing, as at Reddit. */
	listPosts(subreddit: WorldSubreddit, after: string | null, limit: number) {
		const lowest = Math.max(0, subreddit.posts - LISTING_CAP)
		let number = subreddit.posts - 1
		if (after !== null) {
			const place = Number.parseInt(after.slice(3), 36) - subreddit.number * IDS_PER_SUBREDDIT
			if (subreddit.removed.has(place) || place < lowest || place > number)
				return { children: [], after: null }
			number = place - 1
		}
		const children = []
		for (; number >= lowest && children.length < limit; number -= 1)
			if (!subreddit.removed.has(number))
				children.push({ kind: 't3', data: this.describePost(subreddit, number) })
		const hasMore = number >= lowest
		return { children, after: hasMore ? `t3_${children.at(-1)?.data.id}` : null }
	}

	describePost(subreddit: WorldSubreddit, number: number) {
		return {
			id: postId(subreddit, number),
			name: `t3_${postId(subreddit, number)}`,
			// Pairs of posts share a second.
			created_utc: FIRST_POST_UTC + Math.floor(number / 2) * SECONDS_BETWEEN,
			subreddit: subreddit.name,
			title: `Post ${number} of ${subreddit.name}`,
			score: number,
			num_comments: 0,
			over_18: false,
			selftext: '',
			...subreddit.fields?.(number),
		}
	}

	listPopular(after: string | null, limit: number) {
		const start = after === null ? 0 : this.#place(after) + 1
		if (after !== null && start === 0) return { children: [], after: null }
		const names = this.popular.slice(start, start + limit)
		const children = names.map((name) => this.describe(name))
		const hasMore = start + limit < this.popular.length
		return { children, after: hasMore ? `t5_${children.at(-1)?.data.id}` : null }
	}

	/** Those with these names (as in t5_1) that are still there. */
	info(fullnames: readonly string[]) {
		const wanted = new Set(fullnames)
		const found = this.subreddits.filter(
			(subreddit) =>
				wanted.has(`t5_${subredditId(subreddit)}`) &&
				!['banned', 'missing'].includes(subreddit.trouble ?? ''),
		)
		return { children: found.map(({ name }) => this.describe(name)), after: null }
	}

	describe(name: string) {
		const subreddit = this.find(name)
		if (!subreddit) throw new Error(`no such subreddit: ${name}`)
		return {
			kind: 't5',
			data: {
				id: subredditId(subreddit),
				display_name: subreddit.name,
				subscribers: subreddit.subscribers,
				over18: subreddit.over18,
				public_description: `All about ${subreddit.name}`,
				created_utc: 1_200_000_000 + subreddit.number,
			},
		}
	}

	/** Ids of all posts that are listed, sorted: what a collector should have. */
	listedIds(newest = LISTING_CAP): string[] {
		return this.subreddits.flatMap((subreddit) => listedIds(subreddit, newest)).sort()
	}

	#place(fullname: string): number {
		return this.popular.findIndex((name) => `t5_${this.describe(name).data.id}` === fullname)
	}
}

/** Ids of a subreddit's listed posts, newest first. */
export function listedIds(subreddit: WorldSubreddit, newest = LISTING_CAP): string[] {
	if (subreddit.trouble !== undefined || subreddit.movedTo !== undefined) return []
	const ids: string[] = []
	const lowest = Math.max(0, subreddit.posts - LISTING_CAP)
	for (let number = subreddit.posts - 1; number >= lowest && ids.length < newest; number -= 1)
		if (!subreddit.removed.has(number)) ids.push(postId(subreddit, number))
	return ids
}

export function postId(subreddit: WorldSubreddit, number: number): string {
	return (subreddit.number * IDS_PER_SUBREDDIT + number).toString(36)
}

function subredditId(subreddit: WorldSubreddit): string {
	return (50_000 + subreddit.number).toString(36)
}
