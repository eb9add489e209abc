import { describe, expect, it } from 'vitest'
import { NONE_LEFT_OUT } from '../../../../scripts/lib/posts/parse-row.ts'
import { keyOf } from '../../../../scripts/lib/posts/post-keys.ts'
import { createHarness, DAY_S, stopAt } from './harness.ts'
import { listedIds } from './reddit-world.ts'

describe('collectPosts', () => {
	it('reads the newest posts of every popular subreddit, most popular first', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 250)
		harness.world.add('beta', 0)
		harness.world.add('gamma', 1)
		harness.world.add('delta', 100)
		await harness.subreddits()
		const report = await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
		expect(report.subreddits).toEqual({
			selected: 4,
			finished: 4,
			setAside: 0,
			failed: 0,
			left: 0,
		})
		expect(report.posts).toMatchObject({ added: 351, known: 0 })
		expect(harness.server.requests.filter(({ path }) => path === '/r/alpha/new')).toHaveLength(3)
	})

	it('keeps what a post is, and that and when it came from the API', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 1, {
			fields: () => ({ title: 'Ampersand & <tag>' }),
		})
		await harness.subreddits()
		await harness.posts()
		const [post] = await harness.query(
			'SELECT posts.*, name FROM posts JOIN sources ON sources.id = source_id',
		)
		expect(post).toMatchObject({
			subreddit: 'alpha',
			title: 'Ampersand & <tag>',
			created_utc: 1_600_000_000,
			over_18: 0,
			name: 'api',
		})
		const now = harness.effects.now().getTime() / 1000
		expect(Number(post?.retrieved_utc)).toBeGreaterThan(now - DAY_S)
		expect(harness.server.asked('alpha')[0]?.query.get('raw_json')).toBe('1')
	})

	it('names itself as the rules of Reddit ask, in every request', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 1)
		await harness.subreddits()
		await harness.posts()
		const agents = harness.server.requests.map(({ headers }) => headers['user-agent'])
		expect(new Set(agents)).toEqual(new Set(['test:whichsub:v0 (by /u/tester)']))
	})

	it('reads no more of a subreddit than was asked for', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 400)
		await harness.subreddits()
		await harness.posts({ newest: 130 })
		expect(await harness.ids()).toEqual(harness.world.listedIds(130))
	})

	it('reads only the most popular when so many are asked for', async () => {
		const harness = await createHarness()
		for (const name of ['alpha', 'beta', 'gamma']) harness.world.add(name, 3)
		await harness.subreddits()
		const report = await harness.posts({ selection: { kind: 'top', count: 2 } })
		expect(report.subreddits.selected).toBe(2)
		expect(harness.server.asked('gamma')).toHaveLength(0)
	})

	it('reads named subreddits that no list has shown', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 3)
		await harness.posts({ selection: { kind: 'names', names: ['ALPHA'] } })
		expect(await harness.ids()).toHaveLength(3)
	})

	it('says what to do where no subreddits are known', async () => {
		const harness = await createHarness()
		await expect(harness.posts()).rejects.toThrow(/collect subreddits/)
	})

	it('leaves out posts and popular subreddits that are marked over 18, unless asked', async () => {
		const harness = await createHarness()
		harness.world.add('alpha', 500, { fields: (number) => ({ over_18: number % 2 === 0 }) })
		harness.world.add('beta', 5, { over18: true, fields: () => ({ over_18: true }) })
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.posts).toMatchObject({ added: 250, over18: 250 })
		expect(harness.server.asked('beta')).toHaveLength(0)
		await harness.posts({ over18: true })
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('counts what it leaves out: deleted posts, posts from elsewhere, things that are no posts', async () => {
		const harness = await createHarness()
		const odd: Record<number, Record<string, unknown>> = {
			0: { title: '[deleted]' },
			1: { selftext: '[removed]' },
			2: { subreddit: 'elsewhere' },
			3: { id: '<script>' },
			4: { title: {} },
		}
		harness.world.add('alpha', 10, { fields: (number) => odd[number] ?? {} })
		await harness.subreddits()
		const report = await harness.posts()
		expect(report.posts).toEqual({
			...NONE_LEFT_OUT,
			added: 5,
			known: 0,
			deleted: 2,
			elsewhere: 1,
			broken: 2,
		})
	})
})

