import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	packSuggestions,
	parseSuggestions,
	SuggestionRecorder,
} from '../../../../scripts/lib/evaluation/suggestions-file.ts'

const LABELS = ['cats', 'linux', 'chess', 'pics', 'music', 'games', 'space']

function record(posts: readonly { subreddit: string; suggested: readonly string[] }[]) {
	const recorder = new SuggestionRecorder(LABELS)
	for (const { subreddit, suggested } of posts)
		recorder.add(
			subreddit,
			suggested.map((name) => ({ subreddit: name })),
		)
	return recorder.finish()
}

describe('the file of suggestions', () => {
	it('comes back as it was written, for any posts', () => {
		const post = fc.record({
			subreddit: fc.constantFrom(...LABELS, 'unheard'),
			suggested: fc.shuffledSubarray(LABELS, { maxLength: 5 }),
		})
		fc.assert(
			fc.property(fc.array(post), (posts) => {
				const list = parseSuggestions(Buffer.from(packSuggestions(record(posts))), 'test')
				expect(list.posts).toBe(posts.length)
				for (const [index, { subreddit, suggested }] of posts.entries()) {
					expect(list.suggestionsOf(index)).toEqual(suggested)
					expect(list.rankOf(index)).toBe(suggested.indexOf(subreddit))
					const known = LABELS.includes(subreddit) ? subreddit : undefined
					expect(list.subredditOf(index)).toBe(known)
				}
			}),
		)
	})

	it('takes no missing suggestion for a hit of an unknown subreddit', () => {
		expect(record([{ subreddit: 'unheard', suggested: ['cats'] }]).rankOf(0)).toBe(-1)
	})

	it.each([
		['', /not JSON/],
		['{"schema":1}\n', /posts/],
		['{"schema":1,"posts":2,"labels":["cats"]}\n1234', /4 bytes for 2 posts/],
	])('refuses %j', (text, message) => {
		expect(() => parseSuggestions(Buffer.from(text), 'test')).toThrow(message)
	})
})
