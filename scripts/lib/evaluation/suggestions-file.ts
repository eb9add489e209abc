// What a model suggested for each post of a test set, in their order: who compares it need not ask it again. Pure.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Count, SubredditName } from '../../../src/shared/schema-parts.ts'

const Header = v.object({
	schema: v.literal(1),
	posts: Count,
	/** Suggestions name labels by their place here. */
	labels: v.array(SubredditName),
})

/** Stands where there is no suggestion (no word of the title is known), and for a subreddit that is no label. */
export const NO_LABEL = 0xffff_ffff

const NUMBER_BYTES = 4
/** The post's own subreddit, then the suggestions. */
const ROW = 1 + SUGGESTION_COUNT

/** The subreddit and the five suggestions of each post. */
export class SuggestionList {
	readonly labels: readonly string[]
	/** A row a post, of places in `labels` or {@link NO_LABEL}: its subreddit, then the suggestions, best first. */
	readonly places: Uint32Array

	constructor(labels: readonly string[], places: Uint32Array) {
		this.labels = labels
		this.places = places
	}

	get posts(): number {
		return this.places.length / ROW
	}

	/** The subreddit of a post; undefined where the model does not know it. */
	subredditOf(post: number): string | undefined {
		return this.labels[this.places[post * ROW] ?? NO_LABEL]
	}

	/** The suggestions of a post, best first. */
	suggestionsOf(post: number): string[] {
		const places = [...this.places.subarray(post * ROW + 1, (post + 1) * ROW)]
		return places.flatMap((place) => this.labels[place] ?? [])
	}

	/** Where the post's own subreddit stands among its suggestions: 0 for the first one; -1 where it is none of them. */
	rankOf(post: number): number {
		const right = this.places[post * ROW]
		if (right === NO_LABEL) return -1
		return this.places.subarray(post * ROW + 1, (post + 1) * ROW).indexOf(right ?? NO_LABEL)
	}
}

/** Collects what {@link SuggestionList} holds. */
export class SuggestionRecorder {
	readonly #labels: readonly string[]
	readonly #placeOf: ReadonlyMap<string, number>
	readonly #places: number[] = []

	/** @param labels those of the model */
	constructor(labels: readonly string[]) {
		this.#labels = labels
		this.#placeOf = new Map(labels.map((label, place) => [label, place]))
	}

	/** @param subreddit the post's own */
	add(subreddit: string, suggestions: readonly { readonly subreddit: string }[]): void {
		this.#addPlace(subreddit)
		for (let rank = 0; rank < SUGGESTION_COUNT; rank += 1)
			this.#addPlace(suggestions[rank]?.subreddit)
	}

	finish(): SuggestionList {
		return new SuggestionList(this.#labels, Uint32Array.from(this.#places))
	}

	#addPlace(label: string | undefined): void {
		this.#places.push((label === undefined ? undefined : this.#placeOf.get(label)) ?? NO_LABEL)
	}
}

/** A line of JSON, then the rows as numbers of 32 bits, little endian. */
export function packSuggestions({ labels, posts, places }: SuggestionList): Uint8Array {
	const header = Buffer.from(`${JSON.stringify({ schema: 1, posts, labels })}\n`)
	const body = Buffer.alloc(places.length * NUMBER_BYTES)
	for (const [index, place] of places.entries()) body.writeUInt32LE(place, index * NUMBER_BYTES)
	return Buffer.concat([header, body])
}

/** @throws AppError `bad-data` for bytes that {@link packSuggestions} did not write */
export function parseSuggestions(bytes: Buffer, what: string): SuggestionList {
	const end = Math.max(bytes.indexOf('\n'), 0)
	const { posts, labels } = parseJsonWith(Header, bytes.toString('utf8', 0, end), what)
	const body = bytes.subarray(end + 1)
	if (body.length !== posts * ROW * NUMBER_BYTES)
		throw new AppError('bad-data', `${what}: ${body.length} bytes for ${posts} posts`)
	const places = Uint32Array.from({ length: posts * ROW }, (_, index) =>
		body.readUInt32LE(index * NUMBER_BYTES),
	)
	return new SuggestionList(labels, places)
}
