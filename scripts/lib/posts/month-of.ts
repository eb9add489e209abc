// The month of a time, in UTC.

/** Unix seconds → as in `2013-06`. */
export function monthOf(seconds: number): string {
	return new Date(seconds * 1000).toISOString().slice(0, 7)
}

/** @param month as {@link monthOf} gives it @returns Unix seconds */
export function startOfMonth(month: string): number {
	return Date.parse(`${month}-01T00:00:00Z`) / 1000
}

/** When the next one begins. */
export function endOfMonth(month: string): number {
	const date = new Date(startOfMonth(month) * 1000)
	return date.setUTCMonth(date.getUTCMonth() + 1) / 1000
}