describe('collectPosts and titles that are trouble', () => {
	it('keeps them, whatever they hold, and goes on', async () => {
		const titles = ['half \ud800', 'NUL \u0000.', "'); DROP TABLE posts; --", '\u202e', '🙂', '{}']
		const harness = await createHarness()
		harness.world.add('alpha', titles.length, {
			fields: (number) => ({ title: titles[number] }),
		})
		harness.world.add('beta', 1)
		await harness.subreddits()
		await harness.posts()
		const rows = await harness.query(
			"SELECT title FROM posts WHERE subreddit = 'alpha' ORDER BY id",
		)
		expect(rows.map(({ title }) => title)).toEqual([
			'half \ufffd',
			'NUL \ufffd.',
			...titles.slice(2),
		])
		expect(await harness.ids()).toHaveLength(titles.length + 1)
	})
})

describe('collectPosts, run again', () => {
	it('asks one page of a subreddit and stops at the first post that is known', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 900)
		await harness.subreddits()
		await harness.posts()
		harness.pass(DAY_S)
		alpha.posts += 30
		harness.server.requests.length = 0
		const report = await harness.posts()
		expect(report.posts).toMatchObject({ added: 30, known: 70 })
		expect(harness.server.asked('alpha')).toHaveLength(1)
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('does not take a post from a dump for the end of what is new', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 300)
		await harness.subreddits()
		const [newest] = listedIds(alpha)
		await harness.query(`INSERT INTO post_subreddits VALUES (1, 'alpha')`)
		await harness.query(
			`INSERT INTO stored_posts VALUES (?, 1600000000, 1, 'From a dump', 0, NULL, 99)`,
			[keyOf(newest ?? '')],
		)
		await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('goes on where Ctrl-C stopped it', async () => {
		const harness = await createHarness()
		for (let number = 0; number < 12; number += 1) harness.world.add(`sub${number}`, 320)
		await harness.subreddits()
		await expect(harness.posts({}, stopAt(harness, 20))).rejects.toMatchObject({
			code: 'aborted',
		})
		const asked = harness.server.requests.length
		const before = (await harness.ids()).length
		expect(before).toBeGreaterThan(0)
		const report = await harness.posts()
		expect(harness.lines.join('\n')).toMatch(/going on with the run of 2026-01-15/)
		expect(await harness.ids()).toEqual(harness.world.listedIds())
		// 48 pages, one of them asked again for each of the four that were under way.
		const pages = harness.server.requests.filter(({ path }) => path.startsWith('/r/')).length
		expect(pages).toBeLessThanOrEqual(52)
		expect(asked).toBeLessThan(48)
		expect(report.subreddits).toMatchObject({ selected: 12, finished: 12 })
	})

	it('mends the gap of a run that was stopped and never gone on with', async () => {
		const harness = await createHarness()
		const alpha = harness.world.add('alpha', 200)
		await harness.subreddits()
		await harness.posts()
		alpha.posts += 600
		await expect(harness.posts({}, stopAt(harness, 3))).rejects.toMatchObject({ code: 'aborted' })
		harness.pass(10 * DAY_S)
		alpha.posts += 50
		await harness.posts()
		expect(await harness.ids()).toEqual(harness.world.listedIds())
	})

	it('begins anew when asked, and when the stopped run is a week old', async () => {
		const harness = await createHarness()
		const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']
		for (const name of names) harness.world.add(name, 150)
		await harness.subreddits()
		await expect(harness.posts({}, stopAt(harness, 9))).rejects.toMatchObject({ code: 'aborted' })
		const again = await harness.posts({ startOver: true })
		expect(again.run).toBeGreaterThan(2)
		await expect(harness.posts({}, stopAt(harness, 3))).rejects.toMatchObject({ code: 'aborted' })
		harness.pass(8 * DAY_S)
		harness.lines.length = 0
		await harness.posts()
		expect(harness.lines.join('\n')).not.toMatch(/going on/)
	})
})
