// Starts fastText's WebAssembly core, once, while the model is still downloading.
import wasmUrl from 'fasttext.wasm.js/dist/core/fastText.common.wasm?url'
import type { EngineModule } from '../model/engine.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'

type Factory = (options: {
	locateFile(): string
	print(): void
	printErr(): void
}) => Promise<EngineModule>

let loading: Promise<EngineModule> | null = null

/** @throws AppError `network` where the engine's files can't be had */
export function loadEngineModule(): Promise<EngineModule> {
	loading ??= startEngine().catch((error: unknown) => {
		// A rejected promise is not kept: the next call tries again.
		loading = null
		if (error instanceof AppError) throw error
		throw new AppError('network', `the engine can't be started: ${errorMessage(error)}`, error)
	})
	return loading
}

async function startEngine(): Promise<EngineModule> {
	if (!globalThis.WebAssembly)
		throw new AppError(
			'missing-tool',
			"this browser can't run WebAssembly, perhaps because its lockdown mode is on; open this page in another browser",
		)
	const { default: factory } = await import('fasttext.wasm.js/dist/core/fastText.common.js')
	// The package's own types name globals that do not exist.
	return (factory as unknown as Factory)({ locateFile: () => wasmUrl, print() {}, printErr() {} })
}
