// Rows as Reddit, the archives, and the tables that people make of them write them: each is a post, or says why it is none.
import { describe, expect, it } from 'vitest'
import { parseRow } from '../../../../scripts/lib/posts/parse-row.ts'

const post = {
	id: 'a1',
	created_utc: 1_564_617_605,
	subreddit: 'pics',
	title: 'A title',
	score: 5,
	num_comments: 2,
	over_18: false,
}

function parse(fields: object) {
	return parseRow({ ...post, ...fields }, { over18: false })
}

/** `post`, or why it is none. */
function verdict(fields: object): string {
	const row = parse(fields)
	return row.kind === 'left out' ? row.reason : row.kind === 'broken' ? row.problem : row.kind
}

function taken(fields: object) {
	const row = parse(fields)
	if (row.kind !== 'post') throw new Error(verdict(fields))
	return row.post
}

describe('a post that was deleted or removed', () => {
	it.each([
		[
			'deleted later (Arctic Shift)',
			{ _meta: { was_deleted_later: true, removal_type: 'deleted' } },
		],
		['only its kind of removal', { _meta: { removal_type: 'content_takedown' } }],
		[
			'_meta as JSON in a table',
			{ _meta: '{"retrieved_2nd_on":1767225600,"was_deleted_later":true}' },
		],
		[
			'_meta as Python prints it',
			{ _meta: "{'was_deleted_later': True, 'removal_type': 'moderator'}" },
		],
		['a column for each field of _meta', { '_meta.was_deleted_later': 'True' }],
		['the same with underscores', { _meta_removal_type: 'reddit' }],
		['a title that was taken away later', { _meta: { edited_title: '[ Removed by moderator ]' } }],
		[
			'restored, and deleted again',
			{ _meta: { was_initially_deleted: true, was_deleted_later: true } },
		],
		['a category', { removed_by_category: 'automod_filtered' }],
		['who banned it', { banned_by: 'a_moderator' }],
		['banned by an unnamed one', { banned_by: true }],
		['the same in a table', { banned_by: 'True' }],
		['when it was banned', { banned_at_utc: 1_564_617_700 }],
		['a reason', { removal_reason: 'legal' }],
		['who removed it', { removed_by: 'anti_evil_ops' }],
		['removed (Pushshift)', { removed: true }],
		['spam (Pushshift)', { spam: 'true' }],
		['hidden from search engines', { is_robot_indexable: false }],
		['the same in a table', { is_robot_indexable: 'False' }],
		['a column of its own', { is_deleted: '1' }],
	])('is left out: %s', (_, fields) => {
		expect(verdict(fields)).toBe('deleted')
	})

	it.each([
		'[deleted]',
		'[removed]',
		'[Removed]',
		'[deleted by user]',
		'[ Removed by moderator ]',
		'[ Removed by Reddit ]',
		'[ Removed by reddit in response to a copyright notice. ]',
		'[ Removed by Reddit on account of violating the [content policy](/help/contentpolicy). ]',
		'\\[removed\\]',
		' [ Deleted ]\n',
	])('is left out: %j as a title or a body', (text) => {
		expect(verdict({ title: text })).toBe('deleted')
		expect(verdict({ selftext: text })).toBe('deleted')
	})

	it.each([
		['no sign at all', { removed_by_category: null, banned_by: null, removed: false, spam: null }],
		[
			'empty columns of a table',
			{ removed_by_category: '', banned_by: 'NaN', removal_reason: 'None' },
		],
		['NaN of pandas', { removed_by_category: Number.NaN, banned_by: Number.NaN }],
		['false in a table', { removed: 'False', spam: '0.0', '_meta.was_deleted_later': '' }],
		['an ordinary second reading', { _meta: { retrieved_2nd_on: 1_767_225_600, is_edited: true } }],
		['_meta without a deletion', { _meta: "{'was_deleted_later': False}" }],
		['an account that was closed', { author: '[deleted]' }],
		['a title about it', { title: '[Removed] by whom? [Serious]' }],
		['a deleted scene', { title: '[Deleted scene]' }],
		[
			'removed at first, and restored',
			{
				removed_by_category: 'automod_filtered',
				is_robot_indexable: false,
				_meta: { was_initially_deleted: true, removal_type: 'automod_filtered' },
			},
		],
	])('is not assumed: %s', (_, fields) => {
		expect(verdict(fields)).toBe('post')
	})

	it('names the post that is to be taken out, and when that was read', () => {
		const _meta = { was_deleted_later: true, retrieved_2nd_on: 1_767_355_200 }
		expect(parse({ id: 't3_zz', retrieved_on: 1_767_225_600, _meta })).toEqual({
			kind: 'left out',
			reason: 'deleted',
			withdrawal: { id: 'zz', retrieved_utc: 1_767_355_200, reason: 'deleted' },
		})
		expect(parse({ id: '', title: '[removed]' })).toMatchObject({ withdrawal: null })
	})
})

