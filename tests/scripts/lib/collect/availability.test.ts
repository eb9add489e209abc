import { describe, expect, it } from 'vitest'
import { readRefusal as read } from '../../../../scripts/lib/collect/availability.ts'

function answer(status: number, body: unknown, location?: string) {
	const text = typeof body === 'string' ? body : JSON.stringify(body)
	return { status, text, headers: new Headers(location === undefined ? {} : { location }) }
}

function readRefusal(refusing: ReturnType<typeof answer>) {
	return read(refusing, 'r/name/new')
}

describe('readRefusal', () => {
	it('reads the reasons that Reddit gives', () => {
		const cases = [
			[403, 'private', 'private'],
			[404, 'banned', 'banned'],
			[403, 'quarantined', 'quarantined'],
			[403, 'gold_only', 'restricted'],
		] as const
		for (const [status, reason, expected] of cases)
			expect(readRefusal(answer(status, { reason, message: 'No', error: status }))).toEqual({
				reason: expected,
				movedTo: null,
			})
	})

	it('takes a 404 of Reddit for a subreddit that is not there', () => {
		const refusal = readRefusal(answer(404, { message: 'Not Found', error: 404 }))
		expect(refusal?.reason).toBe('missing')
	})

	it('takes a redirect to the search for a subreddit that is not there', () => {
		for (const location of [
			'/subreddits/search?q=nosuch',
			'https://oauth.reddit.com/subreddits/search.json?q=nosuch&limit=100',
		])
			expect(readRefusal(answer(302, '', location))?.reason).toBe('missing')
	})

	it('takes a redirect to another subreddit for a new name', () => {
		expect(readRefusal(answer(301, '', '/r/NewName/new?limit=100'))).toEqual({
			reason: 'moved',
			movedTo: 'NewName',
		})
	})

	it('blames no subreddit for an answer that is not about it', () => {
		const others = [
			answer(403, '<html>blocked by network security</html>'),
			answer(404, 'nginx'),
			answer(403, { message: 'Forbidden', error: 403 }),
			answer(403, { message: 'Forbidden', error: 500, reason: 'private' }),
			answer(400, { message: 'Bad Request', error: 400 }),
			answer(302, '', 'https://www.reddit.com/login'),
			answer(301, '', 'https://oauth.reddit.com/r/NAME/new/'),
			answer(302, '', '/r/<script>/new'),
			answer(302, '', 'http://['),
			answer(302, ''),
		]
		for (const other of others) expect(readRefusal(other)).toBeNull()
	})
})
