// One rule for rows: whatever reads them, the same rows are posts, left out or broken.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parsePostPage } from '../../../../scripts/lib/collect/listing.ts'
import { readPagePosts } from '../../../../scripts/lib/collect/page-posts.ts'
import { openDumps } from '../../../../scripts/lib/evaluation/titles.ts'
import { ingest } from '../../../../scripts/lib/posts/ingest.ts'
import { openPostFile } from '../../../../scripts/lib/posts/post-file.ts'
import { readRows } from '../../../../scripts/lib/posts/rows.ts'
import { makeCorpus } from '../../../fixtures/corpus.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const [sound] = makeCorpus({ postsPerSubreddit: 1, from: 1_370_000_000, until: 1_371_000_000 })
const post = { ...sound, id: 'a1', subreddit: 'pics', title: 'A title' }

const ROWS = [
	post,
	{ ...post, id: 't3_a2', score: '5' },
	{ ...post, id: 'a3', over_18: 'true' },
	{ ...post, id: 'a4', title: '[deleted]' },
	{ ...post, id: 'a5', removed_by_category: 'moderator' },
	{ ...post, id: 'a6', title: '' },
	{ ...post, id: 'a7', subreddit: 'not a name' },
	{ ...post, id: 'a8', created_utc: 1e12 },
]

describe('readRows', () => {
	it('gives each row its line and its text and what the caller makes of it', async () => {
		const path = join(await temporaryFolder(), 'x.ndjson')
		const long = `"${'x'.repeat(30)}"`
		await writeFile(path, `1\n\n  \r\n"two"\r\n{\n${long}\n3`)
		const file = await openPostFile(path, await testEffects())
		const parse = (value: unknown) => ({ kind: 'value' as const, value })
		const rows = []
		for await (const batch of readRows(file, parse, { maxCharacters: 30 })) rows.push(...batch)
		expect(rows).toEqual([
			{ line: 1, text: '1', meaning: { kind: 'value', value: 1 } },
			{ line: 4, text: '"two"\r', meaning: { kind: 'value', value: 'two' } },
			{ line: 5, text: '{', meaning: { kind: 'broken', problem: 'not JSON' } },
			{ line: 6, text: null, meaning: { kind: 'broken', problem: 'line is too long' } },
			{ line: 7, text: '3', meaning: { kind: 'value', value: 3 } },
		])
	})
})

describe('the rule for rows', () => {
	it('is the same for ingest, evaluate --posts and collect', async () => {
		const effects = await testEffects()
		const path = join(await temporaryFolder(), 'x.ndjson')
		await writeFile(path, ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''))
		const { counts } = await ingest({ files: [path], over18: false }, effects)
		expect(counts).toMatchObject({ read: 8, added: 2, over18: 1, deleted: 2, broken: 3 })
		const reasons = effects.said.err.splice(0)
		expect(reasons.map((line) => line.slice(0, 12))).toEqual([
			'x.ndjson:6: ',
			'x.ndjson:7: ',
			'x.ndjson:8: ',
		])

		const titles = []
		for await (const title of openDumps([path], effects).read()) titles.push(title)
		expect(titles).toHaveLength(2)
		expect(effects.said.err).toEqual([
			...reasons,
			'left out: 1 marked over 18',
			'left out: 2 deleted or removed',
			'left out: 3 broken',
		])

		// A listing that could not be placed is broken before its fields are looked at.
		const children = ROWS.slice(0, 7).map((row) => ({
			kind: 't3',
			data: { ...row, id: row.id?.slice(-2) },
		}))
		const page = parsePostPage({ kind: 'Listing', data: { after: null, children } })
		const options = { subreddit: 'pics', retrieved: 1_400_000_000, over18: false }
		const { posts, counts: collected } = readPagePosts(page, options)
		expect(posts.map(({ id }) => id)).toEqual(['a1', 'a2'])
		expect(collected).toMatchObject({ over18: 1, deleted: 2, broken: 2, elsewhere: 0 })
	})
})
