// Rows as the public dumps have them in three of their years: a hundred fields and some 3 kB each, of random words. Made, so
// that nobody's posts are needed to measure on; the same number gives the same rows.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createRandom } from '../lib/snapshot/random.ts'

const WORDS = 20_000
const SUBREDDITS = 20_000
const FIRST_ID = Number.parseInt('1hq0000', 36)
const FIRST_UTC = Date.UTC(2026, 0) / 1000
const POSTS_A_SECOND = 15
const ROWS_A_BLOCK = 500
/** 200 MB: more than the 128 MB that the packer looks back. */
const DISTINCT_ROWS = 60_000
const TITLE_WORDS = 1_000_000

type Random = ReturnType<typeof createRandom>

/** What words, names and numbers are drawn from. */
class Maker {
	readonly #random: Random
	readonly #words: readonly string[]

	constructor(seed: number) {
		this.#random = createRandom(seed)
		this.#words = Array.from({ length: WORDS }, () => this.#makeWord())
	}

	draw(count: number): number {
		return Math.floor(this.#random() * count)
	}

	/** Some words are common, and most are rare, as in every language. */
	word(): string {
		return this.#words[Math.floor(this.#random() ** 3 * WORDS)] ?? ''
	}

	words(count: number): string {
		return Array.from({ length: count }, () => this.word()).join(' ')
	}

	/** As in addresses and signatures, which don't pack. */
	hash(length: number): string {
		let text = ''
		while (text.length < length) text += this.draw(36 ** 5).toString(36)
		return text.slice(0, length)
	}

	/** A few subreddits are large. */
	subreddit(): number {
		return Math.floor(this.#random() ** 4 * SUBREDDITS)
	}

	#makeWord(): string {
		const letters = 'etaoinshrdlucmfwypvbgkjqxz'
		return Array.from(
			{ length: 2 + this.draw(8) },
			() => letters[Math.floor(this.#random() ** 2 * 26)],
		).join('')
	}
}

/** Fields that say nothing in most rows. */
function flags(names: string): Readonly<Record<string, null | false>> {
	const fields = names.trim().split(/\s+/)
	return Object.fromEntries(fields.map((name, place) => [name, place % 2 === 0 ? null : false]))
}

const SINCE_2018 = flags(`
	approved_at_utc archived author_flair_background_color can_gild can_mod_post category contest_mode distinguished
	hide_score is_crosspostable is_meta is_original_content is_reddit_media_domain is_video link_flair_css_class locked media
	media_only mod_note mod_reason_by mod_reason_title no_follow post_hint pwls quarantine removal_reason report_reasons
	secure_media send_replies spoiler suggested_sort view_count visited whitelist_status wls`)

const SINCE_2025 = flags(`
	author_flair_template_id author_is_blocked author_premium banned_at_utc content_categories discussion_type
	is_created_from_ads_ui link_flair_template_id parent_whitelist_status pinned poll_data removed_by removed_by_category
	top_awarded_type`)

function idOf(index: number): string {
	return (FIRST_ID + index).toString(36)
}

function createdOf(index: number): number {
	return FIRST_UTC + Math.floor(index / POSTS_A_SECOND)
}

/** What every layout has. */
function commonFields(maker: Maker, index: number) {
	const number = maker.subreddit()
	const id = idOf(index)
	const author = maker.hash(9)
	const slug = maker.words(6).replaceAll(' ', '_')
	const subreddit = `made_${number}`
	return {
		approved_by: null,
		author,
		author_flair_css_class: null,
		author_flair_text: maker.draw(5) === 0 ? maker.words(2) : null,
		banned_by: null,
		created_utc: createdOf(index),
		domain: maker.draw(2) === 0 ? `self.${subreddit}` : `${maker.word()}.com`,
		edited: false,
		hidden: false,
		id,
		is_self: maker.draw(2) === 0,
		likes: null,
		link_flair_text: maker.draw(3) === 0 ? maker.words(2) : null,
		name: `t3_${id}`,
		num_comments: maker.draw(80),
		num_reports: null,
		over_18: maker.draw(12) === 0,
		permalink: `/r/${subreddit}/comments/${id}/${slug}/`,
		saved: false,
		score: maker.draw(500),
		stickied: false,
		subreddit,
		subreddit_id: `t5_${number.toString(36)}`,
		thumbnail: `https://b.thumbs.redditmedia.com/${maker.hash(43)}.jpg`,
		title: maker.words(4 + maker.draw(14)),
		ups: maker.draw(500),
		url: `https://i.redd.it/${maker.hash(13)}.jpg`,
	}
}

function layout2012(maker: Maker, index: number): object {
	return {
		...commonFields(maker, index),
		clicked: false,
		downs: maker.draw(100),
		link_flair_css_class: null,
		media: null,
		media_embed: {},
		retrieved_on: FIRST_UTC + 100_000 + index,
		secure_media: null,
		secure_media_embed: {},
		selftext: maker.words(330 + maker.draw(100)),
		selftext_html: null,
	}
}

function layout2018(maker: Maker, index: number): object {
	return {
		...commonFields(maker, index),
		...SINCE_2018,
		author_flair_richtext: [],
		author_fullname: `t2_${maker.hash(8)}`,
		gilded: 0,
		gildings: { gid_1: 0, gid_2: 0, gid_3: 0 },
		media_embed: {},
		preview: preview(maker, 4),
		retrieved_on: FIRST_UTC + 100_000 + index,
		selftext: maker.words(40 + maker.draw(60)),
		subreddit_name_prefixed: 'r/made',
		subreddit_subscribers: maker.draw(1e6),
		subreddit_type: 'public',
	}
}

function layout2025(maker: Maker, index: number): object {
	return {
		...commonFields(maker, index),
		...SINCE_2018,
		...SINCE_2025,
		_meta: { is_edited: false, retrieved_2nd_on: FIRST_UTC + 230_000 + index },
		all_awardings: [],
		author_flair_richtext: [{ e: 'text', t: maker.words(2) }],
		author_flair_type: 'richtext',
		author_fullname: `t2_${maker.hash(10)}`,
		author_patreon_flair: false,
		awarders: [],
		gallery_data: { items: [{ id: maker.draw(1e9), media_id: maker.hash(13) }] },
		gildings: {},
		is_robot_indexable: true,
		link_flair_richtext: [],
		link_flair_type: 'text',
		media_embed: {},
		mod_reports: [],
		preview: preview(maker, 4),
		retrieved_on: FIRST_UTC + 10 + index,
		secure_media_embed: {},
		selftext: maker.words(30 + maker.draw(60)),
		subreddit_name_prefixed: 'r/made',
		subreddit_subscribers: maker.draw(1e6),
		subreddit_type: 'public',
		total_awards_received: 0,
		treatment_tags: [],
		updated_on: FIRST_UTC + 20 + index,
		upvote_ratio: 0.5 + maker.draw(50) / 100,
		user_reports: [],
	}
}

function preview(maker: Maker, sizes: number): object {
	const file = maker.hash(13)
	const picture = (width: number) => ({
		height: Math.round(width * 0.75),
		url: `https://preview.redd.it/${file}.jpg?width=${width}&amp;crop=smart&amp;auto=webp&amp;s=${maker.hash(40)}`,
		width,
	})
	const resolutions = Array.from({ length: sizes }, (_, size) => picture(108 * 2 ** size))
	return {
		enabled: true,
		images: [{ id: maker.hash(43), resolutions, source: picture(1920), variants: {} }],
	}
}

const LAYOUTS = [layout2012, layout2018, layout2025]

export interface WideFile {
	readonly path: string
	/** Unpacked. */
	readonly bytes: number
}

/** A block that was written, and where its rows have what each row has of its own. */
interface Block {
	readonly bytes: Buffer
	readonly places: readonly RowPlaces[]
}

interface RowPlaces {
	readonly ids: readonly number[]
	readonly created: number
	readonly title: number
	readonly titleEnd: number
}

const ID_BYTES = 7
const TIME_BYTES = 10

/** Where a row of ASCII has its id, its time and its title. */
function findPlaces(row: string, start: number): RowPlaces {
	const placeOf = (name: string) => row.indexOf(`"${name}":`) + name.length + 3
	const id = placeOf('id') + 1
	const text = row.slice(id, id + ID_BYTES)
	const ids: number[] = []
	for (let at = row.indexOf(text); at >= 0; at = row.indexOf(text, at + ID_BYTES))
		ids.push(start + at)
	const title = placeOf('title') + 1
	const titleEnd = row.indexOf('"', title)
	return {
		ids,
		created: start + placeOf('created_utc'),
		title: start + title,
		titleEnd: start + titleEnd,
	}
}

function makeBlock(maker: Maker, first: number, rows: number): Block {
	const makeRow = LAYOUTS[(first / ROWS_A_BLOCK) % LAYOUTS.length] ?? layout2025
	const places: RowPlaces[] = []
	let text = ''
	for (let index = first; index < first + rows; index += 1) {
		const row = `${JSON.stringify(makeRow(maker, index))}\n`
		places.push(findPlaces(row, text.length))
		text += row
	}
	return { bytes: Buffer.from(text), places }
}

/** Makes other posts of a block's first rows: their ids, times and titles are new. */
function renewBlock({ bytes, places }: Block, first: number, rows: number, titles: Titles): Buffer {
	for (const [place, { ids, created, title, titleEnd }] of places.slice(0, rows).entries()) {
		const index = first + place
		for (const id of ids) bytes.write(idOf(index), id, 'latin1')
		bytes.write(String(createdOf(index)).padStart(TIME_BYTES), created, 'latin1')
		titles.write(bytes, title, titleEnd)
	}
	const next = places[rows]
	// A copy: the packer may not have read it when it is renewed again.
	return Buffer.from(next ? bytes.subarray(0, bytes.lastIndexOf('\n', next.title) + 1) : bytes)
}

/** Titles cut out of one long text of words. */
class Titles {
	readonly #maker: Maker
	readonly #text: Buffer

	constructor(maker: Maker) {
		this.#maker = maker
		this.#text = Buffer.from(maker.words(TITLE_WORDS))
	}

	write(bytes: Buffer, from: number, end: number): void {
		const at = this.#maker.draw(this.#text.length - (end - from))
		this.#text.copy(bytes, from, at, at + end - from)
	}
}

function* makeBlocks(rows: number): Generator<Buffer> {
	const maker = new Maker(1)
	const made: Block[] = []
	for (let first = 0; first < Math.min(rows, DISTINCT_ROWS); first += ROWS_A_BLOCK) {
		const block = makeBlock(maker, first, Math.min(ROWS_A_BLOCK, rows - first))
		made.push(block)
		yield Buffer.from(block.bytes)
	}
	const titles = new Titles(maker)
	for (let first = DISTINCT_ROWS; first < rows; first += ROWS_A_BLOCK) {
		const block = made[(first % DISTINCT_ROWS) / ROWS_A_BLOCK] as Block
		yield renewBlock(block, first, Math.min(ROWS_A_BLOCK, rows - first), titles)
	}
}

/**
 * Writes a packed file, with each layout by turns. After 60,000 rows only ids, times and titles are new: the rest would take
 * most of the time, and no packer remembers so many rows.
 */
export async function writeWideRows(path: string, rows: number): Promise<WideFile> {
	let bytes = 0
	function* blocks(): Generator<Buffer> {
		for (const block of makeBlocks(rows)) {
			bytes += block.length
			yield block
		}
	}
	const zstd = spawn('zstd', ['-q', '-c', '-3', '--long=27'], {
		stdio: ['pipe', 'pipe', 'inherit'],
	})
	const ended = once(zstd, 'close')
	await Promise.all([
		pipeline(Readable.from(blocks(), { objectMode: false }), zstd.stdin),
		pipeline(zstd.stdout, createWriteStream(path)),
	])
	await ended
	return { path, bytes }
}
