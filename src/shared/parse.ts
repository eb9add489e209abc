// Untrusted input becomes a typed value here, or an AppError that names the offending field.
import * as v from 'valibot'
import { AppError } from './app-error.ts'

/**
 * Validates `input` against `schema`.
 *
 * @param what names the input in the error, as in `releases.json` or `picks.jsonl:3`
 * @throws AppError `bad-data`, with the path of the first field that is wrong
 */
export function parseWith<Schema extends v.GenericSchema>(
	schema: Schema,
	input: unknown,
	what: string,
): v.InferOutput<Schema> {
	const result = v.safeParse(schema, input, { abortEarly: true })
	if (result.success) return result.output
	const issue = result.issues[0]
	const path = v.getDotPath(issue)
	throw new AppError('bad-data', `${what}: ${path ? `${path}: ` : ''}${issue.message}`)
}

/** Parses JSON text, then validates it; see {@link parseWith}. */
export function parseJsonWith<Schema extends v.GenericSchema>(
	schema: Schema,
	text: string,
	what: string,
): v.InferOutput<Schema> {
	let json: unknown
	try {
		json = JSON.parse(text)
	} catch (cause) {
		throw new AppError('bad-data', `${what}: not JSON`, cause)
	}
	return parseWith(schema, json, what)
}