describe('a post in no subreddit', () => {
	it.each([
		['u_someone', {}],
		['U_Someone', { subreddit_type: 'public' }],
		['u/someone', {}],
		['/user/someone/', {}],
		['odd_name', { subreddit_type: 'user' }],
	])('is on a profile: %s %j', (subreddit, fields) => {
		expect(verdict({ ...fields, subreddit })).toBe('profile')
	})

	it.each([
		{ promoted: true },
		{ promoted: 'True', subreddit: 'u_maker' },
		{ promoted: 1 },
		{ promoted: true, subreddit: undefined },
		{ promoted: false, subreddit: undefined },
		{ promoted: null, subreddit: '' },
		{ promoted_by: null, adserver_click_url: null, subreddit: null },
		{ third_party_tracking: null, subreddit: undefined },
	])('is an advert: %j', (fields) => {
		expect(verdict(fields)).toBe('advert')
	})

	it('is broken where nothing says that it is an advert', () => {
		expect(verdict({ subreddit: undefined })).toBe('subreddit: is missing')
		expect(verdict({ subreddit: 'two words' })).toBe(
			'subreddit: expected the name of a subreddit, without r/; got "two words"',
		)
		expect(verdict({ promoted: false })).toBe('post')
		expect(verdict({ promoted: '', promoted_by: '' })).toBe('post')
	})

	it.each([
		'r/pics',
		'/r/pics/',
		'R/pics',
		' pics ',
		'https://www.reddit.com/r/pics/',
		"Subreddit(display_name='pics')",
	])('is not what %j says', (subreddit) => {
		expect(taken({ subreddit }).subreddit).toBe('pics')
	})
})

describe('times', () => {
	it.each([
		1_564_617_605,
		1_564_617_605.75,
		1_564_617_605_000,
		1_564_617_605_123_456,
		'1564617605123456789',
		'1564617605',
		'1564617605.0',
		'1.564617605E9',
		'1564617605123',
		'2019-08-01T00:00:05Z',
		'2019-08-01T00:00:05.999Z',
		'2019-08-01 00:00:05 UTC',
		'2019-08-01 00:00:05.123456 UTC',
		'2019-08-01 00:00:05',
		'2019-08-01 00:00:05+00:00',
		'2019-08-01T02:00:05+0200',
		'2019-07-31 19:30:05-04:30',
		'2019-08-01T02:00:05+02',
		'2019/08/01 00:00:05',
		'Thu, 01 Aug 2019 00:00:05 GMT',
		'Thu, 1 Aug 2019 02:00:05 +0200',
		'Thu Aug  1 00:00:05 2019',
		'Thu Aug 01 00:00:05 +0000 2019',
		'Thu Aug 01 2019 02:00:05 GMT+0200 (Central European Summer Time)',
		'Aug 1, 2019 12:00:05 AM',
		'1 August 2019 00:00:05',
		' 2019-08-01 00:00:05 ',
	])('are read: %j', (created_utc) => {
		expect(taken({ created_utc }).created_utc).toBe(1_564_617_605)
	})

	it('are read without a clock', () => {
		for (const created_utc of ['2019-08-01', '2019-08-01 00:00', 'Aug 1, 2019', '1-Aug-2019'])
			expect(taken({ created_utc }).created_utc).toBe(1_564_617_600)
	})

	it('are those of Reddit, and not of a column that was filled up', () => {
		expect(taken({ created_utc: undefined, created: 1_564_617_605 }).created_utc).toBe(
			1_564_617_605,
		)
		expect(taken({ retrieved_on: '2019-08-02 00:00:00 UTC' }).retrieved_utc).toBe(1_564_704_000)
		for (const created_utc of [null, '', 'NaN', Number.NaN])
			expect(verdict({ created_utc })).toBe('created_utc: is missing')
	})

	it.each([
		0,
		-5,
		true,
		1e12,
		1e30,
		'soon',
		'2019-02-30 00:00:00',
		'Feb 30, 2019',
		'2019-08-01 25:00:00',
		'08/01/2019',
		'1 Aug 19',
		'Thu Aug 2019',
		{},
	])('are refused: %j', (created_utc) => {
		expect(verdict({ created_utc })).toBe(
			`created_utc: expected a time since June 2005, in seconds or as in 2019-08-01 00:00:05; got ${JSON.stringify(created_utc)}`,
		)
	})
})

