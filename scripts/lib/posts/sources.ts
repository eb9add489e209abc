// Sources of posts: each file that is ingested, and each run of the collector, has a number that its posts carry.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { printable } from '../printable.ts'
import { formatCount } from '../progress.ts'
import { formatTable } from '../table.ts'
import { openPosts, openPostsToChange } from './open-posts.ts'
import type { Source } from './post-store.ts'

export interface ForgetCounts {
	/** Posts that were removed, or would be. */
	readonly forgotten: number
	readonly kept: number
}

/** Newest first. @throws AppError as of {@link openPosts} */
export async function readSources(effects: Effects): Promise<Source[]> {
	const posts = await openPosts(effects)
	try {
		return await posts.readSources()
	} finally {
		posts.close()
	}
}

/**
 * Removes these sources and the posts that carry their numbers.
 *
 * @throws AppError `not-found` for a number that no source has; nothing is removed then
 */
export async function forgetSources(
	ids: readonly number[],
	{ dryRun }: { readonly dryRun: boolean },
	effects: Effects,
): Promise<ForgetCounts> {
	const store = await (dryRun ? openPosts : openPostsToChange)(effects)
	try {
		const sources = await store.readSources()
		const unknown = ids.filter((id) => !sources.some((source) => source.id === id))
		if (unknown.length > 0)
			throw new AppError(
				'not-found',
				`no such source: ${unknown.join(', ')}; whichsub posts sources lists them`,
			)
		const all = sources.reduce((sum, { posts }) => sum + posts, 0)
		const chosen = sources.filter(({ id }) => ids.includes(id))
		const forgotten = chosen.reduce((sum, { posts }) => sum + posts, 0)
		if (dryRun) return { forgotten, kept: all - forgotten }
		const gone = await store.forgetSources(ids)
		return { forgotten: gone, kept: all - gone }
	} finally {
		store.close()
	}
}

/** @param top how many are listed */
export function formatSources(sources: readonly Source[], top: number): string {
	if (sources.length === 0) return 'no sources yet; run: whichsub ingest FILE'
	const rows = sources
		.slice(0, top)
		.map(({ id, name, started, posts, ...state }) => [
			`${id}`,
			formatCount(posts),
			new Date(started * 1000).toISOString().slice(0, 16).replace('T', ' '),
			printable(name),
			printable(describeState(state)),
		])
	const hidden = sources.length - rows.length
	return [
		formatTable([['source', 'posts', 'read (UTC)', 'name', 'state'], ...rows], {
			lastIsText: true,
		}),
		...(hidden > 0 ? [`… and ${formatCount(hidden)} more; --top shows them`] : []),
	].join('\n')
}

function describeState({ finished, problem }: Pick<Source, 'finished' | 'problem'>): string {
	if (problem !== null) return `in doubt: ${problem}`
	return finished === null ? 'not read to its end' : 'complete'
}
