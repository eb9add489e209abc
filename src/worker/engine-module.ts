// Starts fastText's WebAssembly core, once, while the model is still downloading.
import wasmUrl from 'fasttext.wasm.js/dist/core/fastText.common.wasm?url'
import type { EngineModule } from '../model/native-engine.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import { fetchFile } from './releases-source.ts'
import { compileWasm, isOutOfMemory, outOfMemory } from './wasm.ts'

type Factory = (options: {
	instantiateWasm(
		imports: WebAssembly.Imports,
		receive: (instance: WebAssembly.Instance) => void,
	): object
	print(): void
	printErr(text: string): void
}) => Promise<EngineModule>

const WHAT = 'the engine'
/** What the core complains of where it gets no more memory; the error that it throws afterwards does not say so. */
const MEMORY_COMPLAINT = /grow the heap|enlarge memory/

let loading: Promise<EngineModule> | null = null
let hasRunOut = false

/** @throws AppError as `compileWasm` */
export function loadEngineModule(): Promise<EngineModule> {
	loading ??= startEngine().catch((error: unknown) => {
		// A rejected promise is not kept: the next call tries again.
		loading = null
		throw error
	})
	return loading
}

/** @param error what the engine threw while it read a model @returns the error to tell of: it may be for want of memory */
export function explainEngineError(error: unknown): unknown {
	return hasRunOut || isOutOfMemory(error) ? outOfMemory('start the model', error) : error
}

async function startEngine(): Promise<EngineModule> {
	const [factory, module] = await Promise.all([importFactory(), compileWasm(wasmUrl, WHAT)])
	return new Promise((resolve, reject) => {
		const fail = (error: unknown) =>
			reject(
				isOutOfMemory(error)
					? outOfMemory(`start ${WHAT}`, error)
					: new Error(`${WHAT} can't be started: ${errorMessage(error)}`, { cause: error }),
			)
		factory({
			instantiateWasm(imports, receive) {
				WebAssembly.instantiate(module, imports).then(receive, fail)
				return {}
			},
			print() {},
			printErr(text) {
				hasRunOut ||= MEMORY_COMPLAINT.test(text)
			},
		}).then(resolve, fail)
	})
}

// The package's own types name globals that do not exist.
async function importFactory(): Promise<Factory> {
	try {
		const { default: factory } = await import('fasttext.wasm.js/dist/core/fastText.common.js')
		return factory as unknown as Factory
	} catch (error) {
		throw await explainImport(error)
	}
}

/** Our own half of the engine, which the page starts without, as it asks released models by the scorer. @throws as the engine */
export async function importNative() {
	try {
		return await import('../model/native-engine.ts')
	} catch (error) {
		throw await explainImport(error)
	}
}

/** A browser does not say why it could not import a script; whether this build is still there tells. */
async function explainImport(error: unknown): Promise<AppError> {
	try {
		// No cache and no service worker has an address with a query.
		const own = new URL(`${import.meta.url}?is-there`)
		await fetchFile(own, 'no-store', new AbortController().signal)
		return new AppError(
			'damaged-page',
			`${WHAT}'s script can't be loaded: ${errorMessage(error)}`,
			error,
		)
	} catch (why) {
		if (why instanceof AppError && why.code !== 'not-found') return why
		return new AppError('outdated', `${WHAT} of this page is gone from the server`, error)
	}
}
