// The pieces that several contracts share.
import * as v from 'valibot'

/** A SHA-256 digest in lower-case hexadecimal. */
export const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hex'))

/** An instant in UTC, as `Date.prototype.toISOString` writes it. */
export const Instant = v.pipe(
	v.string(),
	v.regex(
		/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/,
		'expected an instant like 2013-06-01T00:00:00Z',
	),
	v.check(isInstant, 'expected an instant that exists'),
)

// Date.parse takes 30 February for 2 March.
function isInstant(text: string): boolean {
	const date = new Date(text)
	return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === text.slice(0, 19)
}

/** A share, a probability or a score between 0 and 1; NaN is refused. */
export const UnitInterval = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(1))

/**
 * A list of numbers within bounds; NaN is refused. Looked through at once: a schema for each number takes a browser that has just
 * started 25 ms for 14,000 of them.
 */
export function Numbers(
	{ least, most }: { readonly least: number; readonly most: number },
	mostNumbers: number,
) {
	return v.custom<number[]>(
		(input) =>
			Array.isArray(input) &&
			input.length > 0 &&
			input.length <= mostNumbers &&
			input.every((number) => typeof number === 'number' && number >= least && number <= most),
		`expected 1 to ${mostNumbers} numbers from ${least} to ${most}`,
	)
}

export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A release's version: a day that exists, in UTC, and a counter, as in `20200602.0`. */
export const ReleaseVersion = v.pipe(
	v.string(),
	v.regex(/^\d{8}\.\d{1,6}$/, 'expected a version like 20200602.0'),
	v.check((text) => isDay(text.slice(0, 8)), 'expected the version of a day that exists'),
)
export type ReleaseVersion = v.InferOutput<typeof ReleaseVersion>

function isDay(digits: string): boolean {
	return isInstant(`${digits.replace(/^(....)(..)/, '$1-$2-')}T00:00:00Z`)
}

/** A subreddit's name without `r/`. User profiles (`u_name`) are posts' homes too, hence the length. */
export const SubredditName = v.pipe(
	v.string(),
	v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{1,49}$/, 'expected the name of a subreddit, without r/'),
)

/** The name of a file inside a release's folder: no path can leave it. */
export const FileName = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected a plain file name'),
)

/** Parameters of a step, as they are recorded. */
export const Parameters = v.record(
	v.string(),
	v.union([v.string(), v.pipe(v.number(), v.finite()), v.boolean(), v.null()]),
)
export type Parameters = v.InferOutput<typeof Parameters>
