// The order in which what belongs to a model's labels lists them. Pure.

/** In the order of a prior's weights, and of a table of evidence. */
export function sortLabels(labels: readonly string[]): readonly string[] {
	return sortOnce(labels).sorted
}

/** The place of each label in {@link sortLabels}. */
export function placeLabels(labels: readonly string[]): ReadonlyMap<string, number> {
	return sortOnce(labels).places
}

interface Sorted {
	readonly sorted: readonly string[]
	readonly places: ReadonlyMap<string, number>
}

/** Prior and evidence of a model ask for the same labels. */
const done = new WeakMap<readonly string[], Sorted>()

function sortOnce(labels: readonly string[]): Sorted {
	const before = done.get(labels)
	if (before) return before
	// By code unit: `localeCompare` differs from machine to machine.
	const sorted = labels.toSorted((a, b) => (a < b ? -1 : Number(a > b)))
	const found = { sorted, places: new Map(sorted.map((label, place) => [label, place])) }
	done.set(labels, found)
	return found
}
