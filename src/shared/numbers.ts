// Numbers as a person reads them.

/** `0.4212` → `42%`; what would round to nothing or to certainty says so. */
export function formatPercent(share: number): string {
	if (share > 0 && share < 0.01) return '<1%'
	if (share < 1 && share > 0.99) return '>99%'
	return `${Math.round(share * 100)}%`
}

/** `0.4249` → `42.5%`; with two digits after the point, `42.49%`. */
export function formatShare(share: number, digits = 1): string {
	return `${(100 * share).toFixed(digits)}%`
}

/** `-0.0123` → `−0.012`, with a real minus sign; a change that rounds to nothing has no sign. */
export function formatSigned(value: number, digits = 3): string {
	return withSign(value, (size) => size.toFixed(digits))
}

/** The same for any form of the size, as with commas. */
export function withSign(value: number, formatSize: (size: number) => string): string {
	const text = formatSize(Math.abs(value))
	if (Number(text) === 0) return text
	return `${value < 0 ? '−' : '+'}${text}`
}

/** A difference of two shares in points: `0.0123` → `+1.2 points`; a small one keeps its sign: `-0.0004` → `−0.04 points`. */
export function formatPoints(value: number): string {
	const points = 100 * value
	return `${formatSigned(points, Math.abs(points) < 0.1 ? 2 : 1)} points`
}

/** `7234567` → `7.2 MB` (decimal units, as disks and downloads count). */
export function formatBytes(bytes: number): string {
	if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`
	return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** How much of a whole has come, in the whole's unit: `0.9 of 7.2 MB`. */
export function formatBytesOf(part: number, whole: number): string {
	const [total = '', unit] = formatBytes(whole).split(' ')
	const done = unit === 'MB' ? (part / 1_000_000).toFixed(1) : String(Math.round(part / 1000))
	return `${done} of ${total} ${unit}`
}

/** `2034459` → `2,034,459`. */
export function formatCount(count: number): string {
	return count.toLocaleString('en-US')
}

/** An instant in UTC → `1 June 2013`. */
export function formatDay(instant: string): string {
	return new Date(instant).toLocaleDateString('en-GB', {
		day: 'numeric',
		month: 'long',
		year: 'numeric',
		timeZone: 'UTC',
	})
}

/** An instant in UTC → `June 2013`. */
export function formatMonth(instant: string): string {
	const options = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const
	return new Date(instant).toLocaleDateString('en-GB', options)
}

/** A time of the visitor's own clock, in milliseconds since 1970 → `14:32`; a minute that has begun is counted as over. */
export function formatTime(time: number): string {
	return new Date(Math.ceil(time / 60_000) * 60_000).toLocaleTimeString('en-GB', {
		hour: '2-digit',
		minute: '2-digit',
	})
}

/** `1, 'pick'` → `1 pick`; `3, 'pick'` → `3 picks`. */
export function formatPlural(count: number, noun: string): string {
	return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** How many members, as a person says it: `214312` → `214k`, `4312000` → `4.3M`. */
export function formatMembers(members: number): string {
	if (members < 1_000) return String(members)
	const [value, unit] = members < 999_500 ? [members / 1_000, 'k'] : [members / 1_000_000, 'M']
	return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${unit}`
}
