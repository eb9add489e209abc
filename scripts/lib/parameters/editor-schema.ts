// A JSON Schema of the parameters file, by which editors complete names, show what they mean and mark what is wrong. Pure.
import { toJsonSchema } from '@valibot/to-json-schema'
import { ParametersFile } from './parameters.ts'

/** At the root of the checkout, beside whichsub.yaml. */
export const EDITOR_SCHEMA_FILE = 'whichsub.schema.json'

/** The text of {@link EDITOR_SCHEMA_FILE}. */
export function formatEditorSchema(): string {
	// What JSON Schema can't say (days that exist) is said when the file is read.
	const schema = toJsonSchema(ParametersFile, {
		typeMode: 'input',
		errorMode: 'ignore',
	})
	const titled = { ...schema, title: 'Parameters of whichsub' }
	return `${JSON.stringify(titled, forEditors, 2)}\n`
}

/** Without what flags need to know, and without how many cores this machine has, which is no default of others. */
function forEditors(name: string, value: unknown): unknown {
	if (name === 'argument' || name === 'negated') return undefined
	if (name !== 'threads') return value
	const { default: _, ...schema } = value as { readonly default?: unknown }
	return schema
}
