// The records that TypeScript writes and the kernels read: both must see each field at the same place.
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import asc from 'assemblyscript/asc'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as layouts from '../../../../scripts/lib/trainer/layout.ts'
import { type Layout, offsetsOf, sizeOf } from '../../../../scripts/lib/trainer/struct.ts'
import { ownScratchBytes } from '../../../../scripts/lib/trainer/training-job.ts'
import { CENTROIDS } from '../../../../src/model/fasttext/format.ts'

const KERNELS = resolve('scripts/lib/trainer/kernels')

const RECORDS = [
	{ name: 'Answer', file: 'answer', layout: layouts.ANSWER },
	{ name: 'Train', file: 'job', layout: layouts.TRAIN },
	{ name: 'Stream', file: 'ngrams', layout: layouts.STREAM },
	{ name: 'NgramCount', file: 'ngrams', layout: layouts.NGRAM_COUNT },
	{ name: 'Encode', file: 'ngrams', layout: layouts.ENCODE },
	{ name: 'Quantize', file: 'quantize', layout: layouts.QUANTIZE },
	{ name: 'WordTable', file: 'tokenize', layout: layouts.WORD_TABLE },
	{ name: 'TopLabels', file: 'top-labels', layout: layouts.TOP_LABELS },
] as const

test('AssemblyScript lays out every record as layout.ts says', async () => {
	const exported = readGlobals(await loadOffsets())
	for (const { name, layout } of RECORDS) {
		const offsets = [...offsetsOf(layout)].map(([field, { offset }]) => [field, offset])
		const seen = offsets.map(([field]) => [field, exported(`${name}_${field}`)])
		expect({ name, offsets: seen, bytes: exported(`${name}_bytes`) }).toEqual({
			name,
			offsets,
			bytes: sizeOf(layout),
		})
		expect(await countFields(name), `fields of ${name}`).toBe(Object.keys(layout).length)
	}
})

test('records of plain numbers have as many fields as layout.ts says', async () => {
	const exported = readGlobals(await loadOffsets())
	expect(exported('Sample_bytes')).toBe(layouts.SAMPLE_FIELDS * 4)
	expect(exported('Word_bytes')).toBe(layouts.WORD_FIELDS * 4)
	expect(exported('constant_LABEL_FROM') >>> 0).toBe(layouts.LABEL_FROM)
	expect(exported('constant_UNKNOWN') >>> 0).toBe(layouts.UNKNOWN)
})

test('constants that both sides have are the same', async () => {
	const exported = readGlobals(await loadOffsets())
	expect(exported('constant_GROUP')).toBe(layouts.GROUP)
	expect(exported('constant_CENTROIDS')).toBe(CENTROIDS)
	// In bytes: 4 for a feature, 8 for a feature and its sample.
	expect(exported('constant_AHEAD')).toBeLessThanOrEqual(layouts.LISTED_AHEAD * 4)
	expect(exported('constant_WORK_AHEAD')).toBeLessThanOrEqual(layouts.LISTED_AHEAD * 8)
})

test('the scratch of a worker ends behind its last part, and hardly later', async () => {
	const { workOffset } = await loadOffsets()
	const size = (max: number) => fc.integer({ min: 1, max })
	const sizes = fc.record({
		labels: size(5_000),
		width: size(100).map((panels) => panels * 8),
		stride: size(40).map((panels) => panels * 8),
		panelRows: size(64).map((panels) => panels * 8 + 4),
		ownFeatures: size(20_000),
		batchFeatures: size(40_000),
	})
	fc.assert(
		fc.property(sizes, (given) => {
			const { labels, width, stride, panelRows, ownFeatures, batchFeatures } = given
			const offset = (workOffset as Offset)(labels, width, stride, panelRows, ownFeatures)
			const slack = ownScratchBytes(given) - (offset + batchFeatures * 8)
			expect(slack).toBeGreaterThanOrEqual(0)
			expect(slack).toBeLessThan(256)
		}),
	)
})

