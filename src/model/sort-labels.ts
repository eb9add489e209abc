// The order in which what belongs to a model's labels lists them. Pure.

/** In the order of a prior's weights, and of a table of evidence. */
export function sortLabels(labels: readonly string[]): string[] {
	// By code unit: `localeCompare` differs from machine to machine.
	return [...labels].sort((a, b) => (a < b ? -1 : Number(a > b)))
}
