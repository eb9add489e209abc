// The posts that benchmarks measure on: real ones where they are beside the checkout, else ones made of random words.
import { readdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Effects } from '../lib/effects.ts'
import { exists } from '../lib/files.ts'
import { ingest } from '../lib/posts/ingest.ts'
import { createRandom } from '../lib/snapshot/random.ts'

const SHARED_DATA = resolve(import.meta.dirname, '../../../shared/data')
// Each year, then each month of 2013 up to June: July is what a later release learns.
const TRAINING_FILES = /^RS_(20(0\d|1[0-2])|2013-0[1-6])\.zst$/

const MADE_POSTS = 200_000
const MADE_SUBREDDITS = 500
const MADE_WORDS = 20_000

/** The real list of subreddits; null where it is not there. */
export async function sampleSubreddits(): Promise<string | null> {
	const path = join(SHARED_DATA, 'subreddits.ndjson.zst')
	return (await exists(path)) ? path : null
}

/** All dumps of posts beside the checkout, oldest first; none where they are not there. */
export async function dumpsBeside(): Promise<string[]> {
	const names = await readdir(SHARED_DATA).catch(() => [])
	return names
		.filter((name) => name.startsWith('RS_'))
		.sort()
		.map((name) => join(SHARED_DATA, name))
}

export interface SamplePosts {
	readonly files: readonly string[]
	/** For a figure's note. */
	readonly description: string
	/** Not made of random words. */
	readonly isReal: boolean
}

export async function samplePosts(effects: Effects): Promise<SamplePosts> {
	const files = (await dumpsBeside()).filter((path) => TRAINING_FILES.test(basename(path)))
	if (files.length > 0)
		return {
			files,
			isReal: true,
			description: 'all posts of ../shared/data up to June 2013',
		}
	const path = join(effects.dataDir, 'made.ndjson')
	await writeFile(path, makePosts())
	const description = `${MADE_POSTS} made posts; ../shared/data is not there`
	return { files: [path], description, isReal: false }
}

/** Puts the sample into the database of this run, unless another benchmark has done so. */
export async function ingestSample(effects: Effects): Promise<SamplePosts> {
	const posts = await samplePosts(effects)
	if (!(await exists(join(effects.dataDir, 'posts.db'))))
		await ingest({ files: posts.files, over18: false }, effects)
	return posts
}

function makePosts(): string {
	const random = createRandom(1)
	const draw = (count: number) => Math.floor(random() * count)
	const lines = Array.from({ length: MADE_POSTS }, (_, index) => {
		const words = Array.from({ length: 4 + draw(10) }, () => `w${draw(MADE_WORDS).toString(36)}`)
		return JSON.stringify({
			id: index.toString(36),
			created_utc: 1_360_000_000 + index * 50,
			subreddit: `made_${draw(MADE_SUBREDDITS)}`,
			title: words.join(' '),
			score: draw(1000),
			num_comments: draw(100),
			over_18: false,
		})
	})
	return `${lines.join('\n')}\n`
}
