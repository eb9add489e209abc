// What a step makes with given inputs and parameters: had already, brought back from the store, or made now.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type * as v from 'valibot'
import type { Effects } from '../effects.ts'
import type { Execution } from '../pipeline/execution-schema.ts'
import { listExecutions } from '../pipeline/executions.ts'
import { keyOf } from '../pipeline/key.ts'
import { runStep, type StepRun } from '../pipeline/run-step.ts'
import type { InputSpecs, Step } from '../pipeline/step.ts'
import { openStore } from '../store/store.ts'
import { bringBack, filesDir, readStoredRun } from './stored-runs.ts'

/** Runs a step unless the same was made before: with the same inputs, the same decisive parameters, the same code. */
export async function make<Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
	run: StepRun<Specs, v.InferOutput<Schema>>,
	effects: Effects,
): Promise<Execution> {
	const { key } = await keyOf(step, run.inputs, run.parameters as object)
	const known = key === null ? null : await findMade(key, effects)
	return known ?? (await runStep(step, run, effects)).execution
}

/** The newest execution with this key whose files are here, or were in the store of this machine; null where there is none. */
export async function findMade(key: string, effects: Effects): Promise<Execution | null> {
	const made = (await listExecutions(effects)).filter((one) => one.key === key)
	for (const execution of made.toReversed())
		if (await hasFiles(execution, effects)) return execution
	const store = openStore(effects, null)
	const stored = await readStoredRun(key, store)
	return stored && bringBack(stored, store, { verify: false }, effects)
}

/** By their sizes: digests are checked when a file is read. */
async function hasFiles(execution: Execution, effects: Effects): Promise<boolean> {
	const dir = filesDir(execution, execution.folder, effects)
	for (const { name, bytes } of execution.outputs) {
		const found = await stat(join(dir, name)).catch(() => null)
		if (!found?.isFile() || found.size !== bytes) return false
	}
	return true
}
