import { describe, expect, test } from 'vitest'
import { nameToPick, searchLabels } from '../../src/page/label-search.ts'

const LABELS = ['AskReddit', 'cats', 'CatsStandingUp', 'aww', 'bobcats', 'linux']

describe('searchLabels', () => {
	test('finds what begins with the text first, short before long', () => {
		expect(searchLabels(LABELS, 'CATS')).toEqual(['cats', 'CatsStandingUp', 'bobcats'])
	})

	test('finds nothing for nothing', () => {
		expect(searchLabels(LABELS, ' r/ ')).toEqual([])
	})

	test('gives at most six', () => {
		const many = Array.from({ length: 100 }, (_, index) => `cat${index}`)
		expect(searchLabels(many, 'cat')).toHaveLength(6)
	})
})

describe('nameToPick', () => {
	test.each(['linux', 'r/Linux', '/r/linux/', 'https://www.reddit.com/r/linux/', ' LINUX '])(
		'takes %j for a label of the release',
		(text) => {
			expect(nameToPick(LABELS, text)).toEqual({ how: 'search', subreddit: 'linux' })
		},
	)

	test('takes a valid name that no label has as typed', () => {
		expect(nameToPick(LABELS, 'r/New_One')).toEqual({ how: 'typed', subreddit: 'New_One' })
	})

	test('takes an empty box for none', () => {
		expect(nameToPick(LABELS, '  ')).toEqual({ how: 'none' })
	})

	test.each(['not a name', 'x', '<b>', 'a'.repeat(60)])('refuses %j', (text) => {
		expect(nameToPick(LABELS, text)).toBeNull()
	})
})
