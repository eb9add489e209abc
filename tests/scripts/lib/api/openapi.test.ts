// The document is held against what the server answers, by a reading of JSON Schema that knows the words which the document uses.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startApi } from '../../../../scripts/lib/api/api.ts'
import { formatOpenApi } from '../../../../scripts/lib/api/openapi.ts'
import { startServer } from '../../../../scripts/lib/server.ts'
import { TOPICS } from '../../../fixtures/corpus.ts'
import { testEffects } from '../../../fixtures/effects.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Schema = { readonly [word: string]: Json }
type Content = Record<string, { schema: { $ref: string } }>

interface Document {
	readonly openapi: string
	readonly paths: {
		readonly '/api/predict': {
			readonly post: {
				readonly requestBody: { readonly content: Content }
				readonly responses: Record<string, { readonly content: Content }>
			}
		}
	}
	readonly components: { readonly schemas: Record<string, Schema> }
}

const isObject = (value: Json): value is { [key: string]: Json } =>
	typeof value === 'object' && value !== null && !Array.isArray(value)

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
	object: isObject,
	array: (value) => Array.isArray(value),
	string: (value) => typeof value === 'string',
	number: (value) => typeof value === 'number',
	integer: (value) => Number.isInteger(value),
	boolean: (value) => typeof value === 'boolean',
	null: (value) => value === null,
}

/** A word: whether a value is as it says. What is not of its type is left to `type`. */
const WORDS: Readonly<Record<string, (value: Json, said: never, schema: Schema) => boolean>> = {
	type: (value, said: string) => TYPES[said]?.(value) ?? false,
	const: (value, said: Json) => value === said,
	enum: (value, said: Json[]) => said.includes(value),
	anyOf: (value, said: Schema[]) => said.some((schema) => fits(value, schema)),
	minimum: (value, said: number) => typeof value !== 'number' || value >= said,
	maximum: (value, said: number) => typeof value !== 'number' || value <= said,
	maxLength: (value, said: number) => typeof value !== 'string' || value.length <= said,
	pattern: (value, said: string) => typeof value !== 'string' || new RegExp(said).test(value),
	minItems: (value, said: number) => !Array.isArray(value) || value.length >= said,
	maxItems: (value, said: number) => !Array.isArray(value) || value.length <= said,
	items: (value, said: Schema) => !Array.isArray(value) || value.every((item) => fits(item, said)),
	required: (value, said: string[]) => !isObject(value) || said.every((name) => name in value),
	properties: (value, said: Record<string, Schema>) =>
		!isObject(value) ||
		Object.entries(said).every(([name, schema]) => {
			const part = value[name]
			return part === undefined || fits(part, schema)
		}),
	additionalProperties: (value, said: boolean, { properties }) =>
		said || !isObject(value) || Object.keys(value).every((name) => name in (properties as object)),
	description: () => true,
}

function fits(value: Json, schema: Schema): boolean {
	return Object.entries(schema).every(([word, said]) => {
		const holds = WORDS[word]
		if (!holds) throw new Error(`the document says ${word}, which this test doesn't know`)
		return holds(value, said as never, schema)
	})
}

async function serve(): Promise<string> {
	const { modelsDir, dataDir } = await testEffects()
	const release = { version: '20130702.0', model: makeModelFile({ topics: TOPICS }), labels: 8 }
	await writeReleases(modelsDir, [await writeRelease(modelsDir, release)], {
		production: '20130702.0',
	})
	await writeFile(join(modelsDir, 'index.html'), '')
	const api = startApi({ modelsDir, dataDir, log: () => {} })
	const server = await startServer({ distDir: modelsDir, modelsDir, port: 0, api: api.handle })
	onTestFinished(async () => {
		await server.close()
		await api.close()
	})
	return server.url
}

describe('GET /api/openapi.json', () => {
	it('describes what is taken and what is answered', async () => {
		const url = await serve()
		const response = await fetch(`${url}api/openapi.json`)
		expect([response.status, response.headers.get('content-type')]).toEqual([
			200,
			'application/json',
		])
		const document = (await response.json()) as Document
		expect(document.openapi).toMatch(/^3\.1\./)
		const { requestBody, responses } = document.paths['/api/predict'].post
		const schemaOf = (content: Content | undefined, type: string) => {
			const name = content?.[type]?.schema.$ref.replace('#/components/schemas/', '') ?? ''
			return document.components.schemas[name] ?? { type: 'nothing' }
		}
		const seen = new Set<number>()
		for (const [body, isTaken] of BODIES) {
			const answer = await fetch(`${url}api/predict`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			})
			expect([body, fits(body, schemaOf(requestBody.content, 'application/json'))]).toEqual([
				body,
				isTaken,
			])
			expect([body, answer.status !== 422]).toEqual([body, isTaken])
			const type = answer.headers.get('content-type') ?? ''
			const said = schemaOf(responses[answer.status]?.content, type)
			const value = (await answer.json()) as Json
			expect([value, fits(value, said)]).toEqual([value, true])
			expect(fits({ ...(value as object), more: 1 } as Json, said)).toBe(false)
			seen.add(answer.status)
		}
		expect([...seen].sort()).toEqual([200, 404, 422])
	})

	it('describes what takes picks where they are taken, with schemas for all that it names', () => {
		const text = formatOpenApi({ collects: true })
		const { paths, components } = JSON.parse(text) as Document
		expect(Object.keys(paths)).toEqual([
			'/api/predict',
			'/api/collect',
			'/api/feedback',
			'/api/feedback/take-back',
			'/api/openapi.json',
		])
		for (const [, name = ''] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
			expect(components.schemas[name]).toBeDefined()
		expect(formatOpenApi({ collects: false })).not.toMatch(/picks/i)
	})

	it('answers HEAD without a body', async () => {
		const response = await fetch(`${await serve()}api/openapi.json`, { method: 'HEAD' })
		expect([response.status, await response.text()]).toEqual([200, ''])
	})
})

const BODIES: readonly (readonly [Json, boolean])[] = [
	[{ titles: ['A kitten', 'Qwfpgj', ''] }, true],
	[{ titles: ['A kitten'], typing: true, release: 'production' }, true],
	[{ titles: ['A kitten'], release: '20130702.0' }, true],
	[{ titles: ['A kitten'], release: '20200101.0' }, true],
	[{ titles: ['A kitten'], release: 'canary' }, true],
	[{ titles: ['A kitten'], release: 'latest' }, false],
	[{ titles: [] }, false],
	[{ titles: ['x'.repeat(3_001)] }, false],
	[{ titles: Array.from({ length: 1_001 }, () => 'A kitten') }, false],
	[{ titles: [1] }, false],
	[{ titles: ['A kitten'], more: 1 }, false],
	[{ typing: true }, false],
	[[], false],
]
