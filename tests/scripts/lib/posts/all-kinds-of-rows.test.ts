// One file with a row of each kind that people have met: the table says of every one what became of it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { main } from '../../../../scripts/main.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const post = { created_utc: 1_767_225_600, subreddit: 'pics', title: 'A title', over_18: false }

const POSTS = [
	{ ...post, score: null },
	{ ...post, over_18: 'f', score: '' },
	{ ...post, created_utc: '2019-08-01 00:00:05 UTC', subreddit: 'r/pics' },
	{ ...post, created_utc: 1_564_617_605_000 },
	{ ...post, _meta: { was_initially_deleted: true, removal_type: 'moderator' } },
]
const LEFT_OUT = [
	{ ...post, _meta: { was_deleted_later: true, removal_type: 'deleted' } },
	{ ...post, title: '[ Removed by moderator ]' },
	{ ...post, banned_by: 'someone' },
	{ ...post, subreddit: 'u_someone', subreddit_type: 'user' },
	{ ...post, promoted: true },
	{ ...post, promoted: true, subreddit: undefined },
	{ ...post, over_18: true },
]
const BROKEN: readonly [row: object | string, reason: string][] = [
	['{"id":', 'not JSON'],
	[
		'{"title":"caf\xe9"}',
		'not UTF-8, perhaps Windows-1252 or Latin-1; convert the file: iconv -f WINDOWS-1252 -t UTF-8',
	],
	[
		{ ...post, created_utc: 'soon' },
		'created_utc: expected a time since June 2005, in seconds or as in 2019-08-01 00:00:05; got "soon"',
	],
	[{ ...post, subreddit: undefined }, 'subreddit: is missing'],
	[{ ...post, over_18: 'maybe' }, 'over_18: expected yes or no; got "maybe"'],
]

it('ingest says of every row what it is', async () => {
	const rows = [...POSTS, ...LEFT_OUT, ...BROKEN.map(([row]) => row)]
	const lines = rows.map((row, index) =>
		typeof row === 'string' ? row : JSON.stringify({ id: `a${index}`, ...row }),
	)
	const path = join(await temporaryFolder(), 'RS_2026-01')
	await writeFile(path, Buffer.from(`${lines.join('\n')}\n`, 'latin1'))
	const effects = await testEffects()
	expect(await main(['ingest', path], effects)).toBe(0)
	const first = POSTS.length + LEFT_OUT.length + 1
	expect(effects.said.err).toEqual(
		BROKEN.map(([, reason], index) => `RS_2026-01:${first + index}: ${reason}`),
	)
	expect(
		effects.said.out
			.join('\n')
			.split('\n')
			.map((line) => line.split(/ {2,}/)),
	).toEqual([
		['read', '17'],
		['added', '5'],
		['left out: marked over 18', '1'],
		['left out: deleted or removed', '3'],
		["left out: on a user's profile", '1'],
		['left out: adverts', '2'],
		['left out: broken', '5'],
	])
})
