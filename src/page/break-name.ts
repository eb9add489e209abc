// Where the name of a subreddit may be broken into lines. Pure.

/** With `r/`: such a name fits wherever a name stands. */
const FITS = 13
/** A name that can't be broken at a word is halved, if it is longer than a phone's row has room for. */
const LONG = 16
/** So is a part of a name that has several. */
const LONG_PART = 20
/** A syllable as far as letters tell: the next one begins with one consonant and a vowel. */
const SYLLABLE_END = /[aeiouy][b-df-hj-np-tv-xz]{0,2}(?=[b-df-hj-np-tv-xz][aeiouy])/g
/** So far from the middle a half would be too long. */
const FAR = 4
/** What capitals, underscores and digits tell: `Last|War`, `AITA|Sims`, `War_|Mobile`, `destiny2|builds`, `Mobpsycho|100`. */
const EDGES =
	/(?<=[^/][a-z\d])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})|(?<=_)(?=[^_])|(?<=[a-z]\d+)(?=[a-z]{3})|(?<=[a-z]{3})(?=\d{2})/
/** Words that many names end with. */
const ENDING =
	/(?<=.{5})(advice|beginners|books|building|canada|cats|club|collecting|cooking|craft|culture|deals|design|dogs|engineering|exchange|fashion|finance|fishing|fitness|food|games|gaming|gardening|gifs|help|history|ideas|india|learning|marketing|memes|movies|music|painting|parents|photography|plants|politics|programming|questions|recipes|reddit|school|science|stories|suggestions|support|uk|usa|videos|wallpapers|writing)$/i
/** A shorter word stands in a name by chance. */
const LEAST_WORD = 4
/** Fewer letters, or `r/` and fewer, are no line; but the last line may be `uk`. */
const LEAST_LINE = 3

/**
 * The name in parts, each of which may begin a line: `r/LastWar_Mobile` as `r/Last`, `War_`, `Mobile`.
 *
 * @param words that speak for the subreddit, in lower case: its name may be made of them
 */
export function breakName(name: string, words: readonly string[] = []): string[] {
	if (name.length <= FITS) return [name]
	const parts = name.split(EDGES).flatMap((part) => cutAt(part, findWords(part, words)))
	const most = parts.length > 1 ? LONG_PART : LONG
	return parts.flatMap((part) => (part.length > most ? halve(part) : [part]))
}

/** Where words of a part begin and end. */
function findWords(part: string, words: readonly string[]): number[] {
	const found: number[] = []
	const text = part.toLowerCase()
	for (const word of words) {
		const from = word.length < LEAST_WORD ? -1 : text.indexOf(word)
		if (from === -1) continue
		const end = from + word.length
		found.push(from, text[end] === 's' ? end + 1 : end)
	}
	for (let rest = part, match = ENDING.exec(rest); match; match = ENDING.exec(rest)) {
		found.push(match.index)
		rest = part.slice(0, match.index)
	}
	return found
}

function cutAt(part: string, places: readonly number[]): string[] {
	const pieces: string[] = []
	let from = 0
	for (const place of [...places].sort((a, b) => a - b)) {
		const least = part.startsWith('r/') && from === 0 ? 'r/'.length + LEAST_LINE : LEAST_LINE
		if (place - from < least || part.length - place < 2) continue
		pieces.push(part.slice(from, place))
		from = place
	}
	return [...pieces, part.slice(from)]
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
