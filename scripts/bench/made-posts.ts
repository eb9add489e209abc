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
	const made = makePosts(count)
	for (let written = 0; written < count; ) {
		const size = Math.min(store.batchPosts, count - written)
		await store.write(Array.from(take(made, size)), source)
		written += size
		report(written)
	}
	await store.closeSource(source, { problem: null, now })
}

/** The same for every store, whatever it writes at once. */
function* makePosts(count: number): Generator<DatedPost, void> {
	const random = createRandom(1)
	for (let index = 0; index < count; index += 1) yield makePost(index, count, random)
}

function* take<Item>(items: Iterator<Item, void>, count: number): Generator<Item> {
	for (let taken = 0; taken < count; taken += 1) {
		const { value, done } = items.next()
		if (done) return
		yield value
	}
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
		over_18: false,
		retrieved_utc: FIRST_UTC + SPAN_SECONDS,
	}
}
