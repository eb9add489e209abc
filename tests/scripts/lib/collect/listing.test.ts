import { describe, expect, it } from 'vitest'
import {
	parseListing,
	parsePostPage,
	parseSubredditPage,
} from '../../../../scripts/lib/collect/listing.ts'

function listing(children: unknown, after: unknown = null) {
	return { kind: 'Listing', data: { after, children } }
}

describe('parseListing', () => {
	it('refuses what is no listing', () => {
		const others = [
			null,
			[],
			'Listing',
			{ kind: 't3', data: {} },
			{ kind: 'Listing' },
			listing('none'),
			listing([], 'not a name'),
			listing([], 't3_../../x'),
			listing([null]),
			listing(Array.from({ length: 1_001 }, () => ({ kind: 't3', data: {} }))),
		]
		for (const other of others) expect(() => parseListing(other)).toThrow(/listing/)
	})

	it('takes a missing after for the last page', () => {
		expect(parseListing({ kind: 'Listing', data: { children: [] } }).after).toBeNull()
	})
})

describe('parsePostPage', () => {
	it('places posts by id and whole seconds, and counts what has no place', () => {
		const page = parsePostPage(
			listing(
				[
					{ kind: 't3', data: { id: 'abc', created_utc: 1_700_000_000.5, title: 'Kept as it is' } },
					{ kind: 't5', data: { id: 'abd', created_utc: 1_700_000_000 } },
					{ kind: 't3', data: { id: 'Not an id', created_utc: 1_700_000_000 } },
					{ kind: 't3', data: { id: 'abe', created_utc: Number.MAX_VALUE } },
					{ kind: 't3', data: null },
				],
				't3_abc',
			),
		)
		expect(page.posts.map(({ key }) => key)).toEqual([{ id: 'abc', created_utc: 1_700_000_000 }])
		expect(page.posts[0]?.fields).toHaveProperty('title', 'Kept as it is')
		expect(page).toMatchObject({ after: 't3_abc', unreadable: 4 })
	})
})

describe('parseSubredditPage', () => {
	it('reads subreddits, those too that hide their figures', () => {
		const page = parseSubredditPage(
			listing([
				{
					kind: 't5',
					data: {
						id: 'a1',
						display_name: 'Open',
						subscribers: 12,
						over18: false,
						public_description: 'All',
						created_utc: 1_200_000_000,
						more: 'ignored',
					},
				},
				{
					kind: 't5',
					data: {
						id: 'a2',
						display_name: 'Closed',
						subscribers: null,
						over18: null,
						created_utc: 1_200_000_000,
					},
				},
				{ kind: 't5', data: { id: 'a3', display_name: '../etc', created_utc: 1_200_000_000 } },
			]),
		)
		expect(page.subreddits).toEqual([
			{
				id: 'a1',
				display_name: 'Open',
				subscribers: 12,
				over18: false,
				public_description: 'All',
				created_utc: 1_200_000_000,
			},
			{
				id: 'a2',
				display_name: 'Closed',
				subscribers: null,
				over18: null,
				public_description: null,
				created_utc: 1_200_000_000,
			},
		])
		expect(page.unreadable).toBe(1)
	})
})
