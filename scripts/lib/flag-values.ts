// What the text of a flag or an argument becomes: a schema reads each, that of a step's parameter or one of these, and complains in
// one way.
import { InvalidArgumentError } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { count, day, share, wholeNumber } from './parameter-parts.ts'

/** @throws InvalidArgumentError with what the schema expected */
export function readAs<Schema extends v.GenericSchema>(
	schema: Schema,
): (text: string) => v.InferOutput<Schema> {
	return (text) => {
		const result = v.safeParse(schema, isNumber(schema, text) ? Number(text) : text)
		if (result.success) return result.output
		const [{ message }] = result.issues
		throw new InvalidArgumentError(`${message.charAt(0).toUpperCase()}${message.slice(1)}.`)
	}
}

/** The same of one that takes several values. */
export function readEachAs<Schema extends v.GenericSchema>(schema: Schema) {
	const read = readAs(schema)
	return (text: string, before: readonly v.InferOutput<Schema>[] = []) => [...before, read(text)]
}

export const asDate = readAs(day())
export const asCount = readAs(count())
export const asShare = readAs(share())
export const asCountOrNone = readAs(wholeNumber([0, Number.MAX_SAFE_INTEGER]))
export const asWholeNumber = readAs(v.pipe(v.number('expected a whole number'), v.safeInteger()))
const POSITIVE = 'expected a number above 0'
export const asPositiveNumber = readAs(
	v.pipe(v.number(POSITIVE), v.finite(POSITIVE), v.gtValue(0, POSITIVE)),
)
const PORT = 'expected a port from 1 to 65535, or 0 for any free one'
/** A TCP port; 0 asks the system for a free one. */
export const asPort = readAs(
	v.pipe(v.number(PORT), v.integer(PORT), v.minValue(0, PORT), v.maxValue(65_535, PORT)),
)

const NUMBER = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i
const WHOLE_NUMBER = /^-?\d+$/

/** What is no plain number, such as 0x10 or 1e6 for a count, stays a text, which the schema refuses. */
function isNumber(schema: v.GenericSchema, text: string): boolean {
	const { type, pipe = [] } = schema as { type: string; pipe?: readonly { type: string }[] }
	const isWhole = pipe.some((part) => part.type === 'integer' || part.type === 'safe_integer')
	return type === 'number' && (isWhole ? WHOLE_NUMBER : NUMBER).test(text)
}
