// Which part of a subreddit's listing is known, and which page to ask for next. Pure: no network, no database.

/** Things that Reddit puts on one page at most. */
export const PAGE_SIZE = 100

/** A post's place in a listing that is sorted by age, newest first. */
export interface PostKey {
	readonly id: string
	/** Unix seconds. */
	readonly created_utc: number
}

/** A stretch of a listing of which every post was read. */
export interface Span {
	readonly newest: PostKey
	readonly oldest: PostKey
	/** The name after which the listing goes on below; null where it ended there. */
	readonly cursor: string | null
	/** Posts of the listing in it. */
	readonly posts: number
}

/** How far a subreddit is read. Between spans, and below one with a cursor, there is a gap. */
export interface Walk {
	/** What this run has read from the top on, older spans that it reached included. */
	readonly head: Span | null
	/** What earlier runs read and this one has not reached yet, newest first. */
	readonly rest: readonly Span[]
	/** An empty listing: there is no head, and there will be none. */
	readonly isEmpty: boolean
	/**
	 * Whether the head's cursor is from an earlier run or from before a stop: Reddit may have lost it meanwhile, and
	 * then answers with nothing, as at the end of a listing.
	 */
	readonly isCursorOld: boolean
}

export type Step =
	| { readonly kind: 'ask'; readonly after: string | null; readonly limit: number }
	| { readonly kind: 'done' }

/** A walk that begins at the top; `known` are the spans of earlier runs, newest first. */
export function startWalk(known: readonly Span[]): Walk {
	return { head: null, rest: known, isEmpty: false, isCursorOld: false }
}

/** A walk that was stopped and goes on where it was: the first span is its head. */
export function resumeWalk([head, ...rest]: readonly Span[]): Walk {
	return { head: head ?? null, rest, isEmpty: false, isCursorOld: head !== undefined }
}

/** @param newest how many posts from the top are wanted */
export function nextStep({ head, isEmpty }: Walk, newest: number): Step {
	if (isEmpty || head?.cursor === null || (head && head.posts >= newest)) return { kind: 'done' }
	return {
		kind: 'ask',
		after: head?.cursor ?? null,
		limit: Math.min(PAGE_SIZE, newest - (head?.posts ?? 0)),
	}
}

/** The walk after the page that {@link nextStep} asked for; `posts` in the page's order. */
export function addPage(
	walk: Walk,
	page: { readonly posts: readonly PostKey[]; readonly after: string | null },
): Walk {
	const { head } = walk
	const [first] = page.posts
	if (first === undefined) return addEmptyPage(walk, page.after)
	const below = head ? postsBelow(page.posts, head.oldest) : page.posts
	const grown: Span = {
		newest: head?.newest ?? first,
		oldest: below.at(-1) ?? head?.oldest ?? first,
		cursor: page.after,
		posts: (head?.posts ?? 0) + below.length,
	}
	return joinRest({ head: grown, rest: walk.rest, isEmpty: false, isCursorOld: false }, below)
}

function addEmptyPage(walk: Walk, after: string | null): Walk {
	// An old cursor that leads nowhere tells nothing about the listing: read it from the top, known posts and all.
	if (walk.isCursorOld) return startWalk([])
	if (!walk.head) return { head: null, rest: [], isEmpty: true, isCursorOld: false }
	return { ...walk, head: { ...walk.head, cursor: after }, rest: after === null ? [] : walk.rest }
}

/** Joins the head with each older span that the page reached: what lies between is known. */
function joinRest(walk: Walk, page: readonly PostKey[]): Walk {
	const [span, ...rest] = walk.rest
	if (!walk.head || !span) return walk
	const reached = page.findIndex((post) => isAt(post, span.newest))
	if (reached < 0)
		// The listing ended above the older spans: what they border on is out of reach for good.
		return walk.head.cursor === null ? { ...walk, rest: [] } : walk
	const below = postsBelow(page, span.oldest)
	const posts = walk.head.posts - page.length + reached + span.posts + below.length
	const head: Span =
		below.length > 0 ? { ...walk.head, posts } : { ...span, newest: walk.head.newest, posts }
	return joinRest({ head, rest, isEmpty: false, isCursorOld: below.length === 0 }, below)
}

/** The posts of a page that stand below a mark. The post at the mark itself may be deleted, or on an earlier page. */
function postsBelow(page: readonly PostKey[], mark: PostKey): readonly PostKey[] {
	const at = page.findIndex((post) => post.id === mark.id)
	// Posts of one second stand in any order.
	return at >= 0 ? page.slice(at + 1) : page.filter((post) => post.created_utc <= mark.created_utc)
}

/** Whether the page has come to the mark or passed it: the post at the mark itself may be deleted by now. */
function isAt(post: PostKey, mark: PostKey): boolean {
	return post.created_utc < mark.created_utc || post.id === mark.id
}
