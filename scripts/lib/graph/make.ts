// Gets what a step makes of given inputs and parameters: it is here already, comes back from the store, or is made now. Nothing else
// runs a step.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { storageError } from '../files.ts'
import { type Claim, claimExecution } from '../pipeline/claim.ts'
import { type Execution, isDone } from '../pipeline/execution-schema.ts'
import { listAllExecutions, listExecutions } from '../pipeline/executions.ts'
import type { InputSpecs, Step } from '../pipeline/step.ts'
import { openStore, type Store } from '../store/store.ts'
import { bringBack, hasFiles, isAtHand, keepAgain, readKept } from './kept.ts'
import { keyOf, type StepKey } from './key.ts'
import { beginRecord, type StepRun } from './record-run.ts'

/** The outcome of a step that ran just now. */
export interface Made<Result> {
	readonly execution: Execution
	readonly result: Result
}

export interface MakeOptions extends Place {
	/** Runs the step even if the same was made before. A command for this step alone does so. */
	readonly fresh?: boolean | undefined
}

/** The stores to look into. */
interface Place {
	/** Also keeps what is made. Without one, the store of this machine is looked into, but keeps nothing new. */
	readonly store?: Store | undefined
}

/** Runs a step, unless it ran before with the same inputs, the same decisive parameters and the same code. */
export async function make<Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
	run: StepRun<Specs, v.InferOutput<Schema>>,
	effects: Effects,
	{ fresh = false, store }: MakeOptions = {},
): Promise<Execution> {
	const keyed = await keyOf(step, run.inputs, run.parameters as object)
	const { key } = keyed
	const known = key === null || fresh ? null : await findMade(key, effects, { store })
	if (known) return known
	const { execution } = await makeFresh(step, run, effects, keyed)
	if (store) await keepAgain(execution, store, effects)
	return execution
}

export interface FindOptions extends Place {
	/** Only looks: does not bring files back from the store. */
	readonly dryRun?: boolean
}

/** The newest execution with this key whose files are here or in a store; null if there is none. */
export async function findMade(
	key: string,
	effects: Effects,
	{ store = openStore(effects, null), dryRun = false }: FindOptions = {},
): Promise<Execution | null> {
	const made = (await listExecutions(effects)).filter((one) => one.key === key)
	for (const execution of made.toReversed())
		if (await hasFiles(execution, effects)) return execution
	const kept = await readKept(key, store, effects)
	if (!kept) return null
	if (dryRun) return (await isAtHand(kept, store, effects)) ? kept : null
	return bringBack(kept, store, effects)
}

/** The newest record with this key, from any machine. It has the figures, even if the files are elsewhere. */
export async function findRecord(key: string, effects: Effects): Promise<Execution | null> {
	const done = (await listAllExecutions(effects)).filter(isDone)
	return done.findLast((one) => one.key === key) ?? null
}

/**
 * Runs a step, even if the same was made before, and records it. If it fails, is stopped, or has a figure that is not finite, the record
 * stays, with the last error, and the files are removed.
 */
export async function makeFresh<Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
	run: StepRun<Specs, v.InferOutput<Schema>>,
	effects: Effects,
	keyed?: StepKey,
): Promise<Made<Result>> {
	const claim = await claimExecution(effects)
	// Read at the start: a file that is edited while a model trains is not part of it.
	keyed ??= await keyOf(step, run.inputs, run.parameters as object)
	const begun = { step: step as Step, run: run as StepRun<InputSpecs, object>, claim, keyed }
	const record = await beginRecord(begun, effects)
	try {
		const { inputs, parameters } = run
		const outcome = await step.work({ inputs, parameters, dir: claim.dir }, effects)
		return { execution: await record.done(outcome), result: outcome.result }
	} catch (error) {
		const failure = storageError(error, claim.dir)
		await removeFiles(claim)
		// The step's own error matters more than the failure to record it.
		await record.failed(failure).catch(() => rm(claim.dir, { recursive: true, force: true }))
		throw failure
	}
}

async function removeFiles({ dir }: Claim): Promise<void> {
	const names = await readdir(dir).catch(() => [])
	for (const name of names) await rm(join(dir, name), { recursive: true, force: true })
}
