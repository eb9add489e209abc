// The trainer's kernels: AssemblyScript sources → WebAssembly with SIMD and threads, compiled on first use and cached.
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { exists, sha256, writeFileAtomic } from '../files.ts'

const KERNELS = resolve(import.meta.dirname, 'kernels')
const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache/whichsub')
const FLAGS = [
	'-O3',
	'--noAssert',
	'--runtime=stub',
	'--enable=simd,threads',
	'--importMemory',
	'--sharedMemory',
	'--initialMemory=16',
	'--maximumMemory=65536',
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
	const sources = await readSources(KERNELS)
	const hash = await hashKernels(sources)
	const path = join(CACHE, `kernels-${hash.slice(0, 16)}.wasm`)
	if (!(await exists(path))) await writeFileAtomic(path, await compileSources(sources))
	return WebAssembly.compile(await readFile(path))
}

/**
 * Of the kernels, their compiler and the TypeScript around them: as long as it is the same, a training is repeated bit by
 * bit.
 */
export async function hashTrainer(): Promise<string> {
	const kernels = await hashKernels(await readSources(KERNELS))
	return sha256(JSON.stringify([kernels, ...(await readSources(import.meta.dirname))]))
}

async function hashKernels(sources: ReadonlyMap<string, string>): Promise<string> {
	const { version } = JSON.parse(
		await readFile(
			resolve(KERNELS, '../../../../node_modules/assemblyscript/package.json'),
			'utf8',
		),
	) as { version: string }
	return sha256(JSON.stringify([version, FLAGS, [...sources]]))
}

async function readSources(folder: string): Promise<Map<string, string>> {
	const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort()
	const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
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
