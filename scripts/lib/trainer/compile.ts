// The trainer's kernels: AssemblyScript sources → WebAssembly with SIMD and threads, compiled on first use and cached.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { exists, writeFileAtomic } from '../files.ts'

const KERNELS = resolve(import.meta.dirname, 'kernels')
const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache/whichsub')
const FLAGS = [
	...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,threads'],
	...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536'],
]

let compiled: Promise<WebAssembly.Module> | null = null

/** The module that every worker instantiates; its one import is `env.memory`. */
export function loadKernels(): Promise<WebAssembly.Module> {
	compiled ??= readOrCompile().catch((error: unknown) => {
		compiled = null
		throw error
	})
	return compiled
}

async function readOrCompile(): Promise<WebAssembly.Module> {
	const { version } = JSON.parse(
		await readFile(
			resolve(KERNELS, '../../../../node_modules/assemblyscript/package.json'),
			'utf8',
		),
	) as { version: string }
	const sources = await readSources()
	const hash = createHash('sha256').update(JSON.stringify([version, FLAGS, [...sources]]))
	const path = join(CACHE, `kernels-${hash.digest('hex').slice(0, 16)}.wasm`)
	if (!(await exists(path))) await writeFileAtomic(path, await compileSources(sources))
	return WebAssembly.compile(await readFile(path))
}

async function readSources(): Promise<Map<string, string>> {
	const names = (await readdir(KERNELS)).filter((name) => name.endsWith('.ts')).sort()
	const texts = await Promise.all(names.map((name) => readFile(join(KERNELS, name), 'utf8')))
	return new Map(names.map((name, index) => [name, texts[index] ?? '']))
}

async function compileSources(sources: ReadonlyMap<string, string>): Promise<Uint8Array> {
	const asc = await import('assemblyscript/asc')
	const said = asc.createMemoryStream()
	let wasm: Uint8Array | null = null
	const { error } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', ...FLAGS], {
		stdout: said,
		stderr: said,
		readFile: (name) => sources.get(name) ?? null,
		writeFile: (_name, contents) => {
			if (typeof contents !== 'string') wasm = contents
		},
		listFiles: () => [],
	})
	if (error || !wasm)
		throw new AppError('bad-data', `the kernels do not compile: ${said.toString()}`, error)
	return wasm
}
