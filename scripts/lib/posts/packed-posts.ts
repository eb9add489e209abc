// Posts as a single SQL argument: one after the other in columns of fixed width, and each title behind its length. SQLite takes
// half as long to read it as it takes for JSON, and so does writing it here.
import { storableText } from './json-argument.ts'
import { endOfMonth, monthOf, startOfMonth } from './month-of.ts'
import type { DatedPost, KeptPost } from './parse-row.ts'
import { readKey } from './post-keys.ts'

/** Where each column ends. The schema of a post bounds what stands in them. */
const [ID, SUBREDDIT, CREATED, SCORE, OVER_18, RETRIEVED, SIZE] = [13, 63, 73, 90, 91, 101, 106]
/** What is stored takes the room of the id and the name: the key, and behind it the number of the subreddit. */
const [KEY, SUBREDDIT_ID] = [16, 24]
const NAME_BYTES = SUBREDDIT - ID
const TITLE_BYTES = 80
const [SPACE, ZERO, MINUS] = [32, 48, 45]
/** 00 to 99. */
const PAIRS = Buffer.from(
	Array.from({ length: 100 }, (_, pair) => `${pair}`.padStart(2, '0')).join(''),
)

const number = (from: number, end: number) =>
	`cast(substr(?1, at + ${from}, ${end - from}) AS INTEGER)`
const sizeAt = (at: string) =>
	`cast(substr(?1, ${at} + ${RETRIEVED}, ${SIZE - RETRIEVED}) AS INTEGER)`

/** Posts as {@link UNPACK_POSTS} reads them. */
export interface PackedPosts {
	readonly count: number
	readonly bytes: Buffer
}

/** Selects the posts of argument 1, as {@link storePacked} leaves them. */
export const UNPACK_POSTS = `WITH RECURSIVE places (at, size) AS (
		SELECT 1, ${sizeAt('1')} WHERE length(?1) > 0
		UNION ALL SELECT at + ${SIZE} + size, ${sizeAt(`at + ${SIZE} + size`)} FROM places
		WHERE at + ${SIZE} + size < length(?1))
	SELECT ${number(0, KEY)} AS key, ${number(SUBREDDIT, CREATED)} AS created_utc, ${number(KEY, SUBREDDIT_ID)} AS subreddit_id,
	cast(substr(?1, at + ${SIZE}, size) AS TEXT) AS title, ${number(SCORE, OVER_18)} AS over_18,
	nullif(${number(OVER_18, RETRIEVED)}, -1) AS retrieved_utc FROM places`

/** A post as it is packed. */
type PackablePost = KeptPost & Partial<Pick<DatedPost, 'score'>>

export function packPosts(posts: readonly PackablePost[]): Buffer {
	const packer = new PostPacker(posts.length)
	for (const post of posts) packer.add(post)
	return packer.take().bytes
}

/** Packs posts one after the other. */
export class PostPacker {
	#bytes: Buffer
	/** What was taken last: two in turn, because new ones would keep the garbage collector busy. */
	#taken: Buffer = Buffer.alloc(0)
	#size = 0
	#count = 0

	constructor(expected: number) {
		this.#bytes = Buffer.allocUnsafe(expected * (SIZE + TITLE_BYTES))
	}

	get count(): number {
		return this.#count
	}

	/** So many bytes are packed. */
	get size(): number {
		return this.#size
	}

	add(post: PackablePost): void {
		this.#reserve(SIZE + post.title.length * 3)
		this.#size = packPost(this.#bytes, this.#size, post)
		this.#count += 1
	}

	addPacked({ count, bytes }: PackedPosts): void {
		this.#reserve(bytes.length)
		this.#bytes.set(bytes, this.#size)
		this.#size += bytes.length
		this.#count += count
	}

