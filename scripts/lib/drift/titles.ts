// The titles that a release's fit is asked about: of dumps, of the database, of what people picked.
import { normalizeTitle } from '../../../src/model/normalize.ts'
import type { Effects } from '../effects.ts'
import { type DatedTitle, openDumps } from '../evaluation/titles.ts'
import { dayOf } from '../evaluation/week-tally.ts'
import { readAllFeedback } from '../feedback/stored-feedback.ts'
import { type ArtifactOf, pathsOf } from '../pipeline/artifacts.ts'
import { openPosts } from '../posts/open-posts.ts'

/** In Unix seconds, each the start of a day; null is open. */
export interface Days {
	readonly from: number | null
	readonly until: number | null
}

/** What people may name in place of files. */
export const DATABASE = 'database'
export const FEEDBACK = 'feedback'

/** Files, or those of the database. */
export type Titles = ArtifactOf<'dumps' | 'posts' | 'picks'>

export interface DatedSet {
	readonly name: string
	/** Whether `subreddit` says where the post belongs. */
	readonly labelled: boolean
	read(): AsyncIterable<DatedTitle>
}

export function openTitles(titles: Titles, days: Days, effects: Effects): DatedSet {
	if (titles.kind === 'posts') return openDatabase(days, effects)
	if (titles.kind === 'picks') return openFeedback(days, effects)
	const dumps = openDumps(pathsOf(titles), effects)
	const { name } = dumps
	return { name, labelled: true, read: () => within(dumps.read(), days) }
}

function openDatabase(days: Days, effects: Effects): DatedSet {
	return {
		name: 'posts of the database',
		labelled: true,
		async *read() {
			const posts = await openPosts(effects)
			try {
				for await (const page of posts.readPages(days))
					for (const [, created, subreddit, title] of page) {
						const text = normalizeTitle(title)
						if (text) yield { subreddit, text, day: dayOf(created) }
					}
			} finally {
				posts.close()
			}
		},
	}
}

// What people pick depends on what they were shown: as labels of posts picks would flatter.
function openFeedback(days: Days, effects: Effects): DatedSet {
	async function* read(): AsyncGenerator<DatedTitle> {
		for (const { line } of await readAllFeedback(effects)) {
			const text = normalizeTitle(line.title)
			if (text) yield { subreddit: '', text, day: dayOf(Date.parse(line.time) / 1000) }
		}
	}
	return {
		name: 'titles that people picked for',
		labelled: false,
		read: () => within(read(), days),
	}
}

async function* within(
	titles: AsyncIterable<DatedTitle>,
	{ from, until }: Days,
): AsyncGenerator<DatedTitle> {
	const first = from === null ? Number.NEGATIVE_INFINITY : dayOf(from)
	const end = until === null ? Number.POSITIVE_INFINITY : dayOf(until)
	for await (const title of titles)
		if (title.day === undefined || (title.day >= first && title.day < end)) yield title
}