describe('fields that nobody trains on', () => {
	it.each([null, undefined, '', 'NaN', Number.NaN, 'hidden', {}, Number.POSITIVE_INFINITY])(
		'break nothing: a score of %j',
		(score) => {
			expect(taken({ score })).toMatchObject({ score: 0 })
		},
	)

	it('are read from text', () => {
		expect(taken({ score: '-3.0' })).toMatchObject({ score: -3 })
		expect(taken({ score: 2.6 })).toMatchObject({ score: 3 })
	})

	it.each([
		false,
		'false',
		'False',
		'f',
		'no',
		'N',
		0,
		'0',
		'0.0',
		'',
		null,
		undefined,
		'NaN',
		'None',
		Number.NaN,
	])('say that a post is for all: over_18 %j', (over_18) => {
		expect(verdict({ over_18 })).toBe('post')
	})

	it.each([true, 'true', 'TRUE', 't', 'yes', 'Y', 1, '1', '1.0'])(
		'say that a post is over 18: %j',
		(over_18) => {
			expect(verdict({ over_18 })).toBe('over18')
			expect(verdict({ over_18: undefined, over18: over_18 })).toBe('over18')
			expect(verdict({ over_18: undefined, nsfw: over_18 })).toBe('over18')
		},
	)

	it('break a row where they may hide that it is over 18', () => {
		expect(verdict({ over_18: 'maybe' })).toBe('over_18: expected yes or no; got "maybe"')
	})
})

describe('id and title', () => {
	it.each([
		['t3_1a2b', '1a2b'],
		[' 1a2b ', '1a2b'],
		[123456, '123456'],
		['123456.0', '123456'],
	])('an id of %j is read', (id, expected) => {
		expect(taken({ id }).id).toBe(expected)
	})

	it('come from where they are', () => {
		expect(taken({ id: undefined, name: 't3_1a2b' }).id).toBe('1a2b')
		expect(taken({ title: 2012 }).title).toBe('2012')
	})

	it.each(['na', 'nan', 'nil', 'none', 'null'])('%s is an id, a name and a title', (word) => {
		expect(taken({ id: word, subreddit: word, title: word })).toMatchObject({
			id: word,
			subreddit: word,
			title: word,
		})
	})

	it('say in what way they are wrong', () => {
		expect(verdict({ id: undefined })).toBe('id: is missing')
		expect(verdict({ id: 'no id' })).toBe('id: expected a base-36 id; got "no id"')
		for (const title of ['', null, Number.NaN, undefined])
			expect(verdict({ title })).toBe('title: is missing')
		expect(verdict({ title: ' \t' })).toBe('title: is missing')
		expect(verdict({ title: ['x'] })).toBe('title: expected text; got ["x"]')
		expect(verdict({ title: 'x'.repeat(2_001) })).toMatch(
			/^title: expected at most 2,000 characters; got "x{59}…$/,
		)
		expect(verdict({ id: 't1_abc', title: undefined })).toBe('a comment, not a post')
		expect(verdict({ title: undefined, body: 'Words' })).toBe('a comment, not a post')
		expect(parseRow({ posts: [post] }, { over18: false })).toMatchObject({
			problem: 'not a post, but what holds some in "posts"; give those alone',
		})
		expect(parseRow([post], { over18: false })).toEqual({
			kind: 'broken',
			problem: 'not an object',
		})
	})
})
