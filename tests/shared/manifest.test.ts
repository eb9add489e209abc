// Manifests of both schemas; those of the released ones as they lie in the folder of releases.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Manifest } from '../../src/shared/manifest.ts'
import { parseJsonWith, parseWith } from '../../src/shared/parse.ts'
import { MANIFEST_FILE, RELEASES_FILE, Releases } from '../../src/shared/releases.ts'

const MODELS = resolve(import.meta.dirname, '../../public/models')
const read = (...path: readonly string[]) => readFileSync(join(MODELS, ...path), 'utf8')
const { releases } = parseJsonWith(Releases, read(RELEASES_FILE), RELEASES_FILE)
const released = releases.map(({ version }) => JSON.parse(read(version, MANIFEST_FILE)))
const first = released.filter(({ schema }) => schema === 1)

describe('a manifest', () => {
	it.each(first)('of schema 1 is read with its two recipes apart: $version', (old) => {
		const { training, quantizing, executions, ...rest } = parseWith(Manifest, old, 'manifest')
		const { parameters, executions: numbers, ...kept } = old
		expect(rest).toEqual({ ...kept, schema: 2 })
		expect(executions).toEqual(numbers.map(String))
		expect(training.engine).toBe(parameters.engine)
		const joined = Object.entries(quantizing).map(([name, value]) => [`quantize.${name}`, value])
		expect({ ...training, ...Object.fromEntries(joined) }).toEqual(parameters)
	})

	it('of schema 2 is read as it is', () => {
		const manifest = parseWith(Manifest, first[0], 'manifest')
		const named = { ...manifest, executions: ['1-ab12cd', '2-9f3e01'] }
		expect(parseWith(Manifest, named, 'manifest')).toEqual(named)
	})

	it.each([
		['a newer schema', { schema: 3 }, /schema/],
		['no recipe', { schema: 2 }, /training/],
		['a recipe that is no number', { schema: 1, parameters: { dim: [] } }, /parameters\.dim/],
	])('with %s is refused', (_, change, message) => {
		expect(() => parseWith(Manifest, { ...first[0], ...change }, 'manifest')).toThrow(message)
	})
})
