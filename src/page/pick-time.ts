// When a pick was made, by a clock that may be wrong. Pure.

const DAY_MS = 86_400_000
/** Nobody uses a page that is this old, so a clock that says so is wrong. */
const MAX_AGE_MS = 20 * 365 * DAY_MS

/**
 * The instant of a pick. A clock that stands before the day of the release, or decades after it, can't be right: the
 * release's day is taken in its place, because an import refuses what lies in no plausible time.
 *
 * @param release a version, as in `20200602.0`: its digits are a day in UTC
 */
export function timeOfPick(now: number, release: string): string {
	const day = Date.parse(`${release.slice(0, 8).replace(/^(....)(..)/, '$1-$2-')}T00:00:00Z`)
	const isPlausible = now >= day - DAY_MS && now <= day + MAX_AGE_MS
	return new Date(isPlausible ? now : day).toISOString()
}