	/** Empties it. What was taken holds until posts are added behind the next time. */
	take(): PackedPosts {
		const [bytes, size, count] = [this.#bytes, this.#size, this.#count]
		this.#bytes = this.#taken
		this.#taken = bytes
		this.#size = 0
		this.#count = 0
		return { count, bytes: bytes.subarray(0, size) }
	}

	#reserve(bytes: number): void {
		const end = this.#size + bytes
		if (end > this.#bytes.length)
			this.#bytes = Buffer.concat([this.#bytes.subarray(0, this.#size)], end * 2)
	}
}

/** Where each packed post begins and ends. */
export function* packedPlaces(bytes: Buffer): Generator<readonly [start: number, end: number]> {
	for (let start = 0; start < bytes.length; ) {
		const end = endOf(bytes, start)
		yield [start, end]
		start = end
	}
}

/**
 * Puts the keys of ids and the numbers of subreddits in their places.
 *
 * @param starts of the posts; all if not given
 * @returns the starts of those whose subreddit has no number yet, which stay as they are
 */
export function storePacked(bytes: Buffer, names: NameTable, starts?: readonly number[]): number[] {
	const left: number[] = []
	let start = starts ? (starts[0] ?? bytes.length) : 0
	for (let place = 1; start < bytes.length; place += 1) {
		const number = names.find(bytes, start + ID)
		if (number === 0) left.push(start)
		else {
			const key = readKey(bytes, start)
			const upper = Math.floor(key / 1e8)
			writeDigits(bytes, upper, start + 8)
			writeDigits(bytes, key - upper * 1e8, start + KEY)
			writeDigits(bytes, number, start + SUBREDDIT_ID)
		}
		start = starts ? (starts[place] ?? bytes.length) : endOf(bytes, start)
	}
	return left
}

/**
 * Numbers of names, found by the bytes of a name: making a string of each would take several times as long. Names lie one after
 * the other as posts have them, with blanks behind them, and places by their hash (the first free one from there).
 */
export class NameTable {
	#count = 0
	#names = new Uint8Array(NAME_BYTES << 8)
	#numbers = new Int32Array(1 << 8)
	/** What a place holds: one more than the name's index; 0 where it is free. Never more than half are taken. */
	#places = new Int32Array(1 << 9)

