import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { benchQuality } from '../../../scripts/bench/quality.ts'
import { sha256 } from '../../../scripts/lib/files.ts'
import { type AnyExecution, executionName } from '../../../scripts/lib/pipeline/execution-schema.ts'
import { MANIFEST_FILE } from '../../../src/shared/releases.ts'
import { makeCorpus, TOPICS } from '../../fixtures/corpus.ts'
import { type TestEffects, testEffects } from '../../fixtures/effects.ts'
import { makeModelFile } from '../../fixtures/model-file.ts'
import { makeRecord } from '../../fixtures/record.ts'
import { writeRelease, writeReleases } from '../../fixtures/release.ts'

const VERSION = '20130702.0'
const MAY = Date.UTC(2013, 4) / 1000
const JUNE = Date.UTC(2013, 5) / 1000
const JULY = Date.UTC(2013, 6) / 1000

/** A release that has learnt posts until June 2013. */
async function withRelease(): Promise<TestEffects> {
	const effects = await testEffects()
	const model = makeModelFile({ topics: TOPICS })
	const listed = await writeRelease(effects.modelsDir, { version: VERSION, model, labels: 8 })
	await writeReleases(effects.modelsDir, [listed], { production: VERSION })
	return effects
}

/** The same that has learnt June, too, with the figures of a twin that another machine has. */
async function withTwin(): Promise<TestEffects> {
	const effects = await withRelease()
	const recordsDir = join(effects.dataDir, '../records')
	await mkdir(recordsDir, { recursive: true })
	const write = (record: AnyExecution) => {
		const { folder: _, ...shared } = record
		return writeFile(join(recordsDir, `${executionName(record)}.json`), JSON.stringify(shared))
	}
	const quantizing = makeRecord({ id: 7, step: 'quantize', output: output('quantized') })
	const model = { ...output('quantized'), execution: executionName(quantizing), files: [] }
	const evaluation = makeRecord({
		id: 8,
		step: 'evaluate',
		output: output('evaluation'),
		inputs: { model },
	})
	await write(quantizing)
	await write(evaluation)
	await rewriteManifest(effects, (manifest) => ({
		...manifest,
		data: { ...manifest.data, until: new Date(JULY * 1000).toISOString() },
		twin: {
			execution: executionName(evaluation),
			snapshot: sha256('snapshot'),
			trainedUntil: manifest.data.until,
		},
	}))
	return { ...effects, recordsDir }
}

function output<Kind extends 'quantized' | 'evaluation'>(kind: Kind) {
	return { kind, name: kind, sha256: sha256(kind) }
}

type RawManifest = Record<string, unknown> & { readonly data: { readonly until: string } }

async function rewriteManifest(
	{ modelsDir }: TestEffects,
	change: (manifest: RawManifest) => object,
): Promise<void> {
	const path = join(modelsDir, VERSION, MANIFEST_FILE)
	const text = JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as RawManifest))
	await writeFile(path, text)
	const manifest = { bytes: Buffer.byteLength(text), sha256: sha256(text) }
	await writeReleases(modelsDir, [{ version: VERSION, manifest }], { production: VERSION })
}

async function measure(effects: TestEffects, from: number, until: number) {
	const posts = join(effects.modelsDir, '..', 'posts.ndjson')
	const lines = makeCorpus({ postsPerSubreddit: 40, from, until }).map((post) =>
		JSON.stringify(post),
	)
	await writeFile(posts, `${lines.join('\n')}\n`)
	const found = await benchQuality(effects, { posts: [posts], data: effects })
	if (!('text' in found)) throw new Error('no table')
	return found
}

describe('benchQuality', () => {
	it('measures a release on posts that it has not learnt', async () => {
		const { text, figures } = await measure(await withRelease(), JUNE, JULY)
		expect(text).toContain(`${VERSION}: measured itself; trained until 2013-06-01`)
		const whole = figures.find(({ name, unit }) => name === 'whole titles' && unit === 'recall@5')
		expect(whole?.value).toBeGreaterThan(0.5)
		for (const name of ['the first two words', 'the most telling word alone', 'words known: all'])
			expect(figures.map((figure) => figure.name)).toContain(name)
		expect(figures.map(({ value }) => value).every(Number.isFinite)).toBe(true)
	})

	it('shows no figure on posts that a release has learnt', async () => {
		const { text, figures } = await measure(await withRelease(), MAY, JULY)
		expect(text).toMatch(/20130702\.0: not measured: .* has learnt posts until 2013-06-01/)
		expect(text).toMatch(/whole titles: recall@5 +–/)
		expect(figures.map(({ name }) => name)).not.toContain('whole titles')
		expect(figures.map(({ unit }) => unit)).not.toContain('p@1 claimed')
		expect(text).toContain(`sixty titles by ${VERSION} itself`)
	})

	it('measures a release itself on posts of after all that it has learnt, twin or not', async () => {
		const { text } = await measure(await withTwin(), JULY, JULY + JULY - JUNE)
		expect(text).toContain(`${VERSION}: measured itself; trained until 2013-07-01`)
		expect(text).toMatch(/whole titles: recall@5 +0\.\d{3}/)
	})

	it('has the published figures of a release whose twin is not here', async () => {
		const effects = await withTwin()
		const { text, figures } = await measure(effects, JUNE, JULY)
		expect(text).toMatch(
			/not measured: .*--make-twins makes it again; of whole titles, the figures/,
		)
		expect(text).toMatch(/whole titles: recall@5 +0\.570/)
		expect(figures.map(({ name }) => name)).not.toContain('the first two words')
	})
})
