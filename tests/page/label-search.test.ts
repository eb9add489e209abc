import { describe, expect, test } from 'vitest'
import { explainName, joinNames, nameToPick, searchNames } from '../../src/page/label-search.ts'

const NAMES = {
	learnt: ['AskReddit', 'cats', 'CatsStandingUp', 'aww', 'bobcats', 'linux'],
	unseen: ['Catloaf', 'DevelEire'],
}

describe('searchNames', () => {
	test('finds what begins with the text first, short before long', () => {
		expect(searchNames(NAMES, 'CATS')).toEqual(['cats', 'CatsStandingUp', 'bobcats'])
	})

	test('finds subreddits that the model has not learnt', () => {
		expect(searchNames(NAMES, 'cat')).toEqual(['cats', 'Catloaf', 'CatsStandingUp', 'bobcats'])
		expect(searchNames(NAMES, 'eire')).toEqual(['DevelEire'])
	})

	test('finds nothing for nothing', () => {
		expect(searchNames(NAMES, ' r/ ')).toEqual([])
	})

	test('gives at most six', () => {
		const many = Array.from({ length: 100 }, (_, index) => `cat${index}`)
		expect(searchNames({ learnt: many, unseen: many }, 'cat')).toHaveLength(6)
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
		expect(nameToPick(NAMES, text)).toEqual({ how: 'search', subreddit: 'linux' })
	})

	test('says of a name of the index that the model has not learnt it', () => {
		expect(nameToPick(NAMES, 'r/develeire')).toEqual({ how: 'unseen', subreddit: 'DevelEire' })
	})

	test('takes a valid name that no label has as typed', () => {
		expect(nameToPick(NAMES, 'r/New_One')).toEqual({ how: 'typed', subreddit: 'New_One' })
	})

	test('takes an empty box for none', () => {
		expect(nameToPick(NAMES, '  ')).toEqual({ how: 'none' })
	})

	test.each([
		['ask historians', 'no spaces'],
		['x', 'at least 2'],
		['a'.repeat(51), 'at most 50'],
		['<b>', 'letters, digits and underscores only'],
		['.hidden', 'begins with'],
	])('says what is wrong with %j', (text, reason) => {
		expect(nameToPick(NAMES, text)).toBeNull()
		expect(explainName(text)).toContain(reason)
	})

	test('takes 50 characters', () => {
		expect(nameToPick(NAMES, 'a'.repeat(50))).toEqual({ how: 'typed', subreddit: 'a'.repeat(50) })
	})

	test.each(['not a name', 'x', '<b>', 'a'.repeat(60)])('refuses %j', (text) => {
		expect(nameToPick(NAMES, text)).toBeNull()
	})
})

describe('joinNames', () => {
	test('adds names of the long tail that are not there yet, up to six', () => {
		expect(joinNames(['cats', 'Catloaf'], ['catloaf', 'catgifs'])).toEqual([
			'cats',
			'Catloaf',
			'catgifs',
		])
		expect(joinNames([], ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'])).toHaveLength(6)
	})
})
