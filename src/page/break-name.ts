// Where the name of a subreddit may be broken into lines. Pure.

/** A part that is longer may not fit beside what else a phone's row has. */
const LONG = 16
/** A syllable as far as letters tell: the next one begins with one consonant and a vowel. */
const SYLLABLE_END = /[aeiouy][b-df-hj-np-tv-xz]{0,2}(?=[b-df-hj-np-tv-xz][aeiouy])/g
/** So far from the middle a half would be too long. */
const FAR = 4

/** @returns the name in parts, each of which may begin a line: `r/LastWar_Mobile` as `r/Last`, `War_`, `Mobile` */
export function breakName(name: string): string[] {
	const parts = name.replace(/[a-z\d](?=[A-Z])|_(?=.)/g, '$& ').split(' ')
	return parts.flatMap((part) => (part.length > LONG ? halve(part) : [part]))
}

/** Behind the syllable that ends nearest to the middle. */
function halve(part: string): string[] {
	const middle = Math.ceil(part.length / 2)
	const off = (at: number) => Math.abs(at - middle)
	const ends = [...part.matchAll(SYLLABLE_END)].map(
		({ 0: syllable, index }) => index + syllable.length,
	)
	const [best = middle] = ends.filter((at) => off(at) <= FAR).sort((a, b) => off(a) - off(b))
	return [part.slice(0, best), part.slice(best)]
}
