// Ids of posts as numbers: in SQLite they are the number of the row, which takes half of the room that text and its index take.
// Their order is that of the ids as text, in which posts are read everywhere: an id is a fraction in base 37, whose digit 0
// stands where it has ended.

const DIGITS = ' 0123456789abcdefghijklmnopqrstuvwxyz'
const BASE = DIGITS.length
/** Of longer ones a JavaScript number can't hold the key. Reddit's have seven characters, and had four in 2006. */
export const LONGEST_ID = 10
const HALF = LONGEST_ID / 2
const HALF_WORTH = BASE ** HALF
/** Lower than every key. */
export const BEFORE_KEYS = -1

const [SPACE, NINE, BELOW_ZERO, BELOW_A] = [32, 57, 47, 86]

/** @param id of at most ten letters and digits */
export function keyOf(id: string): number {
	return readKey(Buffer.from(id.padEnd(LONGEST_ID)), 0)
}

/** @param start of an id with blanks behind it, as packed posts have it */
export function readKey(bytes: Uint8Array, start: number): number {
	const middle = start + HALF
	return readHalf(bytes, start, middle) * HALF_WORTH + readHalf(bytes, middle, middle + HALF)
}

// Halves are small integers, with which V8 is faster.
function readHalf(bytes: Uint8Array, from: number, end: number): number {
	let half = 0
	for (let at = from; at < end; at += 1) {
		const byte = bytes[at] as number
		const digit = byte === SPACE ? 0 : byte - (byte > NINE ? BELOW_A : BELOW_ZERO)
		half = half * BASE + digit
	}
	return half
}

const places = Array.from({ length: LONGEST_ID }, (_, place) => place)

/** SQL: the key of the id in a column. */
export const keyInSql = (id: string) =>
	places
		.map((place) => {
			const worth = BASE ** (LONGEST_ID - 1 - place)
			return `(instr('${DIGITS}', substr(${id} || '${' '.repeat(LONGEST_ID)}', ${place + 1}, 1)) - 1) * ${worth}`
		})
		.join(' + ')

/** SQL: whether the text in a column is none that has a key. */
export const hasNoKeyInSql = (id: string) =>
	`(length(${id}) NOT BETWEEN 1 AND ${LONGEST_ID} OR ${id} GLOB '*[^0-9a-z]*')`

// Two digits at once, from a list of all pairs: one by one they take SQLite twice as long. Of a BLOB it reaches any byte at once.
const PAIRS = [...DIGITS].flatMap((first) => [...DIGITS].map((second) => first + second)).join('')
const PAIRS_SQL = `x'${Buffer.from(PAIRS).toString('hex')}'`

/** SQL: the id of the key in a column. */
export const idInSql = (key: string) => {
	const pairs = places
		.filter((place) => place % 2 === 1)
		.map((place) => {
			const worth = BASE ** (LONGEST_ID - 1 - place)
			return `substr(${PAIRS_SQL}, ${key} / ${worth} % ${BASE ** 2} * 2 + 1, 2)`
		})
	return `rtrim(${pairs.join(' || ')})`
}
