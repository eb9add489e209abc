// The trainer's kernels: AssemblyScript sources → WebAssembly with SIMD and threads, compiled on first use and cached.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { compileAssemblyScript, readSources } from '../assemblyscript.ts'
import { sha256 } from '../files.ts'

const KERNELS = join(import.meta.dirname, 'kernels')
const FLAGS = [
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
	return WebAssembly.compile(await readFile(await compileAssemblyScript(KERNELS, FLAGS)))
}

/**
 * Of the kernels, their compiler and the TypeScript around them: as long as it is the same, a training is repeated bit by
 * bit.
 */
export async function hashTrainer(): Promise<string> {
	// The name has the digest of the sources, the flags and the compiler.
	const kernels = basename(await compileAssemblyScript(KERNELS, FLAGS))
	return sha256(JSON.stringify([kernels, ...(await readSources(import.meta.dirname))]))
}
