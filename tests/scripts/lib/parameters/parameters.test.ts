import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
	EDITOR_SCHEMA_FILE,
	formatEditorSchema,
} from '../../../../scripts/lib/parameters/editor-schema.ts'
import { ParametersFile, readParameters } from '../../../../scripts/lib/parameters/parameters.ts'
import { listExecutions } from '../../../../scripts/lib/pipeline/executions.ts'
import { main } from '../../../../scripts/main.ts'
import { fillDatabase } from '../../../fixtures/candidate.ts'
import { type TestEffects, testEffects } from '../../../fixtures/effects.ts'

const ROOT = resolve(import.meta.dirname, '../../../..')
const OWN_FILE = { path: resolve(ROOT, 'whichsub.yaml'), isNamed: false }

async function withFile(text: string): Promise<TestEffects> {
	const effects = await testEffects()
	await writeFile(effects.parametersFile.path, text)
	return effects
}

async function recorded(effects: TestEffects) {
	const execution = (await listExecutions(effects)).at(-1)
	return { parameters: execution?.parameters, overridden: execution?.overridden }
}

async function run(args: readonly string[], effects: TestEffects): Promise<void> {
	if ((await main(args, effects)) !== 0) throw new Error(effects.said.err.join('\n'))
}

describe('whichsub.yaml of this checkout', () => {
	it('is valid', async () => {
		const parameters = await readParameters({ parametersFile: OWN_FILE })
		expect(parameters.groups.politics).toContain('NeutralPolitics')
	})

	it('names subreddits that the release in production can suggest', async () => {
		const { groups } = await readParameters({ parametersFile: OWN_FILE })
		const path = resolve(ROOT, 'public/models/20261124.0/report.json')
		const report = JSON.parse(await readFile(path, 'utf8'))
		const known = report.subreddits.map(({ label }: { label: string }) => label)
		expect(known).toEqual(expect.arrayContaining(Object.values(groups).flat()))
	})

	it('has a JSON Schema that is current and that its first line names', async () => {
		const schema = await readFile(resolve(ROOT, EDITOR_SCHEMA_FILE), 'utf8')
		expect(schema, 'run: npm run parameters-schema').toBe(formatEditorSchema())
		const [first] = (await readFile(OWN_FILE.path, 'utf8')).split('\n')
		expect(first).toBe(`# yaml-language-server: $schema=./${EDITOR_SCHEMA_FILE}`)
	})

	it('explains every name to editors', () => {
		const { properties } = JSON.parse(formatEditorSchema())
		const sections = Object.entries<{ anyOf?: { properties?: object }[] }>(properties)
		const names = sections.flatMap(([section, { anyOf }]) =>
			Object.entries(anyOf?.[0]?.properties ?? {}).map(([name, schema]) => ({
				name: `${section}.${name}`,
				isExplained: JSON.stringify(schema).includes('"description"'),
			})),
		)
		expect(names.length).toBeGreaterThan(40)
		expect(names.filter(({ isExplained }) => !isExplained)).toEqual([])
	})
})