type Offset = (
	labels: number,
	width: number,
	dim: number,
	panelRows: number,
	ownFeatures: number,
) => number

/** Reads the class itself, so that a field that only the kernels have is noticed even where padding hides it. */
async function countFields(name: string): Promise<number> {
	const record = RECORDS.find((candidate) => candidate.name === name)
	const source = await readFile(join(KERNELS, `${record?.file}.ts`), 'utf8')
	const body = source.split(`export class ${name} {`)[1]?.split('\n}')[0] ?? ''
	return body.split('\n').filter((line) => /^\t\w+: \w+$/.test(line)).length
}

let offsets: Promise<WebAssembly.Exports> | null = null

/** Once for all tests: the compiler takes a second. */
function loadOffsets(): Promise<WebAssembly.Exports> {
	offsets ??= compileOffsets()
	return offsets
}

async function compileOffsets(): Promise<WebAssembly.Exports> {
	const sources = await readKernels()
	sources.set('offsets.ts', offsetsSource())
	const said = asc.createMemoryStream()
	let wasm: Uint8Array<ArrayBuffer> | null = null
	const { error } = await asc.main(
		['offsets.ts', '--outFile', 'offsets.wasm', '--runtime', 'stub', '--enable', 'simd,threads'],
		{
			stdout: said,
			stderr: said,
			readFile: (name) => sources.get(name) ?? null,
			writeFile: (_name, contents) => {
				if (typeof contents !== 'string') wasm = new Uint8Array(contents)
			},
			listFiles: () => [],
		},
	)
	if (error || !wasm) throw new Error(said.toString())
	return new WebAssembly.Instance(await WebAssembly.compile(wasm)).exports
}

function readGlobals(exports: WebAssembly.Exports): (name: string) => number {
	return (name) => Number((exports[name] as WebAssembly.Global).value)
}

function offsetsSource(): string {
	const imports = [
		...RECORDS.map(({ name, file }) => `import { ${name} } from './${file}'`),
		"import { LABEL_FROM, Sample, UNKNOWN } from './ngrams'",
		"import { Word } from './tokenize'",
		"import { ownWork } from './job'",
		"import { GROUP } from './updates'",
		"import { AHEAD, WORK_AHEAD } from './features'",
		"import { CENTROIDS } from './quantize'",
	]
	const fields = RECORDS.flatMap(({ name, layout }: { name: string; layout: Layout }) => [
		`export const ${name}_bytes: i32 = <i32>offsetof<${name}>()`,
		...Object.keys(layout).map(
			(field) => `export const ${name}_${field}: i32 = <i32>offsetof<${name}>('${field}')`,
		),
	])
	const rest = [
		'export const Sample_bytes: i32 = <i32>offsetof<Sample>()',
		'export const Word_bytes: i32 = <i32>offsetof<Word>()',
		'export const constant_LABEL_FROM: u32 = LABEL_FROM',
		'export const constant_UNKNOWN: u32 = UNKNOWN',
		...['GROUP', 'AHEAD', 'WORK_AHEAD', 'CENTROIDS'].map(
			(name) => `export const constant_${name}: i32 = <i32>${name}`,
		),
		'const place = memory.data(offsetof<Train>())',
		'export function workOffset(labels: u32, width: u32, dim: u32, panelRows: u32, features: u32): usize {',
		'	const job = changetype<Train>(place)',
		'	job.labels = labels',
		'	job.width = width',
		'	job.dim = dim',
		'	job.panelRows = panelRows',
		'	job.ownFeatures = features',
		'	return ownWork(job, 0)',
		'}',
	]
	return [...imports, ...fields, ...rest].join('\n')
}

async function readKernels(): Promise<Map<string, string>> {
	const names = (await readdir(KERNELS)).filter((name) => name.endsWith('.ts'))
	const texts = await Promise.all(names.map((name) => readFile(join(KERNELS, name), 'utf8')))
	return new Map(names.map((name, index) => [name, texts[index] ?? '']))
}
