import { copyFile, cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Effects } from '../../../../scripts/lib/effects.ts'
import { openPostsDatabase } from '../../../../scripts/lib/posts/database.ts'
import { type MonthDigest, readMonthDigests } from '../../../../scripts/lib/posts/month-digests.ts'
import { keyOf } from '../../../../scripts/lib/posts/post-keys.ts'
import { prunePosts } from '../../../../scripts/lib/posts/prune.ts'
import { forgetSources } from '../../../../scripts/lib/posts/sources.ts'
import { openSource } from '../../../../scripts/lib/posts/sqlite/source-rows.ts'
import { withdrawPosts, writePosts } from '../../../../scripts/lib/posts/write-posts.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { effectsIn, temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const ALL = { from: null, until: null }
const at = (month: number, day = 1) => Date.UTC(2013, month - 1, day) / 1000
const makePost = (id: string, created_utc: number, title = `title of ${id}`) => ({
	id,
	created_utc,
	subreddit: 'cats',
	title,
	score: 1,
	num_comments: 0,
	over_18: false,
	retrieved_utc: null,
})

async function write(posts: readonly ReturnType<typeof makePost>[], effects: Effects) {
	const database = await openPostsDatabase(effects)
	const source = await openSource(database, 'test', effects.now())
	await writePosts(database, posts, source)
	database.close()
	return source
}

const months = (digests: readonly MonthDigest[]) => digests.map(({ month }) => month)

/** Those whose digest differs. */
function changed(before: readonly MonthDigest[], after: readonly MonthDigest[]): string[] {
	const digestOf = (digests: readonly MonthDigest[], name: string) =>
		digests.find(({ month }) => month === name)?.sha256
	const names = [...new Set([...months(before), ...months(after)])].sort()
	return names.filter((name) => digestOf(before, name) !== digestOf(after, name))
}

test('names the month that a new, a corrected and a withdrawn post are of', async () => {
	const effects = await testEffects()
	await write([makePost('a', at(3)), makePost('b', at(4)), makePost('c', at(5))], effects)
	const first = await readMonthDigests(ALL, effects)
	expect(months(first)).toEqual(['2013-03', '2013-04', '2013-05'])
	await write([makePost('d', at(5, 31))], effects)
	const second = await readMonthDigests(ALL, effects)
	expect(changed(first, second)).toEqual(['2013-05'])
	expect(second.at(-1)).toMatchObject({ posts: 2 })
	await write([makePost('b', at(4), 'another title')], effects)
	const third = await readMonthDigests(ALL, effects)
	expect(changed(second, third)).toEqual(['2013-04'])
	const database = await openPostsDatabase(effects)
	await withdrawPosts(database, [{ id: 'a', retrieved_utc: null, reason: 'deleted' }])
	database.close()
	expect(changed(third, await readMonthDigests(ALL, effects))).toEqual(['2013-03'])
})

test('a post that moves to another month changes both; another score changes none', async () => {
	const effects = await testEffects()
	await write([makePost('a', at(3)), makePost('b', at(3)), makePost('c', at(5))], effects)
	const before = await readMonthDigests(ALL, effects)
	await write([{ ...makePost('a', at(3)), score: 99 }], effects)
	expect(await readMonthDigests(ALL, effects)).toEqual(before)
	await write([makePost('a', at(4))], effects)
	expect(changed(before, await readMonthDigests(ALL, effects))).toEqual(['2013-03', '2013-04'])
})

test('a forgotten source and pruned posts change their months, and posts that come back restore them', async () => {
	const effects = await testEffects()
	await write([makePost('a', at(3)), makePost('b', at(4))], effects)
	const before = await readMonthDigests(ALL, effects)
	const source = await write([makePost('c', at(4)), makePost('d', at(6))], effects)
	expect(changed(before, await readMonthDigests(ALL, effects))).toEqual(['2013-04', '2013-06'])
	await forgetSources([source], { dryRun: false }, effects)
	expect(await readMonthDigests(ALL, effects)).toEqual(before)
	await prunePosts({ before: at(4), dryRun: false }, effects)
	expect(months(await readMonthDigests(ALL, effects))).toEqual(['2013-04'])
})

test('a window takes the months that it touches', async () => {
	const effects = await testEffects()
	await write(
		[3, 4, 5, 6].map((month) => makePost(`m${month}`, at(month, 20))),
		effects,
	)
	const read = async (from: number | null, until: number | null) =>
		months(await readMonthDigests({ from, until }, effects))
	expect(await read(null, at(5))).toEqual(['2013-03', '2013-04'])
	expect(await read(at(4, 30), at(5) + 1)).toEqual(['2013-04', '2013-05'])
	expect(await read(at(6), null)).toEqual(['2013-06'])
})

