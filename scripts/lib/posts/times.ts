// Times as dumps and exports write them: seconds, milliseconds and finer, ISO 8601, BigQuery's, e-mail's, C's.
import { readNumber } from './field-values.ts'

/** 1 June 2005: Reddit's first post is of that month. */
const FIRST_POST = 1_117_584_000
const YEAR_2100 = 4_102_444_800

/** Milliseconds, microseconds (JavaScript, BigQuery) and nanoseconds (pandas) in a second. */
const UNITS = [1e3, 1e6, 1e9]

const ZONE = /\s*(?:Z|UTC|GMT|(?:UTC|GMT)?([+-]\d\d):?(\d\d)?)$/i
const NUMERIC = /^(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[T\s]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?$/i
const NAMED_MONTH = /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b/i
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** Unix seconds, or null where the value is no time at which there can be a post. A time without a zone is in UTC. */
export function readTime(value: unknown): number | null {
	const number = readNumber(value)
	if (number !== null) return fromNumber(number)
	if (typeof value !== 'string' || value.length > 80) return null
	const seconds = fromText(value.trim())
	return seconds !== null && seconds >= FIRST_POST && seconds <= YEAR_2100 ? seconds : null
}

function fromNumber(number: number): number | null {
	if (number <= YEAR_2100) return number >= FIRST_POST ? Math.floor(number) : null
	const seconds = UNITS.map((unit) => Math.floor(number / unit))
	return seconds.find((time) => time >= FIRST_POST && time <= YEAR_2100) ?? null
}

function fromText(text: string): number | null {
	return NAMED_MONTH.test(text) ? fromNamedMonth(text) : fromNumeric(text)
}

/** `2019-08-01T00:00:05.123Z`, `2019-08-01 00:00:05 UTC`, `2019-08-01 02:00:05+02:00`, `2019-08-01`. */
function fromNumeric(text: string): number | null {
	// A date alone ends like a zone.
	const zone = text.includes(':') ? ZONE.exec(text) : null
	const parts = NUMERIC.exec(zone ? text.slice(0, zone.index) : text)
	if (!parts) return null
	const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part ?? 0))
	const clock = { hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0 }
	return fromParts({ year: year ?? 0, month: month ?? 0, day: day ?? 0, ...clock }, offsetOf(zone))
}

/**
 * `Thu, 01 Aug 2019 00:00:05 GMT`, `Thu Aug  1 00:00:05 2019`, `Thu Aug 01 00:00:05 +0000 2019`,
 * `Thu Aug 01 2019 00:00:05 GMT+0000 (Coordinated Universal Time)`, `Aug 1, 2019 12:00:05 AM`.
 */
function fromNamedMonth(text: string): number | null {
	const [clockText = '', hour, minute, second, half] =
		/\b(\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*([ap]m)?\b/i.exec(text) ?? []
	const day = text
		.replace(/\(.*\)$/, '')
		.replace(clockText, ' ')
		.replace(/^\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s/i, ' ')
	const zone = /(?:\s|\b(?:UTC|GMT)\s?)([+-]\d\d):?(\d\d)|\b(?:UTC|GMT|Z)\b/i.exec(day)
	const date = day
		.replace(zone?.[0] ?? '', ' ')
		.replaceAll(',', ' ')
		.trim()
		.split(/[\s-]+/)
	if (date.length !== 3) return null
	const names = date.map((part) => MONTHS.indexOf(part.slice(0, 3).toLowerCase()) + 1)
	const numbers = date.filter((_, at) => names[at] === 0)
	const [first, last] = numbers
	if (numbers.length !== 2 || !/^\d\d?$/.test(first ?? '') || !/^\d{4}$/.test(last ?? ''))
		return null
	const clock = {
		hour: half ? (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour ?? 0),
		minute: Number(minute ?? 0),
		second: Number(second ?? 0),
	}
	const month = Math.max(...names)
	return fromParts({ year: Number(last), month, day: Number(first), ...clock }, offsetOf(zone))
}

interface Parts {
	readonly year: number
	readonly month: number
	readonly day: number
	readonly hour: number
	readonly minute: number
	readonly second: number
}

// Date takes 30 February for 2 March.
function fromParts(
	{ year, month, day, hour, minute, second }: Parts,
	offset: number,
): number | null {
	if (hour > 24 || minute > 59 || second > 60) return null
	const date = new Date(Date.UTC(year, month - 1, day))
	const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
	return exists ? date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset : null
}

/** Seconds that a zone such as `+02:00` is ahead of UTC. */
function offsetOf(zone: RegExpExecArray | null): number {
	const hours = zone?.[1] ?? '+00'
	const seconds = Math.abs(Number(hours)) * 3600 + Number(zone?.[2] ?? 0) * 60
	return hours.startsWith('-') ? -seconds : seconds
}
