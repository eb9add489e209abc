// What differs between two sets of named values: parameters, inputs, files of code, outputs. It says why a step has to run, and why two
// executions came out differently. Pure.

/** Undefined: it is not there. */
export interface Change<Value> {
	readonly name: string
	readonly before: Value | undefined
	readonly after: Value | undefined
}

/** By name; values are the same where JSON writes them alike. */
export function findChanges<Value>(
	before: Readonly<Record<string, Value>>,
	after: Readonly<Record<string, Value>>,
): Change<Value>[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
	return names
		.map((name) => ({ name, before: before[name], after: after[name] }))
		.filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after))
}
