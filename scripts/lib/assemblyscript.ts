// Compiles a folder of AssemblyScript, whose entry is `index.ts`, with what it imports from elsewhere, to WebAssembly; each version of the
// sources once.
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, posix, resolve } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'
import { exists, sha256, writeFileAtomic } from './files.ts'

const MODULES = resolve(import.meta.dirname, '../../node_modules')
const CACHE = join(MODULES, '.cache/whichsub')
const FLAGS = ['-O3', '--noAssert', '--runtime=stub']
const IMPORTED = / from '(\.[^']+)'/g

/**
 * @param more flags of the compiler beside ours
 * @returns the path of the compiled file
 * @throws AppError `bad-data` where the sources do not compile
 */
export async function compileAssemblyScript(
	folder: string,
	more: readonly string[] = [],
): Promise<string> {
	const flags = [...FLAGS, ...more]
	const sources = await readKernels(folder)
	const hash = sha256(JSON.stringify([await compilerVersion(), flags, [...sources]]))
	const path = join(CACHE, `${basename(folder)}-${hash.slice(0, 16)}.wasm`)
	if (!(await exists(path))) await writeFileAtomic(path, await compile(sources, flags))
	return path
}

async function compilerVersion(): Promise<string> {
	const text = await readFile(join(MODULES, 'assemblyscript/package.json'), 'utf8')
	return (JSON.parse(text) as { version: string }).version
}

/** The text of each TypeScript file of a folder, by its name. */
export async function readSources(folder: string): Promise<Map<string, string>> {
	const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort()
	const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
	return new Map(names.map((name, index) => [name, texts[index] ?? '']))
}

/** The sources of a folder by their paths from it: its own, and what these import from elsewhere. */
export async function readKernels(folder: string): Promise<Map<string, string>> {
	const sources = await readSources(folder)
	// A map goes on with what is added meanwhile.
	for (const [name, text] of sources)
		for (const [, path = ''] of text.matchAll(IMPORTED)) {
			const imported = `${posix.join(posix.dirname(name), path)}.ts`
			if (!sources.has(imported))
				sources.set(imported, await readFile(join(folder, imported), 'utf8'))
		}
	return sources
}

async function compile(
	sources: ReadonlyMap<string, string>,
	flags: readonly string[],
): Promise<Uint8Array> {
	const asc = await import('assemblyscript/asc')
	const said = asc.createMemoryStream()
	let wasm: Uint8Array | null = null
	const { error } = await asc.main(['index.ts', '--outFile', 'index.wasm', ...flags], {
		stdout: said,
		stderr: said,
		readFile: (name) => sources.get(posix.normalize(name)) ?? null,
		writeFile: (_name, contents) => {
			if (typeof contents !== 'string') wasm = contents
		},
		listFiles: () => [],
	})
	if (error || !wasm)
		throw new AppError('bad-data', `AssemblyScript does not compile: ${said.toString()}`, error)
	return wasm
}
