import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
	normalizePlain,
	PLAIN_TEXT_BYTES,
} from '../../../../scripts/lib/snapshot/normalize-plain.ts'
import { MAX_TITLE_CHARACTERS, normalizeTitle } from '../../../../src/model/normalize.ts'

const into = Buffer.alloc(PLAIN_TEXT_BYTES)

/** Null for one that is not plain. It stands between other bytes, as in a page of posts. */
function normalize(title: string): string | null {
	const bytes = Buffer.from(`r${title}/a'a`)
	const size = normalizePlain(bytes, 1, bytes.length - 4, into)
	return size < 0 ? null : into.toString('utf8', 0, size)
}

const parts = fc.constantFrom(
	...["'", '`', '"', '!', '!!', '?', '-', '_', ' ', '  ', '/', '&', '&amp;', 'r/', 'R/', '\\'],
	...[
		'a',
		'Z',
		'r',
		'R',
		'0',
		'9',
		"don't",
		"o'",
		"x'5",
		'5th',
		'~',
		'\t',
		'\u007f',
		'é',
		'🙂',
		'[OC]',
	],
)
const title = fc.oneof(
	fc.string({ unit: 'binary-ascii', maxLength: 40 }),
	fc.array(parts, { maxLength: 12 }).map((some) => some.join('')),
	fc.array(parts, { minLength: 100, maxLength: 400 }).map((some) => some.join('')),
)

it('gives what normalizeTitle gives, or leaves the title to it', () => {
	let plain = 0
	fc.assert(
		fc.property(title, (text) => {
			const found = normalize(text)
			if (found === null) return
			plain += 1
			expect(found).toBe(normalizeTitle(text))
		}),
		{ numRuns: 3_000 },
	)
	expect(plain).toBeGreaterThan(500)
})

it.each([
	['Kernel  PANIC!!! on my "Laptop"', 'kernel panic ! on my " laptop "'],
	["Don`t say: rock'n'roll'5 's", "don't say : rock'n'roll ' 5 ' s"],
	['!?'.repeat(MAX_TITLE_CHARACTERS / 2), '! ? '.repeat(MAX_TITLE_CHARACTERS / 2).trim()],
	['', ''],
	['  ', ''],
])('takes %j', (text, normalised) => {
	expect(normalize(text)).toBe(normalised)
	expect(normalizeTitle(text)).toBe(normalised)
})

it.each(['a&amp;b', 'see r/pics', 'see R/pics', 'é', 'a\tb', 'a'.repeat(MAX_TITLE_CHARACTERS + 1)])(
	'leaves %j',
	(text) => {
		expect(normalize(text)).toBeNull()
	},
)
