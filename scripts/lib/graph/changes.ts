// Differences between two sets of named values (parameters, inputs, files of code, outputs). They are the reason why a step has to run,
// or why two executions had different outcomes. Pure.

/** Undefined where one side does not have this name. */
export interface Change<Value> {
	readonly name: string
	readonly before: Value | undefined
	readonly after: Value | undefined
}

/** The differences, by name. Two values are the same if JSON writes them alike. */
export function findChanges<Value>(
	before: Readonly<Record<string, Value>>,
	after: Readonly<Record<string, Value>>,
): Change<Value>[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
	return names
		.map((name) => ({ name, before: before[name], after: after[name] }))
		.filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after))
}
