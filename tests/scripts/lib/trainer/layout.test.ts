// The records that TypeScript writes and the kernels read: both must see each field at the same place.
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import asc from 'assemblyscript/asc'
import { expect, test } from 'vitest'
import * as layouts from '../../../../scripts/lib/trainer/layout.ts'
import { type Layout, offsetsOf, sizeOf } from '../../../../scripts/lib/trainer/struct.ts'

const KERNELS = resolve('scripts/lib/trainer/kernels')

const RECORDS = [
	{ name: 'Train', file: 'job', layout: layouts.TRAIN },
	{ name: 'Stream', file: 'ngrams', layout: layouts.STREAM },
	{ name: 'NgramCount', file: 'ngrams', layout: layouts.NGRAM_COUNT },
	{ name: 'Encode', file: 'ngrams', layout: layouts.ENCODE },
	{ name: 'Quantize', file: 'quantize', layout: layouts.QUANTIZE },
	{ name: 'Rank', file: 'rank', layout: layouts.RANK },
	{ name: 'WordTable', file: 'tokenize', layout: layouts.WORD_TABLE },
] as const

test('AssemblyScript lays out every record as layout.ts says', async () => {
	const exported = await compileOffsets()
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
	const exported = await compileOffsets()
	expect(exported('Sample_bytes')).toBe(layouts.SAMPLE_FIELDS * 4)
	expect(exported('Word_bytes')).toBe(layouts.WORD_FIELDS * 4)
	expect(exported('constant_LABEL_FROM') >>> 0).toBe(layouts.LABEL_FROM)
	expect(exported('constant_UNKNOWN') >>> 0).toBe(layouts.UNKNOWN)
})

/** Reads the class itself, so that a field that only the kernels have is noticed even where padding hides it. */
async function countFields(name: string): Promise<number> {
	const record = RECORDS.find((candidate) => candidate.name === name)
	const source = await readFile(join(KERNELS, `${record?.file}.ts`), 'utf8')
	const body = source.split(`export class ${name} {`)[1]?.split('\n}')[0] ?? ''
	return body.split('\n').filter((line) => /^\t\w+: \w+$/.test(line)).length
}

async function compileOffsets(): Promise<(name: string) => number> {
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
	const { exports } = new WebAssembly.Instance(await WebAssembly.compile(wasm))
	return (name) => Number((exports[name] as WebAssembly.Global).value)
}

function offsetsSource(): string {
	const imports = [
		...RECORDS.map(({ name, file }) => `import { ${name} } from './${file}'`),
		"import { LABEL_FROM, Sample, UNKNOWN } from './ngrams'",
		"import { Word } from './tokenize'",
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
	]
	return [...imports, ...fields, ...rest].join('\n')
}

async function readKernels(): Promise<Map<string, string>> {
	const names = (await readdir(KERNELS)).filter((name) => name.endsWith('.ts'))
	const texts = await Promise.all(names.map((name) => readFile(join(KERNELS, name), 'utf8')))
	return new Map(names.map((name, index) => [name, texts[index] ?? '']))
}
