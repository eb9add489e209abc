// Gets ready what asks a model while the model's bytes are on their way, and opens them. Worker.
import type { Engine } from '../model/engine.ts'
import { importNative, loadEngineModule } from './engine-module.ts'
import { loadScorer, prepareScorer } from './scorer.ts'
import { loadKernel } from './unpacker.ts'
import { requireWebAssembly } from './wasm.ts'

/** Finds what asks a model: fastText's engine reads the bytes later, once they are verified; the scorer stands any. */
export type FindEngine = (bytes: Uint8Array) => Promise<() => Engine>

/** A model that is being opened. */
export interface OpeningModel {
	readonly bytes: Uint8Array<ArrayBuffer>
	readonly opening: Promise<() => Engine>
}

/**
 * Compiles in parallel with what is read or downloaded; a failure is handled where the module is awaited.
 *
 * @throws AppError `missing-tool`, `policy` where no WebAssembly runs here
 */
export function startScorer(): void {
	requireWebAssembly()
	loadScorer().catch(() => {})
}

/** The same for what unpacks a download. */
export function startUnpacker(): void {
	loadKernel().catch(() => {})
}

/**
 * Takes the memory for a model's file of so many bytes, which may be on its way.
 *
 * @throws AppError where what asks the model can't be loaded, which is no fault of the model; so does what it returns
 */
export async function prepareEngine(length: number): Promise<FindEngine> {
	const openByScorer = await prepareScorer(length)
	return async (bytes) => {
		const byScorer = openByScorer(bytes)
		if (byScorer) return () => byScorer
		const [{ loadNative }, module] = await Promise.all([importNative(), loadEngineModule()])
		return () => loadNative(module, bytes)
	}
}

/** Opens a model, perhaps while it is verified. @param preparing for as many bytes */
export function openModel(
	bytes: Uint8Array<ArrayBuffer>,
	preparing = prepareEngine(bytes.length),
): OpeningModel {
	const opening = preparing.then((findEngine) => findEngine(bytes))
	// Who awaits it is told of it.
	opening.catch(() => {})
	return { bytes, opening }
}
