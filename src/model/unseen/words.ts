// The words that the index of unseen subreddits is searched by: those of the model's normaliser, singular. Pure.
import { isWord } from '../normalize.ts'

/** The distinct search words of a normalised title. */
export function searchWords(normalized: string): string[] {
	return [...new Set(normalized.split(' ').filter(isWord).map(foldWord))]
}

/** A word without possessive and plural endings: a title says "beagles", a description "beagle". */
export function foldWord(word: string): string {
	// Of "'s" alone the letter stays: an empty word would be one that all texts with it share.
	const plain = word.replace(/'s$/, '').replaceAll("'", '') || word.replaceAll("'", '')
	if (plain.length > 4 && plain.endsWith('ies')) return `${plain.slice(0, -3)}y`
	if (plain.length > 4 && /(?:ss|sh|ch|x)es$/.test(plain)) return plain.slice(0, -2)
	if (plain.length > 3 && /[^sui]s$/.test(plain)) return plain.slice(0, -1)
	return plain
}
