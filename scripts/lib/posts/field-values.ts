// Fields of a row as the values that they stand for. Dumps have JSON's types; CSV files, pandas and BigQuery write text.

/** What programs write where there is no value. */
const NOTHING = new Set([
	'',
	'null',
	'none',
	'nan',
	'na',
	'n/a',
	'#n/a',
	'<na>',
	'nil',
	'undefined',
	'\\n',
])
const NO = new Set(['false', 'f', 'no', 'n', 'off', '0'])
const YES = new Set(['true', 't', 'yes', 'y', 'on', '1'])

/** Whether a field that is no text has no value. */
export function isNothing(value: unknown): boolean {
	if (typeof value === 'string') return value.length <= 9 && NOTHING.has(value.trim().toLowerCase())
	return value === undefined || value === null || Number.isNaN(value)
}

/** Whether a field of text has none. Words that stand for no value elsewhere are ids, names and titles here: `na`, `None`. */
export function isBlank(value: unknown): boolean {
	return typeof value === 'string' ? value.trim() === '' : isNothing(value)
}

/** Whether a field says that something is the case: by yes, or by saying who or why. */
export function isSaid(value: unknown): boolean {
	if (value === undefined || value === null || value === false) return false
	if (typeof value === 'string') return !isNothing(value) && readYesNo(value) !== false
	if (typeof value === 'object') return Object.keys(value).length > 0
	return value === true || (typeof value === 'number' && value !== 0 && !Number.isNaN(value))
}

/** Yes or no; no value is a no. Null where it is neither. */
export function readYesNo(value: unknown): boolean | null {
	if (typeof value === 'boolean') return value
	if (isNothing(value) || value === 0) return false
	if (value === 1) return true
	if (typeof value !== 'string') return null
	const text = value.trim().toLowerCase().replace(/\.0+$/, '')
	return YES.has(text) ? true : NO.has(text) ? false : null
}

/** A number, also from text such as `5`, `5.0` or `1.5e9`; null where it is none. */
export function readNumber(value: unknown): number | null {
	if (typeof value === 'number') return Number.isFinite(value) ? value : null
	if (typeof value !== 'string') return null
	const text = value.trim()
	return /^[+-]?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : null
}