	add(name: string, number: number): void {
		if (this.#count === this.#numbers.length) this.#grow()
		const from = this.#count * NAME_BYTES
		this.#names.fill(SPACE, from, from + NAME_BYTES)
		this.#names.set(Buffer.from(name, 'latin1'), from)
		this.#numbers[this.#count] = number
		this.#count += 1
		this.#place(this.#count)
	}

	/** @returns 0 where there is no such name */
	find(bytes: Uint8Array, from: number): number {
		const last = this.#places.length - 1
		for (let place = hashName(bytes, from) & last; ; place = (place + 1) & last) {
			const found = this.#places[place] as number
			if (found === 0) return 0
			if (isSameName(this.#names, (found - 1) * NAME_BYTES, bytes, from))
				return this.#numbers[found - 1] as number
		}
	}

	#place(count: number): void {
		const last = this.#places.length - 1
		let place = hashName(this.#names, (count - 1) * NAME_BYTES) & last
		while (this.#places[place] !== 0) place = (place + 1) & last
		this.#places[place] = count
	}

	#grow(): void {
		const [names, numbers] = [this.#names, this.#numbers]
		this.#names = new Uint8Array(names.length * 2)
		this.#names.set(names)
		this.#numbers = new Int32Array(numbers.length * 2)
		this.#numbers.set(numbers)
		this.#places = new Int32Array(this.#places.length * 2)
		for (let count = 1; count <= this.#count; count += 1) this.#place(count)
	}
}

function hashName(bytes: Uint8Array, from: number): number {
	let hash = 0
	for (let at = from; at < from + NAME_BYTES && bytes[at] !== SPACE; at += 1)
		hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
	return hash ^ (hash >>> 15)
}

function isSameName(names: Uint8Array, name: number, bytes: Uint8Array, from: number): boolean {
	for (let at = 0; at < NAME_BYTES; at += 1) {
		const byte = bytes[from + at]
		if (byte !== names[name + at]) return false
		if (byte === SPACE) return true
	}
	return true
}

/** Whether no two posts have the same id. */
export function hasEachOnce({ count, bytes }: PackedPosts): boolean {
	// In most files each post has a higher id than the one before it.
	if (hasRisingIds(bytes)) return true
	const ids = new Set<string>()
	for (const [start] of packedPlaces(bytes)) ids.add(packedId(bytes, start))
	return ids.size === count
}

export function hasRisingIds(bytes: Buffer): boolean {
	let before = -1
	for (let start = 0; start < bytes.length; start = endOf(bytes, start)) {
		if (before >= 0 && !isLower(bytes, before, start)) return false
		before = start
	}
	return true
}

export function unpackPosts({ bytes }: PackedPosts): DatedPost[] {
	return Array.from(packedPlaces(bytes), ([start, end]) => unpackPost(bytes, start, end))
}

function unpackPost(bytes: Buffer, start: number, end: number): DatedPost {
	const number = (from: number, to: number) => readNumber(bytes, start + from, start + to)
	return {
		...readPacked(bytes, start),
		title: bytes.toString('utf8', start + SIZE, end),
		over_18: number(SCORE, OVER_18) === 1,
		retrieved_utc: packedRetrieval(bytes, start),
	}
}

/** How many posts each month has, as in `2013-06`. */
export function countByMonth({ bytes }: PackedPosts): Map<string, number> {
	const counts = new Map<string, number>()
	let [month, from, until] = ['', 0, 0]
	for (let start = 0; start < bytes.length; start = endOf(bytes, start)) {
		const created = readNumber(bytes, start + SUBREDDIT, start + CREATED)
		if (created < from || created >= until) {
			month = monthOf(created)
			from = startOfMonth(month)
			until = endOfMonth(month)
		}
		counts.set(month, (counts.get(month) ?? 0) + 1)
	}
	return counts
}

/** When it was retrieved. */
export function packedRetrieval(bytes: Buffer, start: number): number | null {
	const retrieved = readNumber(bytes, start + OVER_18, start + RETRIEVED)
	return retrieved < 0 ? null : retrieved
}

/** What is chosen by. */
export function readPacked(bytes: Buffer, start: number) {
	return {
		id: packedId(bytes, start),
		subreddit: packedSubreddit(bytes, start),
		created_utc: readNumber(bytes, start + SUBREDDIT, start + CREATED),
		score: readNumber(bytes, start + CREATED, start + SCORE),
	}
}

export function packedId(bytes: Buffer, start: number): string {
	return readName(bytes, start, start + ID)
}

export function packedSubreddit(bytes: Buffer, start: number): string {
	return readName(bytes, start + ID, start + SUBREDDIT)
}

function endOf(bytes: Buffer, start: number): number {
	return start + SIZE + readNumber(bytes, start + RETRIEVED, start + SIZE)
}

/** In the order of their bytes: where one ends, it has blanks, which are lower than what an id has. */
function isLower(bytes: Buffer, first: number, second: number): boolean {
	for (let at = 0; at < ID; at += 1) {
		const difference = (bytes[first + at] as number) - (bytes[second + at] as number)
		if (difference !== 0) return difference < 0
	}
	return false
}

function readName(bytes: Buffer, from: number, to: number): string {
	let end = to
	while (bytes[end - 1] === SPACE) end -= 1
	return bytes.toString('latin1', from, end)
}

function readNumber(bytes: Buffer, from: number, to: number): number {
	let at = from
	while (bytes[at] === SPACE) at += 1
	const isNegative = bytes[at] === MINUS
	if (isNegative) at += 1
	let number = 0
	for (; at < to; at += 1) number = number * 10 + ((bytes[at] as number) - ZERO)
	return isNegative ? -number : number
}

/** @returns where the next one begins */
function packPost(bytes: Buffer, at: number, post: PackablePost): number {
	const start = at + SIZE
	bytes.fill(SPACE, at, start)
	bytes.write(post.id, at, 'latin1')
	bytes.write(post.subreddit, at + ID, 'latin1')
	writeNumber(bytes, post.created_utc, at + CREATED)
	writeNumber(bytes, post.score ?? 0, at + SCORE)
	writeNumber(bytes, post.over_18 ? 1 : 0, at + OVER_18)
	writeNumber(bytes, post.retrieved_utc ?? -1, at + RETRIEVED)
	// Half a surrogate pair becomes U+FFFD here. A NUL would cut the text off where SQLite reads it.
	const title = post.title.includes('\0') ? storableText(post.title) : post.title
	const size = bytes.write(title, start, 'utf8')
	writeNumber(bytes, size, start)
	return start + size
}

/** @param end behind the last digit */
function writeNumber(bytes: Uint8Array, value: number, end: number): void {
	let rest = Math.abs(value)
	let at = end
	do {
		const digit = rest % 10
		at -= 1
		bytes[at] = ZERO + digit
		rest = (rest - digit) / 10
	} while (rest > 0)
	if (value < 0) bytes[at - 1] = MINUS
}

/** Eight digits, two at once. Small integers, with which V8 is faster. */
function writeDigits(bytes: Uint8Array, value: number, end: number): void {
	let rest = value | 0
	for (let at = end - 2; at >= end - 8; at -= 2) {
		const higher = (rest / 100) | 0
		const pair = (rest - higher * 100) * 2
		bytes[at] = PAIRS[pair] as number
		bytes[at + 1] = PAIRS[pair + 1] as number
		rest = higher
	}
}
