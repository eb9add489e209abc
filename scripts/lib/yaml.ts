// YAML text becomes a typed value, or an AppError that names the line.
import * as v from 'valibot'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { AppError } from '../../src/shared/app-error.ts'
import { exists, readTextFile } from './files.ts'

/** References to one anchor beyond which a file is taken for one that shall fill the memory. */
const MAX_ALIASES = 100

/** The text that each schema was given last, and its value: parameters and terms are asked for again and again. */
const last = new WeakMap<v.GenericSchema, { readonly text: string; readonly value: unknown }>()

/**
 * Validates YAML text against a schema of strict objects.
 *
 * @param what names the text in errors, as in `whichsub.yaml`
 * @returns for the same text the same value, which nobody changes
 * @throws AppError `bad-data` as in `whichsub.yaml:12: train.epoch is unknown; there are: engine, loss, …`
 */
export function parseYamlWith<Schema extends v.GenericSchema>(
	schema: Schema,
	text: string,
	what: string,
): v.InferOutput<Schema> {
	const known = last.get(schema)
	if (known?.text === text) return known.value as v.InferOutput<Schema>
	const lines = new LineCounter()
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
	const problem = document.errors[0] ?? document.warnings[0]
	if (problem) throw failure(what, lines.linePos(problem.pos[0]).line, problem.message)
	if (document.contents !== null && !isMap(document.contents))
		throw failure(what, 1, 'expected names with values below them, as in "train:"')
	const result = v.safeParse(schema, toValue(document, what), { abortEarly: true })
	if (result.success) {
		last.set(schema, { text, value: result.output })
		return result.output
	}
	const issue = result.issues[0]
	throw failure(what, lineOf(issue, document, lines), describeIssue(issue, schema))
}

/**
 * One section of the parameters file, for a room below the one that knows all sections; every default where there is no file.
 *
 * @throws AppError `bad-data`
 */
export async function readSection<Schema extends v.GenericSchema<object, object>>(
	name: string,
	schema: Schema,
	path: string,
): Promise<v.InferOutput<Schema>> {
	const text = (await exists(path)) ? await readTextFile(path, 'parameters') : '{}'
	const section = v.object({ [name]: v.optional(v.nullish(schema, {}), {}) })
	return parseYamlWith(section, text, path)[name] as v.InferOutput<Schema>
}

function failure(what: string, line: number | null, text: string): AppError {
	return new AppError('bad-data', `${what}${line === null ? '' : `:${line}`}: ${text}`)
}

function toValue(document: Document.Parsed, what: string): unknown {
	try {
		// A file with comments only is one without values.
		return document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {}
	} catch (cause) {
		throw new AppError('bad-data', `${what}: too many references to one anchor`, cause)
	}
}

type Issue = v.BaseIssue<unknown>

function keysOf(issue: Issue): (string | number)[] {
	return (issue.path ?? []).map(({ key }) => key as string | number)
}

/** The line of what an issue is about or, where that is missing, of what it is missing in. */
function lineOf(issue: Issue, document: Document.Parsed, lines: LineCounter): number | null {
	const keys = keysOf(issue)
	for (let length = keys.length; length > 0; length -= 1) {
		const offset = offsetOf(document, keys.slice(0, length))
		if (offset !== null) return lines.linePos(offset).line
	}
	return null
}

/** Where the key of a mapping, or the item of a list, begins. */
function offsetOf(document: Document.Parsed, keys: readonly (string | number)[]): number | null {
	const parent = keys.length === 1 ? document.contents : document.getIn(keys.slice(0, -1), true)
	const last = keys.at(-1)
	if (isMap(parent)) {
		const key = parent.items
			.map((pair) => pair.key)
			.find((key) => isScalar(key) && key.value === last)
		return isScalar(key) ? (key.range?.[0] ?? null) : null
	}
	const item = document.getIn(keys, true)
	return isNode(item) ? (item.range?.[0] ?? null) : null
}

/** Names that a schema of objects admits at a path; none where it admits any. */
function namesAt(schema: v.GenericSchema, keys: readonly (string | number)[]): string[] {
	const { entries } = unwrap(schema)
	const [key, ...rest] = keys
	if (key === undefined) return Object.keys(entries ?? {})
	const inner = entries?.[key]
	return inner ? namesAt(inner, rest) : []
}

interface Inside {
	readonly wrapped?: v.GenericSchema & Inside
	readonly entries?: Readonly<Record<string, v.GenericSchema>>
}

function unwrap(schema: v.GenericSchema & Inside): Inside {
	return schema.wrapped ? unwrap(schema.wrapped) : schema
}

function describeIssue(issue: Issue, schema: v.GenericSchema): string {
	const path = keysOf(issue).join('.')
	if (issue.type === 'strict_object' && issue.expected === 'never') {
		const names = namesAt(schema, keysOf(issue).slice(0, -1))
		return `${path} is unknown; there are: ${names.join(', ')}`
	}
	const problem = issue.message.startsWith('Invalid')
		? `expected ${issue.expected}, not ${issue.received}`
		: `${issue.message}, not ${issue.received}`
	return path === '' ? problem : `${path}: ${problem}`
}
