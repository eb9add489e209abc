// What one run of a step works with: the parameters file's values, and the flags that stand in for some of them. Pure.

/** Leaves out what was not given. */
export type Given<T> = { readonly [Key in keyof T]?: T[Key] | undefined }

/** A section's values for one run, and the names of those that a flag gave another value than the file. */
export interface ResolvedParameters<Values> {
	readonly values: Values
	readonly overridden: readonly string[]
}

/**
 * @param section values of the parameters file, or of the defaults where it has none
 * @param flags what was given on the command line; undefined is not given
 */
export function resolveParameters<Values extends object>(
	section: Values,
	flags: Given<Values>,
): ResolvedParameters<Values> {
	const given = Object.entries(flags).filter(([, value]) => value !== undefined)
	const before = new Map<string, unknown>(Object.entries(section))
	return {
		values: { ...section, ...Object.fromEntries(given) },
		overridden: given
			.filter(([name, value]) => !isSame(before.get(name), value))
			.map(([name]) => name),
	}
}

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other)
}
