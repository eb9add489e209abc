// The flags of a command that parameters have: name, help, check and default are those of the parameters' schema, and stand nowhere else.
import { type Command, Option } from '@commander-js/extra-typings'
import * as v from 'valibot'
import { readAs } from './flag-values.ts'

/** What a command knows of its flags once it was called. */
export interface ParsedCommand {
	getOptionValue(name: string): unknown
	getOptionValueSource(name: string): unknown
}

/** The schemas of parameters by their names, as in `{ minPosts: v.optional(count('…'), 30) }`. */
type Entries = v.ObjectEntries

/** `minPosts` becomes `--min-posts <number>`. @returns the same command */
export function addParameterFlags<Program>(command: Program, entries: Entries): Program {
	const names = Object.keys(entries)
	for (const [name, schema] of Object.entries(entries))
		(command as Command).addOption(createFlag(name, schema as v.GenericSchema, names))
	return command
}

/** What one run of a step works with, and the names of those parameters that a flag gave another value than the parameters file. */
export interface ResolvedParameters<Values> {
	readonly values: Values
	readonly overridden: readonly string[]
}

/** @param section values of the parameters file, or the defaults; flags stand in for some of them */
export function resolveParameters<Values extends object>(
	entries: Entries,
	section: Values,
	command: ParsedCommand,
): ResolvedParameters<Values> {
	const before = new Map<string, unknown>(Object.entries(section))
	const given = Object.keys(entries)
		.filter((name) => isGiven(name, command))
		.map((name) => [name, command.getOptionValue(name)] as const)
	const differs = ([name, value]: readonly [string, unknown]) =>
		JSON.stringify(before.get(name)) !== JSON.stringify(value)
	return {
		values: { ...section, ...Object.fromEntries(given) },
		overridden: given.filter(differs).map(([name]) => name),
	}
}

/** Whether it stands on the command line. */
export function isGiven(name: string, command: ParsedCommand): boolean {
	return command.getOptionValueSource(name) === 'cli'
}

/** A schema, and what it lets be left out. */
interface Inside {
	readonly type: string
	readonly wrapped?: v.GenericSchema & Inside
	readonly default?: unknown
	readonly item?: v.GenericSchema & Inside
	readonly options?: readonly string[]
}

function createFlag(name: string, schema: v.GenericSchema, names: readonly string[]): Option {
	const inner = unwrap(schema as v.GenericSchema & Inside)
	const asHelp = (description = '') => toHelp(description, names)
	const help = asHelp(v.getDescription(inner))
	const { argument, negated } = v.getMetadata(inner) as { argument?: string; negated?: string }
	const flag = toFlag(name)
	const usual = (schema as v.GenericSchema & Inside).default
	if (inner.type === 'boolean')
		return negated ? new Option(`--no-${flag}`, asHelp(negated)) : new Option(`--${flag}`, help)
	const isList = inner.type === 'array'
	const option = new Option(`--${flag} <${argument}${isList ? '...' : ''}>`, help) as Option
	const choices = (isList ? inner.item : inner)?.options
	if (choices) option.choices(choices)
	else option.argParser(readAs(inner))
	// One that is found when it is asked for, as how many cores there are, is another one elsewhere.
	const isShown = usual !== null && !Array.isArray(usual) && typeof usual !== 'function'
	return isShown ? option.default(usual) : option
}

function unwrap(schema: v.GenericSchema & Inside): v.GenericSchema & Inside {
	return schema.wrapped ? unwrap(schema.wrapped) : schema
}

/** `minPosts` → `min-posts`. */
function toFlag(name: string): string {
	return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** As other flags are explained: `Like maxPosts, as a share.` → `like --max-posts, as a share`. */
function toHelp(description: string, names: readonly string[]): string {
	const text = description.replace(/`(\w+)`|\b[a-z]+[A-Z]\w*/g, (found, quoted = found) =>
		names.includes(quoted) ? `--${toFlag(quoted)}` : found,
	)
	return `${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, '')}`
}
