import { describe, expect, test } from 'vitest'
import { explainName, nameToPick, searchLabels } from '../../src/page/label-search.ts'

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
	test.each([
		'linux',
		'r/Linux',
		'/r/linux/',
		'R/Linux',
		'https://www.reddit.com/r/linux/',
		'reddit.com/r/linux?x=1',
		'old.reddit.com/r/linux#top',
		'https://www.reddit.com/r/linux/comments/1a2b3c/a_title/?sort=new',
		'https://np.reddit.com/r/linux/comments/1a2b3c/_/def456',
		' LINUX ',
		'lin ux',
	])('takes %j for a label of the release', (text) => {
		expect(nameToPick(LABELS, text)).toEqual({ how: 'search', subreddit: 'linux' })
	})

	test('takes a valid name that no label has as typed', () => {
		expect(nameToPick(LABELS, 'r/New_One')).toEqual({ how: 'typed', subreddit: 'New_One' })
	})

	test('takes an empty box for none', () => {
		expect(nameToPick(LABELS, '  ')).toEqual({ how: 'none' })
	})

	test.each([
		['ask historians', 'no spaces'],
		['x', 'at least 2'],
		['a'.repeat(51), 'at most 50'],
		['<b>', 'letters, digits and underscores only'],
		['.hidden', 'begins with'],
	])('says what is wrong with %j', (text, reason) => {
		expect(nameToPick(LABELS, text)).toBeNull()
		expect(explainName(text)).toContain(reason)
	})

	test('takes 50 characters', () => {
		expect(nameToPick(LABELS, 'a'.repeat(50))).toEqual({ how: 'typed', subreddit: 'a'.repeat(50) })
	})

	test.each(['not a name', 'x', '<b>', 'a'.repeat(60)])('refuses %j', (text) => {
		expect(nameToPick(LABELS, text)).toBeNull()
	})
})
