// The engines that `train` and `quantize` can use, by name.
import { nativeTrainer } from './native.ts'
import type { Trainer } from './trainer.ts'
import { wasmTrainer } from './wasm.ts'

const engines: readonly Trainer[] = [wasmTrainer, nativeTrainer]

export const engineNames: readonly string[] = engines.map(({ name }) => name)

export const DEFAULT_ENGINE = wasmTrainer.name

/** @param name one of {@link engineNames}: the command line admits no other */
export function findEngine(name: string): Trainer {
	const engine = engines.find((candidate) => candidate.name === name)
	if (!engine) throw new RangeError(`engine: ${name}; expected one of ${engineNames.join(', ')}`)
	return engine
}
