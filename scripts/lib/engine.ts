// fastText's WebAssembly core in Node: the same engine that the page's worker runs.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import createModule from 'fasttext.wasm.js/dist/core/fastText.node.js'
import type { Engine } from '../../src/model/engine.ts'
import { type EngineModule, loadNative } from '../../src/model/native-engine.ts'

const WASM = createRequire(import.meta.url).resolve('fasttext.wasm.js/dist/core/fastText.node.wasm')

// The package's own types are faulty.
const factory = createModule as unknown as (options: object) => Promise<EngineModule>

/**
 * Loads a model into a module of its own: its memory goes when the engine is no longer held.
 *
 * @param bytes a `.bin` or `.ftz` file; check their digest first, the engine notices no damage
 * @throws AppError `damaged` where fastText refuses them
 */
export async function loadEngine(bytes: Uint8Array): Promise<Engine> {
	const module = await factory({
		wasmBinary: await readFile(WASM),
		locateFile: () => WASM,
		print() {},
		printErr() {},
	})
	return loadNative(module, bytes)
}
