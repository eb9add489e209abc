// Items by what they have in common, in the order in which each key came first. Pure.

export function groupBy<Item>(
	items: readonly Item[],
	keyOf: (item: Item) => string,
): Map<string, Item[]> {
	const groups = new Map<string, Item[]>()
	for (const item of items) {
		const group = groups.get(keyOf(item)) ?? []
		groups.set(keyOf(item), group)
		group.push(item)
	}
	return groups
}
