import fc from 'fast-check'
import Database from 'libsql'
import { describe, expect, it } from 'vitest'
import { storableText } from '../../../../scripts/lib/posts/json-argument.ts'
import {
	hasEachOnce,
	NameTable,
	packPosts,
	storePacked,
	UNPACK_POSTS,
	unpackPosts,
} from '../../../../scripts/lib/posts/packed-posts.ts'
import type { DatedPost } from '../../../../scripts/lib/posts/parse-row.ts'
import { Post } from '../../../../scripts/lib/posts/post.ts'
import { keyOf, LONGEST_ID } from '../../../../scripts/lib/posts/post-keys.ts'

const database = new Database(':memory:')
const unpack = database.prepare(UNPACK_POSTS)

const words = (characters: string, minLength: number, maxLength: number) =>
	fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength })
const time = fc.oneof(fc.constantFrom(0, 4_102_444_800), fc.integer({ min: 0, max: 4_102_444_800 }))
const post: fc.Arbitrary<DatedPost> = fc.record({
	id: words('abz019', 1, 10),
	created_utc: time,
	subreddit: words('aZ_9.:-', 2, 50),
	title: fc.oneof(
		fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
		words('a\0\ud83d\ude42 "\'\\é', 1, 12),
		fc.constant('🙂'.repeat(1_000)),
	),
	score: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MIN_SAFE_INTEGER, -1, 0)),
	over_18: fc.boolean(),
	retrieved_utc: fc.option(time),
})

describe('packPosts', () => {
	it('holds any posts, and SQLite reads the same, but for characters that it cannot store', () => {
		fc.assert(
			fc.property(fc.array(post, { maxLength: 8 }), (posts) => {
				const bytes = packPosts(posts)
				const names = [...new Set(posts.map(({ subreddit }) => subreddit))]
				const table = new NameTable()
				const [first, ...others] = names
				if (first !== undefined) table.add(first, 7)
				const left = storePacked(bytes, table)
				expect(left).toHaveLength(posts.filter(({ subreddit }) => subreddit !== first).length)
				for (const [place, name] of others.entries()) table.add(name, 90_000_000 + place)
				expect(storePacked(bytes, table, left)).toEqual([])
				const numbers = new Map(names.map((name, place) => [name, place ? 89_999_999 + place : 7]))
				const rows = unpack.all([bytes]) as object[]
				expect(rows.map((row) => ({ ...row }))).toEqual(
					posts.map(({ id, created_utc, subreddit, title, over_18, retrieved_utc }) => ({
						...{ key: keyOf(id), created_utc, subreddit_id: numbers.get(subreddit) },
						...{ title: storableText(title), over_18: over_18 ? 1 : 0, retrieved_utc },
					})),
				)
			}),
		)
	})

	it('is what unpackPosts reads, but for characters that SQLite cannot store', () => {
		fc.assert(
			fc.property(fc.array(post, { maxLength: 8 }), (posts) => {
				const bytes = packPosts(posts)
				expect(unpackPosts({ count: posts.length, bytes })).toEqual(
					posts.map((one) => ({ ...one, title: storableText(one.title) })),
				)
				const ids = new Set(posts.map(({ id }) => id))
				expect(hasEachOnce({ count: posts.length, bytes })).toBe(ids.size === posts.length)
			}),
		)
	})

	it('has room for whatever the schema of a post lets through', () => {
		expect(Post.entries.id.pipe[1].requirement.source).toContain(`{1,${LONGEST_ID}}`)
		expect(Post.entries.subreddit.pipe[1].requirement.source).toContain('{1,49}')
	})
})

describe('NameTable', () => {
	it('finds thousands of names, those alone that are in it', () => {
		const table = new NameTable()
		const names = Array.from(
			{ length: 5_000 },
			(_, index) => `${index % 2 ? 'Sub' : 'sub'}_${index}`,
		)
		const find = (name: string) => table.find(Buffer.from(name.padEnd(50)), 0)
		for (const [index, name] of names.entries()) {
			expect(find(name)).toBe(0)
			table.add(name, index + 1)
		}
		expect(names.map(find)).toEqual(names.map((_, index) => index + 1))
		for (const other of ['sub_', 'sub_50000', 'SUB_1', 'x'.repeat(50)]) expect(find(other)).toBe(0)
		table.add('x'.repeat(50), 7)
		expect(find('x'.repeat(50))).toBe(7)
	})
})
