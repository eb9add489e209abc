// The month of a time, in UTC.

/** Unix seconds → as in `2013-06`. */
export function monthOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 7)
}
