import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_TITLE_CHARACTERS, normalizeTitle } from '../../src/model/normalize.ts'

/** Titles as people and machines write them: letters of all scripts, marks, entities, mentions, labels. */
const anyTitle = fc.oneof(
	fc.string({ unit: 'binary', maxLength: 400 }),
	fc.string({ unit: 'grapheme', maxLength: 400 }),
	fc
		.array(
			fc.oneof(
				fc.constantFrom('&amp;', '&lt;', '&#x27;', '&#10;', '&#0;', '&bogus;', '&amp;amp;'),
				fc.constantFrom('__label__pics', '</s>', 'r/pics', '/r/pics', 'x-post from r/pics'),
				fc.constantFrom('\n', '\r\n', '\0', '\u2028', '\u200b', '\ufeff', '\u202e', '\ud800'),
				fc.constantFrom("don't", '???', '…', 'İstanbul', 'ﬁne', '日本', 'e\u0301', '😀', '👨‍👩‍👧'),
				fc.string({ maxLength: 8 }),
			),
			{ maxLength: 40 },
		)
		.map((parts) => parts.join(' ')),
)

describe('normalizeTitle', () => {
	it.each([
		['My First Laptop!', 'my first laptop !'],
		['  much   space\there ', 'much space here'],
		['Salt &amp; pepper &lt;3 &#39;x&#39;', "salt & pepper < 3 ' x '"],
		['It’s a dog’s life', "it's a dog's life"],
		['What??? No way!!!', 'what ? no way !'],
		['well...so', 'well . so'],
		['Ｆｕｌｌ　width ﬁne', 'full width fine'],
		['Cafe\u0301', 'caf\u00e9'],
		['zero\u200bwidth so\u00adft', 'zerowidth soft'],
		['two\nlines\r\nand a\0nul', 'two lines and a nul'],
		['日本語 text', '日 本 語 text'],
		['', ''],
		['   ', ''],
	])('makes %j to %j', (title, text) => {
		expect(normalizeTitle(title)).toBe(text)
	})

	it.each([
		'A cat (x-post from r/pics)',
		'A cat (crossposted to /r/pics)',
		'A cat x-post r/pics',
		'A cat [X-Post from /r/Pics]',
		'A cat https://www.reddit.com/r/pics/comments/abc',
		'A cat /r/pics+funny',
	])('takes out what gives the label away: %j', (title) => {
		expect(normalizeTitle(title)).not.toMatch(/pics|post|reddit/)
		expect(normalizeTitle(title)).toMatch(/^a cat/)
	})

	it('leaves words alone that only look like a mention', () => {
		expect(normalizeTitle('Either/r or car/ride')).toBe('either / r or car / ride')
		expect(normalizeTitle('my blog post and the mailbox post')).toBe(
			'my blog post and the mailbox post',
		)
	})

	it('makes of plain ASCII, which has a shorter way, what it makes of it among other characters', () => {
		const plain = fc.array(
			fc.oneof(
				fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
				fc.constantFrom(
					"don't",
					"rock 'n' roll",
					"5'10",
					'???',
					'x-post from r/pics',
					'/r/pics',
					'`',
				),
				fc.constantFrom('&amp;', '&#39;', '&#96;', '__label__pics', 'A'.repeat(200)),
			),
			{ maxLength: 12 },
		)
		fc.assert(
			fc.property(plain, (parts) => {
				const title = parts.join(' ')
				// An invisible character is taken out, and leads the long way.
				expect(normalizeTitle(title)).toBe(normalizeTitle(`${title}\u200b`))
			}),
			{ numRuns: 1000 },
		)
	})

	it('gives tokens that are parted by single spaces, in lower case', () => {
		fc.assert(
			fc.property(anyTitle, (title) => {
				const text = normalizeTitle(title)
				expect(text).toBe(text.split(/\s+/u).filter(Boolean).join(' '))
				// biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left, that's the point
				expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/u)
			}),
			{ numRuns: 500 },
		)
	})

	it('never gives a token that fastText reads as a label or as the end of a line', () => {
		fc.assert(
			fc.property(anyTitle, (title) => {
				for (const token of normalizeTitle(title).split(' ')) {
					expect(token.startsWith('__label__')).toBe(false)
					expect(token).not.toBe('</s>')
				}
			}),
			{ numRuns: 500 },
		)
	})

	it('leaves its own answer as it is, unless parting the marks made it longer than a title may be', () => {
		fc.assert(
			fc.property(anyTitle, (title) => {
				const text = normalizeTitle(title)
				fc.pre(text.length <= MAX_TITLE_CHARACTERS)
				expect(normalizeTitle(text)).toBe(text)
			}),
			{ numRuns: 500 },
		)
		// 300 marks become 300 tokens and 299 spaces: asked again, it cuts again.
		const marks = normalizeTitle('!?'.repeat(150))
		expect(normalizeTitle(marks).length).toBeLessThan(marks.length)
	})

	it('bounds its answer however long the title is', () => {
		fc.assert(
			fc.property(anyTitle, fc.integer({ min: 1, max: 2_000 }), (title, times) => {
				const text = normalizeTitle(title.repeat(times).slice(0, 200_000))
				const tokens = text === '' ? [] : text.split(' ')
				expect(tokens.join('').length).toBeLessThanOrEqual(2 * MAX_TITLE_CHARACTERS)
			}),
			{ numRuns: 100 },
		)
		expect(normalizeTitle('a '.repeat(2_500_000)).length).toBeLessThan(2 * MAX_TITLE_CHARACTERS)
	})
})
