// `posts copy`: the posts of one database into another one, with their sources.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { printable } from '../printable.ts'
import { Progress } from '../progress.ts'
import { makePosts, openPosts } from './open-posts.ts'
import { Post } from './post.ts'
import type { PostStore, Source, StoredPost } from './post-store.ts'

export interface CopyOptions {
	/** Where to, as WHICHSUB_DATABASE_URL says it; WHICHSUB_TO_TOKEN opens it. */
	readonly to: string
}

export interface CopyCounts {
	readonly read: number
	readonly added: number
	readonly corrected: number
	/** Posts that the other database had, in this version or in one retrieved later. */
	readonly known: number
}

/**
 * By the rule for a post that is read again, so a copy that was stopped can be made again.
 *
 * @throws AppError as of {@link openPosts} and {@link makePosts}; `bad-input` where both are one, `unsupported` where a post has an
 *   id that Reddit does not give
 */
export async function copyPosts({ to }: CopyOptions, effects: Effects): Promise<CopyCounts> {
	const from = await openPosts(effects)
	const { WHICHSUB_TO_TOKEN: token } = effects.env
	const env = { ...effects.env, WHICHSUB_DATABASE_URL: to, WHICHSUB_DATABASE_TOKEN: token }
	const target = await makePosts({ ...effects, env }).catch((error: unknown) => {
		from.close()
		throw error
	})
	try {
		if (from.location === target.location)
			throw new AppError('bad-input', `the posts are there already: ${target.location}`)
		return await copyAll(from, target, effects)
	} finally {
		from.close()
		target.close()
	}
}

async function copyAll(from: PostStore, to: PostStore, effects: Effects): Promise<CopyCounts> {
	const total = await from.count({ from: null, until: null })
	const progress = new Progress({ label: 'copy', total, unit: 'posts' }, effects)
	const sources = await copySources(from, to)
	const counts = { read: 0, added: 0, corrected: 0, known: 0 }
	let batch: StoredPost[] = []
	const write = async () => {
		throwIfAborted(effects)
		requireIds(batch, from.location)
		const posts = batch.map((post) => ({ ...post, source: findTarget(sources, post.source) }))
		const written = await to.writeStored(posts)
		counts.added += written.added
		counts.corrected += written.corrected
		counts.known += written.known
		counts.read += batch.length
		batch = []
		progress.update(counts.read)
	}
	for await (const page of from.readStored()) {
		batch.push(...page)
		if (batch.length >= to.batchPosts) await write()
	}
	await write()
	progress.finish()
	return counts
}

/** Databases of earlier versions may have ids that no key stands for: it would stand for another post. */
function requireIds(posts: readonly StoredPost[], location: string): void {
	const odd = posts.find(({ id }) => !v.is(Post.entries.id, id))
	if (odd)
		throw new AppError(
			'unsupported',
			`${location} has a post whose id Reddit does not give: ${JSON.stringify(printable(odd.id))}; remove such posts and run this again`,
		)
}

function findTarget(sources: ReadonlyMap<number, number>, source: number): number {
	const target = sources.get(source)
	if (target === undefined)
		throw new AppError('conflict', 'posts came in while they were copied; run this again')
	return target
}

/** One that an earlier copy made is taken again. @returns the number of each in the other database */
async function copySources(from: PostStore, to: PostStore): Promise<Map<number, number>> {
	const key = ({ name, started }: Source) => JSON.stringify([name, started])
	const known = new Map((await to.readSources()).map((source) => [key(source), source.id]))
	const numbers = new Map<number, number>()
	for (const source of (await from.readSources()).reverse()) {
		const id = known.get(key(source)) ?? (await copySource(source, to))
		numbers.set(source.id, id)
	}
	return numbers
}

async function copySource(source: Source, to: PostStore): Promise<number> {
	const { name, started, finished, problem } = source
	const id = await to.openSource(name, new Date(started * 1000))
	if (finished !== null) await to.closeSource(id, { problem, now: new Date(finished * 1000) })
	return id
}
