// `ingest` with options that choose posts: what is kept, whatever the order, and what is counted.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import {
	readSubredditsFile,
	Selection,
	type SelectionOptions,
} from '../../../../scripts/lib/posts/selection.ts'
import { main } from '../../../../scripts/main.ts'
import { formatNdjson, makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const POSTS = makeCorpus({ postsPerSubreddit: 800, from: 1_370_000_000, until: 1_371_000_000 })
const post = { score: 5, num_comments: 0, over_18: false, title: 'x' }

async function ids(effects: Effects): Promise<string[]> {
	const database = await openPostsDatabase(effects)
	const { rows } = await database.execute('SELECT id FROM posts ORDER BY id')
	database.close()
	return rows.map((row) => String(row[0]))
}

async function count(effects: Effects): Promise<number> {
	const database = await openPostsDatabase(effects)
	const { rows } = await database.execute('SELECT count(*) FROM posts')
	database.close()
	return Number(rows[0]?.[0])
}

/** What of these stays, one after the other. */
function choose(
	posts: readonly { id: string; subreddit: string; created_utc: number }[],
	options: SelectionOptions,
) {
	const selection = new Selection(options)
	const kept = new Set<string>()
	for (const one of posts) {
		if (selection.refuse({ ...post, ...one }) === null) kept.add(one.id)
		for (const id of selection.takeDisplaced()) kept.delete(id)
	}
	return [...kept].sort()
}

describe('Selection', () => {
	const posts = fc.uniqueArray(
		fc.record({
			id: fc.integer({ min: 1, max: 5_000_000 }).map((id) => id.toString(36)),
			subreddit: fc.constantFrom('cats', 'CATS', 'linux'),
			created_utc: fc.integer({ min: 1_370_000_000, max: 1_370_000_050 }),
		}),
		{ selector: ({ id }) => id, maxLength: 60 },
	)

	it('keeps the newest of each subreddit, in whatever order they come', () => {
		fc.assert(
			fc.property(posts, fc.integer({ min: 1, max: 8 }), (all, perSubreddit) => {
				const expected = ['cats', 'linux'].flatMap((name) =>
					all
						.filter(({ subreddit }) => subreddit.toLowerCase() === name)
						.sort(
							(a, b) =>
								b.created_utc - a.created_utc ||
								(Number.parseInt(b.id, 36) % 2 ** 20) - (Number.parseInt(a.id, 36) % 2 ** 20),
						)
						.slice(0, perSubreddit)
						.map(({ id }) => id),
				)
				expect(choose(all, { perSubreddit })).toEqual(expected.sort())
				expect(choose([...all, ...all.toReversed()], { perSubreddit })).toEqual(expected)
			}),
		)
	})

	it('leaves a post out that comes again with an earlier time, if others are newer now', () => {
		const selection = new Selection({ perSubreddit: 2 })
		const refuse = (id: string, created_utc: number) =>
			selection.refuse({ ...post, id, subreddit: 'cats', created_utc })
		expect([refuse('a', 30), refuse('b', 20)]).toEqual([null, null])
		expect(refuse('a', 25)).toBe(null)
		expect(refuse('a', 10)).toBe('beyond')
	})

	it('draws the same sample in whatever order they come, and another with another seed', () => {
		fc.assert(
			fc.property(posts, fc.integer({ min: 1, max: 8 }), fc.nat(99), (all, perSubreddit, seed) => {
				const options = { perSubreddit, seed, keep: 'sample' } as const
				const chosen = choose(all, options)
				expect(choose(all.toReversed(), options)).toEqual(chosen)
				expect(choose([...all, ...all], options)).toEqual(chosen)
			}),
		)
		const one = (seed: number) => choose(POSTS, { perSubreddit: 20, seed, keep: 'sample' })
		expect(one(1)).toHaveLength(160)
		expect(one(2)).not.toEqual(one(1))
	})

	it('gives each post the same chance', () => {
		const times = new Map<string, number>()
		for (let seed = 1; seed <= 200; seed += 1)
			for (const id of choose(POSTS.slice(0, 800), { perSubreddit: 25, seed, keep: 'sample' }))
				times.set(id, (times.get(id) ?? 0) + 1)
		// Of 100 posts of a subreddit 25 are drawn 200 times: 50 times each, with a standard deviation of 6.
		const counts = [...times.values()]
		expect(counts).toHaveLength(800)
		expect(Math.min(...counts)).toBeGreaterThan(50 - 6 * 5)
		expect(Math.max(...counts)).toBeLessThan(50 + 6 * 5)
	})
})

describe('ingest', () => {
	it('keeps so many of each subreddit, and takes out again what gave way', async () => {
		const path = join(await temporaryFolder(), 'a.ndjson')
		await writeFile(path, formatNdjson(POSTS))
		const effects = await testEffects()
		const run = () =>
			ingest({ files: [path], over18: false, select: { perSubreddit: 100 } }, effects)
		expect((await run()).counts).toMatchObject({ read: 6_400, added: 800, beyond: 5_600 })
		const newest = POSTS.slice(-800).map(({ id }) => id)
		expect(await ids(effects)).toEqual(newest.sort())
		// What an earlier run over the same file kept is thinned out, too.
		await ingest({ files: [path], over18: false }, effects)
		expect((await run()).counts).toMatchObject({ read: 6_400, added: 0, known: 800, beyond: 5_600 })
		expect(await ids(effects)).toEqual(newest)
	})

	it('keeps as many where files have the same posts', async () => {
		const path = join(await temporaryFolder(), 'a.ndjson')
		await writeFile(path, formatNdjson([...POSTS, ...POSTS.slice(-3_000)]))
		const effects = await testEffects()
		const { counts } = await ingest(
			{ files: [path, path], over18: false, select: { perSubreddit: 100 } },
			effects,
		)
		expect(counts).toMatchObject({ read: 18_800, added: 800, known: 2 * 800 + 800, withdrawn: 0 })
		expect(await ids(effects)).toEqual(
			POSTS.slice(-800)
				.map(({ id }) => id)
				.sort(),
		)
	})

	it('takes out many that gave way while it still reads', async () => {
		// More than are removed together: each post from the 51,001st on takes the place of one that is written.
		const [kept, read] = [51_000, 125_000]
		const made = Array.from({ length: read }, (_, index) => ({
			...post,
			id: (36 ** 3 + index).toString(36),
			subreddit: 'cats',
			created_utc: 1_370_000_000 + index,
		}))
		let before = 0
		const effects = await testEffects()
		const stdin = (async function* () {
			for (let first = 0; first < read; first += 5_000)
				yield Buffer.from(formatNdjson(made.slice(first, first + 5_000)))
			before = await count(effects)
		})()
		const options = { files: ['-'], over18: false, select: { perSubreddit: kept } }
		expect((await ingest(options, { ...effects, stdin })).counts).toMatchObject({
			read,
			added: kept,
			known: 0,
			beyond: read - kept,
			withdrawn: 0,
		})
		expect(await ids(effects)).toEqual(made.slice(-kept).map(({ id }) => id))
		// Had none been removed before the end, nearly all would have been there until then.
		expect(before).toBeLessThan(110_000)
	})

	it('takes out on Ctrl-C, too, what gave way to posts that are written', async () => {
		const interrupt = new AbortController()
		const made = makeCorpus({ postsPerSubreddit: 1_500, from: 1_370_000_000, until: 1_371_000_000 })
		const stdin = (async function* () {
			for (let first = 0; first < made.length; first += 1_000) {
				if (first === 11_000) interrupt.abort()
				yield Buffer.from(formatNdjson(made.slice(first, first + 1_000)))
			}
		})()
		const effects = await testEffects({ stdin, signal: interrupt.signal })
		const options = { files: ['-'], over18: false, select: { perSubreddit: 100 } }
		await expect(ingest(options, effects)).rejects.toMatchObject({ code: 'aborted' })
		// Two batches.
		const written = made.slice(0, 10_000)
		const newest = [...new Set(written.map(({ subreddit }) => subreddit))].flatMap((name) =>
			written.filter(({ subreddit }) => subreddit === name).slice(-100),
		)
		const running = { ...effects, signal: new AbortController().signal }
		expect(await ids(running)).toEqual(newest.map(({ id }) => id).sort())
		expect(effects.said.err.join()).toMatch(/stopping: removes [\d,]+ posts beyond --per-subreddit/)
	})

	it('counts by reason what is not chosen', async () => {
		const folder = await temporaryFolder()
		const rows = [
			{ id: 'a1', subreddit: 'pics', created_utc: 1_370_000_000 },
			{ id: 'a2', subreddit: 'pics', created_utc: 1_370_000_000 - 1 },
			{ id: 'a3', subreddit: 'pics', created_utc: 1_371_000_000 },
			{ id: 'a4', subreddit: 'Pics', created_utc: 1_370_000_000, score: 4 },
			{ id: 'a5', subreddit: 'linux', created_utc: 1_370_000_000 },
		]
		await writeFile(
			join(folder, 'a.ndjson'),
			formatNdjson(rows.map((row) => ({ ...post, ...row }))),
		)
		await writeFile(join(folder, 'names.txt'), '# some\n\n/r/PICS\r\n')
		const effects = await testEffects()
		const names = await readSubredditsFile(join(folder, 'names.txt'))
		const subreddits = new Set(names.map((name) => name.toLowerCase()))
		const select = { from: 1_370_000_000, until: 1_371_000_000, minScore: 5, subreddits }
		const files = [join(folder, 'a.ndjson')]
		const { counts } = await ingest({ files, over18: false, select }, effects)
		expect(counts).toMatchObject({ read: 5, added: 1, outside: 2, lowScore: 1, otherSubreddit: 1 })
	})
})

async function createFile(text: string): Promise<string> {
	const path = join(await temporaryFolder(), 'list.txt')
	await writeFile(path, text)
	return path
}

describe('whichsub ingest', () => {
	const DAY = 86_400
	const FROM = Date.UTC(2013, 4, 10) / 1000
	const rows = [
		{ id: 'a1', subreddit: 'pics', created_utc: FROM },
		{ id: 'a2', subreddit: 'Pics', created_utc: FROM + 2 * DAY - 1 },
		{ id: 'a3', subreddit: 'pics', created_utc: FROM - 1 },
		{ id: 'a4', subreddit: 'pics', created_utc: FROM + 2 * DAY },
		{ id: 'a5', subreddit: 'pics', created_utc: FROM + 1, score: 4 },
		{ id: 'a6', subreddit: 'linux', created_utc: FROM + 1 },
		{ id: 'a7', subreddit: 'pics', created_utc: FROM + 2 },
	].map((row) => ({ ...post, ...row }))
	const csv = [Object.keys(post).concat('id', 'subreddit', 'created_utc').join()]
		.concat(rows.map((row) => Object.values(row).map(String).join()))
		.join('\n')
	const flags = ['--from', '2013-05-10', '--until', '2013-05-12', '--min-score', '5']

	it.each([
		['JSON Lines', 'a.ndjson', formatNdjson(rows)],
		['a table', 'a.csv', csv],
	])('chooses by its flags, and says what was left out: %s', async (_, name, text) => {
		const folder = await temporaryFolder()
		const [file, list] = [join(folder, name), join(folder, 'names.txt')]
		await writeFile(file, text)
		await writeFile(list, 'PICS\n')
		const args = ['ingest', file, ...flags, '--subreddits', list, '--per-subreddit', '2']
		const effects = await testEffects()
		expect(await main(args, effects)).toBe(0)
		expect(await ids(effects)).toEqual(['a2', 'a7'])
		const said = effects.said.out.join('\n')
		for (const [label, count] of [
			['read', 7],
			['added', 2],
			['left out: outside --from and --until', 2],
			['left out: below --min-score', 1],
			['left out: not of --subreddits', 1],
			['left out: beyond --per-subreddit', 1],
		])
			expect(said).toMatch(new RegExp(`^${label} +${count}$`, 'm'))
		expect(said.split('\n')).toHaveLength(6)
	})

	it('draws a sample by its seed', async () => {
		const file = await createFile(formatNdjson(POSTS))
		const sample = async (seed: string) => {
			const effects = await testEffects()
			const flags = ['--per-subreddit', '20', '--keep', 'sample', '--seed', seed]
			expect(await main(['ingest', file, ...flags], effects)).toBe(0)
			return ids(effects)
		}
		const one = await sample('1')
		expect(one).toEqual(choose(POSTS, { perSubreddit: 20, seed: 1, keep: 'sample' }))
		expect(await sample('2')).not.toEqual(one)
	})

	it.each([
		['--from', '10.5.2013'],
		['--until', 'today'],
		['--min-score', 'many'],
		['--per-subreddit', '0'],
		['--keep', 'oldest'],
	])('refuses %s %s before it reads anything', async (flag, value) => {
		const effects = await testEffects()
		expect(await main(['ingest', await createFile(csv), flag, value], effects)).toBe(2)
		expect(effects.said.err.join()).toContain(flag)
	})
})

describe('readSubredditsFile', () => {
	it('reads names, with and without r/, each once', async () => {
		const path = await createFile('\uFEFF# mine\nlinux\r\n\nr/Cats\n/r/chess  \nLINUX\n')
		expect(await readSubredditsFile(path)).toEqual(['LINUX', 'Cats', 'chess'])
	})

	it('names the line of what is no name', async () => {
		const path = await createFile('linux\n../../etc/passwd\n')
		await expect(readSubredditsFile(path)).rejects.toThrow(/list\.txt:2: .*name of a subreddit/)
	})

	it('says so when there is no name in it, or no file', async () => {
		await expect(readSubredditsFile(await createFile('# none\n'))).rejects.toThrow(
			/no subreddit in .*one name a line/,
		)
		await expect(readSubredditsFile('/nonexistent/list.txt')).rejects.toMatchObject({
			code: 'not-found',
		})
	})
})
