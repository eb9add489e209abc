// One label for each subreddit, in whatever case its posts write the name. Pure.

/** The name that the newest list of subreddits has, by the name in lower case. */
export type ListedNames = ReadonlyMap<string, { readonly name: string }>

interface Label {
	readonly place: number
	/** As the newest of its posts writes it. */
	spelling: string
	created: number
}

/** Labels by the order in which their first post came; names are known once all posts are read. */
export class LabelNames {
	readonly #bySpelling = new Map<string, Label>()
	readonly #byKey = new Map<string, Label>()

	/**
	 * @param created of two spellings, the one of the newest post counts; of one second, the one that is added last
	 * @returns the label's place
	 */
	add(spelling: string, created: number): number {
		const label = this.#bySpelling.get(spelling) ?? this.#addSpelling(spelling)
		if (created >= label.created) {
			label.created = created
			label.spelling = spelling
		}
		return label.place
	}

	/** By place: as the newest list writes it, else as its newest post does. */
	names(listed: ListedNames): string[] {
		return [...this.#byKey].map(([key, { spelling }]) => listed.get(key)?.name ?? spelling)
	}

	#addSpelling(spelling: string): Label {
		const key = spelling.toLowerCase()
		const place = this.#byKey.size
		const label = this.#byKey.get(key) ?? { place, spelling, created: Number.NEGATIVE_INFINITY }
		this.#byKey.set(key, label)
		this.#bySpelling.set(spelling, label)
		return label
	}
}
