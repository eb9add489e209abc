// From a title as people write it to the text that the model reads: one function for training, evaluation and page.

/**
 * Goes up whenever {@link normalizeTitle} may give another text for some title. The manifest carries the version that a
 * model was trained with, and a page refuses one that it does not know.
 */
export const NORMALIZER_VERSION = 1

/** Reddit's own limit for a title, in code points. */
export const MAX_TITLE_CHARACTERS = 300

// Five megabytes on the clipboard must not cost more than a title: entities and marks make at most ten units a character.
const MAX_INPUT_LENGTH = MAX_TITLE_CHARACTERS * 10

const ENTITY = /&(?:(amp|lt|gt|quot|apos|nbsp)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi
const NAMED_ENTITIES: Readonly<Record<string, string>> = {
	amp: '&',
	lt: '<',
	gt: '>',
	quot: '"',
	apos: "'",
	nbsp: ' ',
}

// Cs: halves of a pair that a cut left alone. Cf: zero-width characters, direction marks, soft hyphens, tags.
const INVISIBLE = /[\p{Cf}\p{Cs}\p{Co}]|\p{Variation_Selector}/gu
const CONTROL = /\p{Cc}/gu

// "x-post from r/pics", "(cross posted to /r/pics)", "reddit.com/r/pics", "r/pics": each gives a label away.
const CROSSPOST =
	/\b(?:x|cross)[\s-]?(?:post(?:ed|ing)?)\b(?:\s+(?:from|to|in|on|via|with))?(?=\W*r\/)/gu
const MENTION =
	/(?:(?:https?:\/\/)?(?:[a-z]+\.)?reddit\.com\/|(?<![\p{L}\p{N}])\/?)r\/[a-z0-9_+]{2,}(?:\/\S*)?/gu

// A token is a word (with its inner apostrophes), one character of a script that writes no spaces, or a run of one mark.
const TOKEN =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}\p{N}])+(?:'[\p{L}\p{M}]+)*|([^\p{L}\p{M}\p{N}\s])\1*/gu

// Nine of ten English titles have nothing else: for these, what is done for all of Unicode comes out the same and takes longer.
const PLAIN = /^[ -~]*$/
const PLAIN_TOKEN = /[a-z0-9]+(?:'[a-z]+)*|([^a-z0-9 ])\1*/g

/**
 * Makes the text that a model is trained on and asked with: tokens, parted by single spaces.
 *
 * HTML entities are decoded once, the Unicode form is NFKC, case is folded to lower, control and zero-width characters
 * are taken out, and mentions of subreddits too, because they would give the label away. Words keep their inner
 * apostrophes; any other mark is a token of its own, a run of the same mark one character. What is past Reddit's 300
 * characters is cut off.
 *
 * No text that it returns can hold a line break, or be read as a label by fastText (`__label__…`).
 */
export function normalizeTitle(title: string): string {
	const text = decodeEntities(title.slice(0, MAX_INPUT_LENGTH))
	const isPlain = PLAIN.test(text)
	const characters = cutCharacters(isPlain ? foldPlain(text) : fold(text), MAX_TITLE_CHARACTERS)
	const tokens = withoutMentions(characters).match(isPlain ? PLAIN_TOKEN : TOKEN) ?? []
	return tokens.map(shortenRun).join(' ')
}

function fold(text: string): string {
	return text
		.normalize('NFKC')
		.replace(CONTROL, ' ')
		.replace(INVISIBLE, '')
		.toLowerCase()
		.replace(/[’‘ʼ`´]/g, "'")
}

function foldPlain(text: string): string {
	return text.toLowerCase().replaceAll('`', "'")
}

function withoutMentions(text: string): string {
	return text.includes('r/') ? text.replace(CROSSPOST, ' ').replace(MENTION, ' ') : text
}

function decodeEntities(text: string): string {
	if (!text.includes('&')) return text
	return text.replace(ENTITY, (entity, name?: string, decimal?: string, hex?: string) => {
		if (name) return NAMED_ENTITIES[name.toLowerCase()] ?? entity
		const codePoint = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex ?? '', 16)
		return codePoint > 0 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : ' '
	})
}

function cutCharacters(text: string, limit: number): string {
	if (text.length <= limit) return text
	let end = 0
	for (let count = 0; count < limit && end < text.length; count += 1)
		end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
	return text.slice(0, end)
}

function shortenRun(token: string): string {
	if (token.length === 1 || isWord(token)) return token
	return String.fromCodePoint(token.codePointAt(0) ?? 0)
}

/** Whether a token of a normalised title is a word; the others are marks. */
export function isWord(token: string): boolean {
	const first = token.charCodeAt(0)
	return first < 128 ? isPlainWord(first) : /^[\p{L}\p{M}\p{N}]/u.test(token)
}

/** @param code of a character of ASCII */
function isPlainWord(code: number): boolean {
	const letter = code | 32
	return (code >= 48 && code <= 57) || (letter >= 97 && letter <= 122)
}
