import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ingest } from '../../../scripts/lib/posts/ingest.ts'
import { main } from '../../../scripts/main.ts'
import { formatNdjson, makeCorpus } from '../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../fixtures/effects.ts'

const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1000

// 40 posts of 8 subreddits, then 3 of one more, in May and June.
const corpus = makeCorpus({
	postsPerSubreddit: 5,
	from: day('2013-05-01'),
	until: day('2013-07-01'),
})
const rare = [1, 2, 3].map((n) => ({
	...corpus[0],
	id: `r${n}`,
	subreddit: 'rare',
	created_utc: day(`2013-06-0${n}`),
}))

async function withPosts() {
	const effects = await testEffects()
	const path = join(await temporaryFolder(), 'posts.ndjson')
	await writeFile(path, formatNdjson([...corpus, ...rare]))
	await ingest({ files: [path], over18: false }, effects)
	const run = async (...args: string[]) => {
		effects.said.out.length = 0
		const code = await main(args, effects)
		return { code, out: effects.said.out.join('\n'), err: effects.said.err.join('\n') }
	}
	const stats = async () => JSON.parse((await run('posts', 'stats', '--json')).out)
	return { run, stats }
}

describe('whichsub posts stats', () => {
	it('counts by month and by subreddit', async () => {
		const { stats } = await withPosts()
		const { posts, subreddits, months, bySubreddit } = await stats()
		expect({ posts, subreddits }).toEqual({ posts: 43, subreddits: 9 })
		const may = corpus.filter(({ created_utc }) => created_utc < day('2013-06-01')).length
		expect(months).toEqual([
			{ month: '2013-05', posts: may, subreddits: 8 },
			{ month: '2013-06', posts: 43 - may, subreddits: 9 },
		])
		expect(bySubreddit).toHaveLength(9)
		expect(bySubreddit.at(-1)).toEqual({
			subreddit: 'rare',
			posts: 3,
			from: '2013-06-01',
			until: '2013-06-03',
		})
	})

	it('prints tables, and says what they leave out', async () => {
		const { run } = await withPosts()
		const { code, out } = await run('posts', 'stats', '--top', '2')
		expect(code).toBe(0)
		expect(out).toMatch(/^43 posts of 9 subreddits\n/)
		expect(out).toMatch(/\n2013-06 +\d+ +9\n/)
		expect(out).toMatch(/… and 7 more; --top shows them$/)
	})
})

describe('whichsub posts prune', () => {
	it.each<
		[string, string[], { from?: string; posts?: number; each?: number; subreddits?: number }]
	>([
		['by age', ['--before', '2013-06-01'], { from: '2013-06-01' }],
		['to the newest of each subreddit', ['--keep-newest', '2'], { posts: 18, each: 2 }],
		['subreddits with few posts', ['--min-posts', '4'], { posts: 40, subreddits: 8 }],
		[
			'by one rule after the other',
			['--keep-newest', '4', '--min-posts', '4'],
			{ posts: 32, each: 4 },
		],
	])('prunes %s, and as many as a dry run says', async (_, flags, expected) => {
		const { run, stats } = await withPosts()
		const dry = JSON.parse((await run('posts', 'prune', ...flags, '--dry-run', '--json')).out)
		expect((await stats()).posts).toBe(43)
		expect(dry.pruned).toBeGreaterThan(0)
		const { out } = await run('posts', 'prune', ...flags, '--json')
		expect(JSON.parse(out)).toEqual(dry)
		const after = await stats()
		expect(after.posts).toBe(dry.kept)
		if (expected.posts) expect(after.posts).toBe(expected.posts)
		if (expected.subreddits) expect(after.subreddits).toBe(expected.subreddits)
		for (const count of after.bySubreddit) {
			if (expected.each) expect(count.posts).toBe(expected.each)
			if (expected.from) expect(count.from >= expected.from).toBe(true)
		}
	})

	it('keeps the newest, not the oldest', async () => {
		const { run, stats } = await withPosts()
		const { bySubreddit } = await stats()
		await run('posts', 'prune', '--keep-newest', '1')
		const newest = new Map(
			bySubreddit.map((c: { subreddit: string; until: string }) => [c.subreddit, c.until]),
		)
		for (const { subreddit, from, until } of (await stats()).bySubreddit)
			expect([from, until]).toEqual([newest.get(subreddit), newest.get(subreddit)])
	})

	it('refuses to prune without a rule', async () => {
		const { run } = await withPosts()
		const { code, err } = await run('posts', 'prune')
		expect(code).toBe(2)
		expect(err).toMatch(/^error: nothing to prune: give --before, --keep-newest or --min-posts\n/)
		expect(err).toContain('Usage: whichsub posts prune')
	})
})
