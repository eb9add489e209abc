// What a step makes with given inputs and parameters: had already, brought back from the store, or made now. Nothing else has a step
// do its work.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as v from 'valibot'
import type { Effects } from '../effects.ts'
import { storageError } from '../files.ts'
import { type Claim, claimExecution } from '../pipeline/claim.ts'
import { type Execution, type ExecutionRecord, isDone } from '../pipeline/execution-schema.ts'
import { listAllExecutions, listExecutions } from '../pipeline/executions.ts'
import { codeVersion, measureUse } from '../pipeline/machine.ts'
import type { InputSpecs, Step } from '../pipeline/step.ts'
import { openStore, type Store } from '../store/store.ts'
import { bringBack, hasFiles, isAtHand, keepAgain, readKept } from './kept.ts'
import { keyOf, type StepKey } from './key.ts'
import {
	type Begun,
	describeFailure,
	describeOutcome,
	describeStart,
	type End,
	type StepRun,
	writeRecord,
} from './record-run.ts'

/** What a step made just now. */
export interface Made<Result> {
	readonly execution: Execution
	readonly result: Result
}

export interface MakeOptions extends Place {
	/** Whatever was made before, as by a command that asks for this step alone. */
	readonly fresh?: boolean | undefined
}

/** Where what was made is looked for. */
interface Place {
	/** Keeps what is made, too. The store of this machine is looked into where none is given, and keeps nothing new. */
	readonly store?: Store | undefined
}

/** Runs a step unless the same was made before: with the same inputs, the same decisive parameters, the same code. */
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
	/** Only looks: files that are in a store stay there. */
	readonly dryRun?: boolean
}

/** The newest execution with this key whose files are here, or were in a store; null where there is none. */
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

/** The newest record with this key, of any machine: its figures are here, though its files may not be. */
export async function findRecord(key: string, effects: Effects): Promise<Execution | null> {
	const done = (await listAllExecutions(effects)).filter(isDone)
	return done.findLast((one) => one.key === key) ?? null
}

/**
 * Runs a step, whatever was made before, and records it. Of a step that fails or is stopped the record
 * stays, with what it said last; its files go. So they do where its figures are not finite.
 */
export async function makeFresh<Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
	run: StepRun<Specs, v.InferOutput<Schema>>,
	effects: Effects,
	keyed?: StepKey,
): Promise<Made<Result>> {
	const claim = await claimExecution(effects)
	// Of the start: a file that is edited while a model trains has no part in it.
	const { key, code: digest } = keyed ?? (await keyOf(step, run.inputs, run.parameters as object))
	const code = { ...(await codeVersion()), sha256: digest.sha256 }
	const start = effects.now().toISOString()
	const use = measureUse()
	const begun = { claim, code, key, start, step: step as Step, run: run as Begun['run'] }
	const finish = (end: End): ExecutionRecord => ({
		...describeStart(begun, effects),
		...end,
		used: use(),
	})
	try {
		const { inputs, parameters } = run
		const outcome = await step.work({ inputs, parameters, dir: claim.dir }, effects)
		const record = finish(describeOutcome(begun, outcome))
		const execution = { ...(await writeRecord(record, claim, effects)), folder: `${claim.id}` }
		if (!isDone(execution)) throw new Error('a step that was done has no output')
		return { execution, result: outcome.result }
	} catch (error) {
		const failure = storageError(error, claim.dir)
		await removeFiles(claim)
		// What went wrong is what people must hear, and not that it could not be written down.
		await writeRecord(finish(describeFailure(failure, effects)), claim, effects).catch(() =>
			rm(claim.dir, { recursive: true, force: true }),
		)
		throw failure
	}
}

async function removeFiles({ dir }: Claim): Promise<void> {
	const names = await readdir(dir).catch(() => [])
	for (const name of names) await rm(join(dir, name), { recursive: true, force: true })
}
