// What the commands ask of posts, whatever database holds them. `open-posts.ts` says which one does.

import * as v from 'valibot'
import { Count } from '../../../src/shared/schema-parts.ts'
import type { Database, Statement } from './database.ts'
import type { PackedPosts } from './packed-posts.ts'
import type { KeptPost, Withdrawal } from './parse-row.ts'
import type { MonthLines, PackedPage, PageRow } from './read-pages.ts'
import type { WriteCounts } from './write-posts.ts'

export interface Window {
	/** Unix seconds; null is open. */
	readonly from: number | null
	readonly until: number | null
}

/** How many posts a month has, and a stamp that is another one after every change of what a snapshot reads of them. */
export interface StampedMonth {
	readonly month: string
	readonly posts: number
	/** Hexadecimal. */
	readonly stamp: string
}

export interface MonthCount {
	/** As in `2013-06`, in UTC. */
	readonly month: string
	readonly posts: number
	readonly subreddits: number
}

export interface SubredditCount {
	readonly subreddit: string
	readonly posts: number
	/** Days of the oldest and the newest post, as in `2013-06-01`. */
	readonly from: string
	readonly until: string
}

export interface StoredCounts {
	/** Oldest first. */
	readonly months: readonly MonthCount[]
	/** Most posts first. */
	readonly bySubreddit: readonly SubredditCount[]
}

/** A source as it is stored, with how many posts it has. */
export const Source = v.object({
	id: Count,
	/** A file's name without its folder, `stdin` or `api`. */
	name: v.string(),
	/** Unix seconds. */
	started: Count,
	/** Null while it is being read, and for good if the command was stopped. */
	finished: v.nullable(Count),
	/** What is wrong with the file, which puts its posts in doubt. */
	problem: v.nullable(v.string()),
	/** Posts in the database that have its values. */
	posts: Count,
})
export type Source = v.InferOutput<typeof Source>

export interface PruneRules {
	/** Posts created before this time (Unix seconds) are removed. */
	readonly before?: number | undefined
	/** How many of each subreddit's newest posts stay. */
	readonly keepNewest?: number | undefined
	/** Subreddits with fewer posts are removed. */
	readonly minPosts?: number | undefined
}

export interface PostStore {
	/** Where the posts are, as a message may show it: never with a token. */
	readonly location: string
	/**
	 * The libSQL database of what is not posts: lists of subreddits, picks, and how far collectors are. Where posts are in
	 * SQLite, it is theirs.
	 */
	readonly database: Database
	/** So many posts are best written at once. */
	readonly batchPosts: number

	isEmpty(): Promise<boolean>
	count(window: Window): Promise<number>
	/** By id. */
	readPages(window: Window): AsyncGenerator<PageRow[]>
	/** By id. */
	readPackedPages(window: Window): AsyncGenerator<PackedPage>
	/** Of each month by id. */
	readMonthLines(window: Window): AsyncGenerator<MonthLines>
	/** All posts with all that is stored of them, by id. */
	readStored(): AsyncGenerator<StoredPost[]>
	/** The subreddits that have posts, in the order of their bytes. */
	readSubreddits(): Promise<string[]>
	/** In lower case: the subreddits with posts of so many seconds before the newest one. */
	readActiveSubreddits(seconds: number): Promise<string[]>
	readCounts(): Promise<StoredCounts>
	/** The months that have posts and overlap a window, oldest first; a month counts whole. */
	readMonths(window: Window): Promise<StampedMonth[]>

	/** @returns the number that its posts carry */
	openSource(name: string, now: Date): Promise<number>
	/** Records that the source was read to its end, or as far as its problem allowed. */
	closeSource(id: number, end: SourceEnd): Promise<void>
	/** Newest first. */
	readSources(): Promise<Source[]>
	/** Removes these sources and their posts. @returns how many posts were removed */
	forgetSources(ids: readonly number[]): Promise<number>

	/** By the rule for a post that comes again (write-posts.ts). */
	write(posts: readonly KeptPost[], source: number): Promise<WriteCounts>
	/** The same, of posts that are packed. */
	writePacked(posts: PackedPosts, source: number): Promise<WriteCounts>
	/** The same, of posts of several sources. */
	writeStored(posts: readonly StoredPost[]): Promise<WriteCounts>
	/**
	 * Writes posts, and carries out statements of `database` that say so: in one transaction, or after the posts. A kill between
	 * the two leaves posts that are written again.
	 *
	 * @returns how many posts were new
	 */
	writeWith(
		posts: readonly KeptPost[],
		source: number,
		statements: readonly Statement[],
	): Promise<number>
	/** @returns how many posts were removed */
	withdraw(withdrawals: readonly Withdrawal[]): Promise<number>
	/** Removes posts that came from files of these names. @returns how many were removed */
	remove(ids: readonly string[], files: readonly string[]): Promise<number>
	/** @returns how many posts are kept, and how many are removed, or would be */
	prune(
		rules: PruneRules,
		how: { readonly dryRun: boolean },
	): Promise<{ readonly pruned: number; readonly kept: number }>

	close(): void
}

export interface SourceEnd {
	readonly problem: string | null
	readonly now: Date
}

export interface StoredPost extends KeptPost {
	readonly source: number
}