describe('readParameters', () => {
	it('has every default where there is no file, an empty one, or one with comments only', async () => {
		const defaults = v.parse(ParametersFile, {})
		expect(await readParameters(await testEffects())).toEqual(defaults)
		for (const text of ['', '# nothing yet\n', 'train:\ngroups:\n'])
			expect(await readParameters(await withFile(text))).toEqual(defaults)
	})

	it.each([
		[
			'train:\n  dim: 50\n  epoch: 3\n',
			':3: train.epoch is unknown; there are: dim, epochs, learningRate',
		],
		['trian:\n  dim: 50\n', ':1: trian is unknown; there are: snapshot, policy, train, quantize'],
		[
			'# c\ntrain:\n  dim: wide\n',
			':3: train.dim: expected a whole number from 1 to 1024, not "wide"',
		],
		['train:\n  dim: 0\n', ':2: train.dim: expected a whole number from 1 to 1024, not 0'],
		['snapshot:\n  split: odd\n', ':2: snapshot.split: expected ("'],
		['snapshot:\n  until: 2013-02-30\n', ':2: snapshot.until: expected a day that exists'],
		['snapshot:\n  until: June\n', ':2: snapshot.until: expected a date like 2013-06-01'],
		[
			'groups:\n  a:\n    - pics\n    - r/pics\n',
			':4: groups.a.1: expected the name of a subreddit',
		],
		['groups:\n  a: []\n', ':2: groups.a: expected at least one subreddit'],
		['gate:\n  recallMargin: 1\n  recallMargin: 2\n', ':3: Map keys must be unique'],
		['train:\n  dim: [1\n', ':3: '],
		['- train\n', ':1: expected names with values below them'],
		['train: !!js/function "x"\n', ':1: Unresolved tag'],
	])('names line and value of %j', async (text, message) => {
		const effects = await withFile(text)
		await expect(readParameters(effects)).rejects.toThrow(
			`${effects.parametersFile.path}${message}`,
		)
		await expect(readParameters(effects)).rejects.toMatchObject({ code: 'bad-data' })
	})

	it('refuses a file that would fill the memory', async () => {
		const lines = ['a: &a [x, x, x, x, x, x, x, x, x]']
		for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'])
			lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`)
		await expect(readParameters(await withFile(lines.join('\n')))).rejects.toThrow(
			/too many references to one anchor$/,
		)
	})

	it('asks for a file that somebody named', async () => {
		const { parametersFile, ...folders } = await testEffects()
		const named = { ...folders, env: { WHICHSUB_PARAMETERS: parametersFile.path } }
		expect(await main(['snapshot'], named)).toBe(1)
		expect(folders.said.err.at(-1)).toBe(`whichsub: parameters not found: ${parametersFile.path}`)
		const args = ['--parameters', '/nowhere/whichsub.yaml', 'snapshot']
		expect(await main(args, folders)).toBe(1)
		expect(folders.said.err.at(-1)).toBe('whichsub: parameters not found: /nowhere/whichsub.yaml')
	})

	it('finds the file of the checkout from any folder', async () => {
		const { parametersFile: _, ...folders } = await testEffects()
		const before = process.cwd()
		process.chdir('/')
		try {
			await fillDatabase(folders as TestEffects)
			// Its minPosts: 30 leaves the small corpus no label.
			expect(await main(['snapshot', '--until', '2013-06-01'], folders)).toBe(0)
		} finally {
			process.chdir(before)
		}
	})
})

describe('the steps', () => {
	const FILE = `
snapshot: { until: 2013-05-01, testFrom: 2013-05-01, testUntil: 2013-06-01, minPosts: 2, validationShare: 0.1 }
train: { dim: 8, epochs: 2, threads: 1 }
quantize: { maxBytes: 100000, threads: 1 }
`

	async function withPosts(): Promise<TestEffects> {
		const effects = await withFile(FILE)
		await fillDatabase(effects)
		return effects
	}

	it('take their values from the file, and the record says what a flag overrode', async () => {
		const effects = await withPosts()
		await run(['snapshot'], effects)
		const { parameters, overridden } = await recorded(effects)
		expect(parameters).toMatchObject({ minPosts: 2, until: '2013-05-01T00:00:00.000Z' })
		expect(overridden).toEqual([])
		await run(['train', '--epochs', '3', '--dim', '8'], effects)
		expect(await recorded(effects)).toMatchObject({
			parameters: { dim: 8, epochs: 3, minCount: 3 },
			overridden: ['epochs'],
		})
		await run(['quantize', '--max-bytes', '90000'], effects)
		expect(await recorded(effects)).toMatchObject({
			parameters: { maxBytes: 90_000, threads: 1 },
			overridden: ['maxBytes'],
		})
	})

	it('leave out the file’s dates where a flag says which posts to take', async () => {
		const effects = await withPosts()
		await run(['snapshot', '--until', '2013-06-01'], effects)
		expect(await recorded(effects)).toMatchObject({
			parameters: { until: '2013-06-01T00:00:00.000Z', testFrom: null, testUntil: null },
			overridden: ['until'],
		})
		await run(['snapshot', '--split', 'random', '--seed', '2'], effects)
		expect(await recorded(effects)).toMatchObject({
			parameters: { split: 'random', until: null, minPosts: 2, seed: 2 },
			overridden: ['split', 'seed'],
		})
	})
})
