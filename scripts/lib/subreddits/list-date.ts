// When a list of subreddits was made.
import { stat } from 'node:fs/promises'
import type { Effects } from '../effects.ts'

export interface ListDate {
	/** Unix seconds; null where nothing tells. */
	readonly asOf: number | null
	/** Where it is from: a field of the rows, whoever imported it, the youngest of its subreddits, or the file. */
	readonly from: 'rows' | 'option' | 'youngest' | 'file' | 'now' | 'nothing'
}

export interface DateFacts {
	/** A path; `-` is stdin. */
	readonly path: string
	readonly given: number | undefined
	/** The newest day that a row says it is of. */
	readonly asOf: number | null
	/** When the youngest subreddit was created, and of how many the file says it. */
	readonly created: number | null
	readonly dated: number
}

/** Among so many subreddits the youngest was made shortly before the list, and a file's date is often that of its copy. */
const TELLING = 1_000
/** Reddit's first day: a file that is older was given its date by a program. */
const REDDIT_BEGAN = Date.UTC(2005, 5, 23) / 1000

export async function dateList(facts: DateFacts, effects: Pick<Effects, 'now'>): Promise<ListDate> {
	const { path, given, asOf, created, dated } = facts
	if (asOf !== null) return { asOf, from: 'rows' }
	if (given !== undefined) return { asOf: given, from: 'option' }
	if (created !== null && dated >= TELLING) return { asOf: created, from: 'youngest' }
	if (path === '-') return { asOf: Math.floor(effects.now().getTime() / 1000), from: 'now' }
	const changed = Math.floor((await stat(path)).mtimeMs / 1000)
	return changed < REDDIT_BEGAN ? { asOf: null, from: 'nothing' } : { asOf: changed, from: 'file' }
}
