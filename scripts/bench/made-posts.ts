// Posts of random words, as many as one likes, written straight into a store: for what is measured behind the reading of files.
import type { DatedPost } from '../lib/posts/parse-row.ts'
import type { PostStore } from '../lib/posts/post-store.ts'
import { createRandom } from '../lib/snapshot/random.ts'

const WORDS = 50_000
const SUBREDDITS = 5_000
const FIRST_ID = Number.parseInt('1hq0000', 36)
const FIRST_UTC = Date.UTC(2025, 9) / 1000
/** Three months, however many there are. */
const SPAN_SECONDS = 92 * 86_400

/** @param report is told how many are written */
export async function writeMadePosts(
	store: PostStore,
	count: number,
	report: (written: number) => void = () => {},
): Promise<void> {
	const now = new Date('2026-01-02T00:00:00Z')
	const source = await store.openSource('made', now)
	for (let first = 0; first < count; first += store.batchPosts) {
		const size = Math.min(store.batchPosts, count - first)
		const random = createRandom(first + 1)
		const posts = Array.from({ length: size }, (_, place) => makePost(first + place, count, random))
		await store.write(posts, source)
		report(first + size)
	}
	await store.closeSource(source, { problem: null, now })
}

function makePost(index: number, count: number, random: () => number): DatedPost {
	// Some words are common and a few subreddits are large; each subreddit has words of its own.
	const subreddit = Math.floor(random() ** 2 * SUBREDDITS)
	const words = Array.from({ length: 4 + Math.floor(random() * 14) }, (_, place) =>
		place % 4 === 0
			? `s${subreddit.toString(36)}x${Math.floor(random() * 20)}`
			: `w${Math.floor(random() ** 3 * WORDS).toString(36)}`,
	)
	return {
		id: (FIRST_ID + index).toString(36),
		created_utc: FIRST_UTC + Math.floor((index / count) * SPAN_SECONDS),
		subreddit: `made_${subreddit}`,
		title: words.join(' '),
		score: Math.floor(random() * 500),
		num_comments: Math.floor(random() * 80),
		over_18: false,
		retrieved_utc: FIRST_UTC + SPAN_SECONDS,
	}
}