test('the same posts give the same digests in another database, in whatever order they came', async () => {
	const posts = [makePost('a', at(3)), makePost('b', at(3)), makePost('c', at(5))]
	const [one, other] = [await testEffects(), await testEffects()]
	await write(posts, one)
	for (const post of posts.toReversed()) await write([post], other)
	expect(await readMonthDigests(ALL, other)).toEqual(await readMonthDigests(ALL, one))
})

test('does not read the posts of a month that did not change', async () => {
	const effects = await testEffects()
	await fillDatabase(effects)
	await readMonthDigests(ALL, effects)
	const cache = join(effects.dataDir, 'month-digests.json')
	const made = (await readFile(cache, 'utf8')).replace(/"[0-9a-f]{64}"/g, `"${'0'.repeat(64)}"`)
	await writeFile(cache, made)
	const digests = await readMonthDigests(ALL, effects)
	expect(new Set(digests.map(({ sha256 }) => sha256))).toEqual(new Set(['0'.repeat(64)]))
})

test('copies of a database that went different ways are told apart', async () => {
	const effects = effectsIn(await temporaryFolder())
	await write([makePost('a', at(3))], effects)
	const copy = effectsIn(await temporaryFolder())
	await cp(effects.dataDir, copy.dataDir, { recursive: true })
	// The same number of changes from the same state, and the same cache.
	await write([makePost('b', at(3))], effects)
	await write([makePost('x', at(3))], copy)
	const digests = await readMonthDigests(ALL, effects)
	const cache = 'month-digests.json'
	await copyFile(join(effects.dataDir, cache), join(copy.dataDir, cache))
	expect(changed(digests, await readMonthDigests(ALL, copy))).toEqual(['2013-03'])
})

test('a database of before there were months gets them', async () => {
	const effects = await testEffects()
	await fillDatabase(effects)
	const expected = await readMonthDigests(ALL, effects)
	const database = await openPostsDatabase(effects)
	for (const name of ['post_added', 'post_removed', 'post_changed'])
		await database.execute(`DROP TRIGGER ${name}`)
	await database.execute('DROP TABLE post_months')
	database.close()
	expect(await readMonthDigests(ALL, effects)).toEqual(expected)
	await write([makePost('new', at(2))], effects)
	expect(changed(expected, await readMonthDigests(ALL, effects))).toEqual(['2013-02'])
})

const Id = fc.integer({ min: 0, max: 12 }).map((n) => `p${n}`)
const Row = fc
	.tuple(Id, fc.integer({ min: 1, max: 6 }), fc.constantFrom('one', 'two', 'three'))
	.map(([id, month, title]) => makePost(id, at(month), title))
const Change = fc.oneof(
	fc.array(Row, { maxLength: 4 }).map((rows) => ({ rows })),
	fc.record({ withdraw: Id }),
	fc.integer({ min: 1, max: 6 }).map((month) => ({ prune: at(month) })),
	fc.tuple(Id, fc.integer({ min: 1, max: 6 })).map(([id, month]) => ({
		sql: `UPDATE stored_posts SET created_utc = ${at(month)}, title = 'by hand' WHERE key = ${keyOf(id)}`,
	})),
)

async function make(change: typeof Change extends fc.Arbitrary<infer T> ? T : never, e: Effects) {
	if ('rows' in change) return void (await write(change.rows, e))
	if ('prune' in change) return void (await prunePosts({ before: change.prune, dryRun: false }, e))
	const database = await openPostsDatabase(e)
	if ('sql' in change) await database.execute(change.sql)
	else
		await withdrawPosts(database, [{ id: change.withdraw, retrieved_utc: null, reason: 'deleted' }])
	database.close()
}

test('after any changes the digests are those of a fresh look', async () => {
	const effects = await testEffects()
	await write([], effects)
	await fc.assert(
		fc.asyncProperty(fc.array(Change, { minLength: 1, maxLength: 4 }), async (changes) => {
			for (const change of changes) {
				await make(change, effects)
				const digests = await readMonthDigests(ALL, effects)
				await rm(join(effects.dataDir, 'month-digests.json'), { force: true })
				expect(await readMonthDigests(ALL, effects)).toEqual(digests)
				await expectCounts(digests, effects)
			}
		}),
		{ numRuns: 15 },
	)
}, 60_000)

async function expectCounts(digests: readonly MonthDigest[], effects: Effects): Promise<void> {
	const database = await openPostsDatabase(effects)
	const { rows } = await database.execute(
		`SELECT strftime('%Y-%m', created_utc, 'unixepoch'), count(*) FROM posts GROUP BY 1 ORDER BY 1`,
	)
	database.close()
	expect(digests.map(({ month, posts }) => [month, posts])).toEqual(
		rows.map((row) => [String(row[0]), Number(row[1])]),
	)
}
