// Reads one subreddit as far as a run wants it: page by page, each page and the place in the listing committed together.
import type { PostStore } from '../posts/post-store.ts'
import type { UnavailableReason } from './availability.ts'
import type { Clock } from './clock.ts'
import { type PostPage, parsePostPage } from './listing.ts'
import { type PageCounts, readPagePosts } from './page-posts.ts'
import type { RedditApi } from './reddit-api.ts'
import {
	type Collector,
	claimSubreddit,
	failSubreddit,
	finishSubreddit,
	keepWalkStatements,
	setAsideSubreddit,
} from './subreddit-state.ts'
import { addPage, nextStep, PAGE_SIZE, type Step, type Walk } from './walk.ts'

// A listing that is read twice from the top (see walk.ts) and some short pages; more is a listing without end.
const SPARE_PAGES = 20

export interface VisitContext {
	readonly store: PostStore
	readonly api: RedditApi
	readonly collector: Collector
	/** The number that the posts carry. */
	readonly source: number
	readonly clock: Clock
	/** Posts of each subreddit, from the newest on. */
	readonly newest: number
	onPage(counts: VisitCounts): void
}

/** What came of one page. */
export interface VisitCounts extends PageCounts {
	/** Posts that were new. */
	readonly added: number
	/** Posts that were in the database. */
	readonly known: number
}

export type VisitEnd =
	| { readonly kind: 'finished' }
	| { readonly kind: 'unavailable'; readonly reason: UnavailableReason }
	| { readonly kind: 'failed'; readonly why: string }
	/** Another collector is at it, or has finished it. */
	| { readonly kind: 'taken' }

export async function visitSubreddit(name: string, context: VisitContext): Promise<VisitEnd> {
	const { store, collector, clock, newest } = context
	const { database } = store
	let walk = await claimSubreddit(database, name, collector, seconds(clock))
	if (!walk) return { kind: 'taken' }
	const maxPages = 2 * Math.ceil(newest / PAGE_SIZE) + SPARE_PAGES
	for (let pages = 0; pages < maxPages; pages += 1) {
		const step = nextStep(walk, newest)
		if (step.kind === 'done') {
			await finishSubreddit(database, name, collector, seconds(clock))
			return { kind: 'finished' }
		}
		const answer = await ask(name, step, context)
		if (answer.kind === 'unavailable') {
			await setAsideSubreddit(database, name, answer, seconds(clock))
			return answer
		}
		if (answer.kind === 'failed') return fail(name, answer.why, context)
		const { page } = answer
		if (page.after !== null && page.after === step.after)
			return fail(name, 'the listing goes round in a circle', context)
		walk = addPage(walk, { posts: page.posts.map(({ key }) => key), after: page.after })
		context.onPage(await commitPage(name, page, walk, context))
	}
	return fail(name, 'the listing has no end', context)
}

function ask(
	name: string,
	{ after, limit }: Extract<Step, { kind: 'ask' }>,
	{ api }: VisitContext,
) {
	const query = { limit: String(limit), ...(after === null ? {} : { after }) }
	return api.get(`r/${encodeURIComponent(name)}/new`, query, parsePostPage)
}

// A kill before it loses the page, one after it nothing.
async function commitPage(
	name: string,
	page: PostPage,
	walk: Walk,
	{ store, collector, clock, source }: VisitContext,
): Promise<VisitCounts> {
	const retrieved = seconds(clock)
	const { posts, counts } = readPagePosts(page, {
		subreddit: name,
		retrieved,
		over18: collector.over18,
	})
	const keep = keepWalkStatements(name, walk, collector, retrieved)
	const added = await store.writeWith(posts, source, keep)
	return { ...counts, added, known: posts.length - added }
}

async function fail(name: string, why: string, { store, clock }: VisitContext): Promise<VisitEnd> {
	await failSubreddit(store.database, name, why, seconds(clock))
	return { kind: 'failed', why }
}

function seconds(clock: Clock): number {
	return Math.floor(clock.now().getTime() / 1000)
}
