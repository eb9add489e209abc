import { describe, expect, test } from 'vitest'
import {
	countSuggested,
	formatFeedbackFile,
	readPicksFile,
} from '../../../src/page/pages/feedback-file.ts'
import { Feedback } from '../../../src/shared/feedback.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'

const PICK: Feedback = {
	schema: 1,
	id: '6f1b8b1e-6e0f-4a3f-9a77-0d6d2f0c9a11',
	time: '2013-07-01T12:00:00.000Z',
	title: 'A "title" and \u2028 separators',
	suggestions: [{ subreddit: 'cats', probability: 0.5 }],
	pick: { how: 'suggestion', rank: 1, subreddit: 'cats' },
	release: '20130601.0',
	channel: 'production',
	app: '0.1.0',
}
const NOW = new Date('2013-07-02T00:00:00Z')

describe('formatFeedbackFile', () => {
	test('writes a line for each pick that the import takes', () => {
		const { name, text, picks } = formatFeedbackFile(
			[PICK, { ...PICK, pick: { how: 'none' } }],
			NOW,
		)
		expect(name).toBe('whichsub-feedback-2013-07-02.jsonl')
		expect(picks).toBe(2)
		const lines = text.split('\n')
		expect(lines.pop()).toBe('')
		expect(lines.map((line) => parseJsonWith(Feedback, line, 'line').title)).toEqual([
			PICK.title,
			PICK.title,
		])
	})

	test('leaves out and counts what no import would take', () => {
		const { text, picks, unreadable } = formatFeedbackFile([{ schema: 0 }, PICK, null], NOW)
		expect({ picks, unreadable, lines: text.split('\n').length - 1 }).toEqual({
			picks: 1,
			unreadable: 2,
			lines: 1,
		})
	})
})

describe('readPicksFile', () => {
	test('reads what was exported, whatever ends its lines, and counts what is no pick', () => {
		const { text } = formatFeedbackFile([PICK, { ...PICK, pick: { how: 'none' } }], NOW)
		const { picks, unreadable } = readPicksFile(`${text.replaceAll('\n', '\r\n')}\n{}\nno JSON\n`)
		expect(picks.map(({ pick }) => pick.how)).toEqual(['suggestion', 'none'])
		expect(unreadable).toBe(2)
	})
})

describe('countSuggested', () => {
	test('counts how often the pick was the first suggestion, and one of the five', () => {
		const pick = (pick: Feedback['pick']) => ({ ...PICK, pick })
		const picks = [
			PICK,
			{
				...pick({ how: 'suggestion', rank: 2, subreddit: 'dogs' }),
				suggestions: [...PICK.suggestions, { subreddit: 'dogs', probability: 0.1 }],
			},
			pick({ how: 'search', subreddit: 'dogs' }),
			pick({ how: 'none' }),
		]
		expect(countSuggested(picks)).toEqual({ picks: 4, first: 1, amongFive: 2 })
		expect(countSuggested(picks.slice(2))).toEqual({ picks: 2, first: 0, amongFive: 0 })
		expect(countSuggested([])).toEqual({ picks: 0, first: 0, amongFive: 0 })
	})

	test('counts subreddits that the model has not learnt where they stood', () => {
		const suggestions = ['cats', 'dogs'].map((subreddit, at) => ({
			subreddit,
			probability: 0.3 - at / 5,
		}))
		const unseen = [
			{ subreddit: 'kittens', probability: 0.5 },
			{ subreddit: 'whiskers', probability: 0 },
		]
		const shown = { ...PICK, suggestions, unseen }
		const picked = (subreddit: string): Feedback => ({
			...shown,
			pick: { how: 'unseen', subreddit },
		})
		expect(picked('kittens')).toEqual(
			parseJsonWith(Feedback, JSON.stringify(picked('kittens')), 'line'),
		)
		expect(countSuggested([picked('kittens')])).toMatchObject({ first: 1, amongFive: 1 })
		expect(countSuggested([picked('whiskers')])).toMatchObject({ first: 0, amongFive: 1 })
		// Found by its name.
		expect(countSuggested([picked('tomcats')])).toMatchObject({ first: 0, amongFive: 0 })
		// What the model has learnt stood one place lower.
		expect(countSuggested([shown])).toMatchObject({ first: 0, amongFive: 1 })
	})
})
