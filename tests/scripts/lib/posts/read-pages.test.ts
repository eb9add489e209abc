import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makePosts } from '../../../../scripts/lib/posts/open-posts.ts'
import {
	type MonthLines,
	type PageRow,
	packPage,
	partByMonth,
} from '../../../../scripts/lib/posts/read-pages.ts'
import { testEffects } from '../../../fixtures/effects.ts'

const ALL = { from: null, until: null }
const MONTHS = [1_370_000_000, 1_371_000_000, 1_380_000_000]

/** With whatever JSON escapes, and what parts fields and posts in a page. */
const title = fc.oneof(
	fc.string({ unit: 'binary', minLength: 1 }),
	fc.string({ unit: fc.constantFrom(...'a"\\/\n\r\t\b\f\u0001\u001f\u007f\u2028é🙂') }),
)

function makeRows(count: number, createdAt: (index: number) => number) {
	return Array.from({ length: count }, (_, index) => ({
		id: (index + 1_000_000).toString(36),
		created_utc: createdAt(index),
		subreddit: 'made',
		title: `t${index}`,
		score: 0,
		num_comments: 0,
		over_18: false,
		retrieved_utc: null,
	}))
}

describe('pages of SQLite', () => {
	it('are what the rows make, as bytes and as lines of months', async () => {
		const store = await makePosts(await testEffects())
		const source = await store.openSource('made', new Date())
		let count = 0
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(title, fc.constantFrom(...MONTHS)), { minLength: 1, maxLength: 6 }),
				async (made) => {
					const posts = made.map(([text, created_utc], place) => ({
						id: `p${count + place}`,
						created_utc,
						subreddit: `made_${place % 3}`,
						title: `x${text}`,
						score: 0,
						num_comments: 0,
						over_18: false,
						retrieved_utc: null,
					}))
					await store.write(posts, source)
					count += posts.length
				},
			),
			{ numRuns: 60 },
		)
		const rows: PageRow[] = []
		for await (const page of store.readPages(ALL)) rows.push(...page)
		expect(rows.length).toBe(count)
		const packed = []
		for await (const page of store.readPackedPages(ALL)) packed.push(page)
		const expected = packPage(rows)
		expect(packed.flatMap(({ titleBytes }) => titleBytes)).toEqual(expected.titleBytes)
		expect(Buffer.concat(packed.map(({ bytes }) => bytes)).equals(expected.bytes)).toBe(true)
		const months: MonthLines[] = []
		for await (const month of store.readMonthLines(ALL)) months.push(month)
		const text = ({ lines, ...month }: MonthLines) => ({ ...month, lines: `${lines}` })
		const byMonth = partByMonth(rows).sort((a, b) => (a.month < b.month ? -1 : 1))
		expect(months.map(text)).toEqual(byMonth.map(text))
		store.close()
	})

	it('go on behind the last post, and end where nobody reads on', async () => {
		const store = await makePosts(await testEffects())
		const source = await store.openSource('made', new Date())
		const count = 45_000
		const posts = makeRows(count, () => 1_370_000_000)
		await store.write(posts, source)
		const sizes: number[] = []
		for await (const page of store.readPages(ALL)) sizes.push(page.length)
		expect(sizes).toEqual([20_000, 20_000, 5_000])
		for await (const page of store.readPackedPages(ALL)) {
			expect(page.titleBytes).toHaveLength(20_000)
			break
		}
		store.close()
	})

	it.each([ALL, { from: Date.UTC(2013, 5, 10) / 1000, until: Date.UTC(2013, 6, 12) / 1000 }])(
		'are parted by months, whether a page is of one or of several: %j',
		async (window) => {
			const store = await makePosts(await testEffects())
			const source = await store.openSource('made', new Date())
			// June, June and July, July, and so on: 20,000 a page.
			const posts = makeRows(65_000, (index) => Date.UTC(2013, 5, 1) / 1000 + index * 90)
			await store.write(posts, source)
			const lines: Record<string, string> = {}
			for await (const { month, posts: count, lines: text } of store.readMonthLines(window)) {
				expect(`${text}`.match(/\n/g)).toHaveLength(count)
				lines[month] = `${lines[month] ?? ''}${text}`
			}
			const rows: PageRow[] = []
			for await (const page of store.readPages(window)) rows.push(...page)
			const expected = partByMonth(rows).map(({ month, lines: text }) => [month, `${text}`])
			expect(lines).toEqual(Object.fromEntries(expected))
			expect(expected.length).toBeGreaterThan(1)
			store.close()
		},
	)
})
