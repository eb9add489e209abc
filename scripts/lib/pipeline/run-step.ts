// Runs a declared step with a number and a folder of its own, and records it, however it ends.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as v from 'valibot'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { storageError, writeFileAtomic } from '../files.ts'
import { type ArtifactRef, digestFiles } from './artifacts.ts'
import { type Claim, claimExecution, releaseClaim } from './claim.ts'
import {
	type Execution,
	ExecutionRecord,
	executionName,
	isDone,
	RECORD_FILE,
} from './execution-schema.ts'
import { keyOf } from './key.ts'
import { codeVersion, describeMachine, measureUse } from './machine.ts'
import { formatShared } from './shared-record.ts'
import type { InputSpecs, InputsOf, Step, StepOutcome } from './step.ts'

/** What a step is run with. */
export interface StepRun<Specs extends InputSpecs, Parameters> {
	readonly inputs: InputsOf<Specs>
	/** All of them: those that nobody gave have their defaults. */
	readonly parameters: Parameters
	/** Names of those that a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[] | undefined
}

export interface FinishedStep<Result> {
	readonly execution: Execution
	readonly result: Result
}

/**
 * Runs one step and records it. Of a step that fails or is stopped the record stays, with what it said last; its files go. So
 * they do where its figures are not finite.
 */
export async function runStep<Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
	run: StepRun<Specs, v.InferOutput<Schema>>,
	effects: Effects,
): Promise<FinishedStep<Result>> {
	const claim = await claimExecution(effects)
	// Of the start: a file that is edited while a model trains has no part in it.
	const { key, code: digest } = await keyOf(step, run.inputs, run.parameters as object)
	const code = { ...(await codeVersion()), sha256: digest.sha256 }
	const start = effects.now().toISOString()
	const use = measureUse()
	const begun = { claim, code, key, start, step: step as Step, run: run as Run }
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

type Run = StepRun<InputSpecs, object>

interface Begun {
	readonly claim: Claim
	readonly code: ExecutionRecord['code']
	readonly key: string | null
	readonly start: string
	readonly step: Step
	readonly run: Run
}

type End = Pick<ExecutionRecord, 'ending' | 'output' | 'outputs' | 'metrics'> &
	Partial<Pick<ExecutionRecord, 'inputs'>>

function describeStart(
	{ claim, code, key, start, step, run }: Begun,
	effects: Effects,
): Omit<ExecutionRecord, keyof End | 'used'> & Pick<ExecutionRecord, 'inputs' | 'parameters'> {
	return {
		schema: 2,
		id: claim.id,
		uid: claim.uid,
		step: step.name,
		parameters: plain(run.parameters),
		overridden: [...(run.overridden ?? [])],
		...(key === null ? {} : { key }),
		inputs: presentInputs(run.inputs),
		code,
		start,
		end: effects.now().toISOString(),
		machine: describeMachine(),
	}
}

function describeOutcome({ claim, step, run }: Begun, outcome: StepOutcome<unknown>): End {
	const { files, name = `#${claim.id}`, sha256 = digestFiles(files) } = outcome
	const { inputs } = outcome
	return {
		ending: { how: 'done' },
		output: { kind: step.output, name, sha256 },
		outputs: [...files],
		metrics: { ...outcome.metrics } as ExecutionRecord['metrics'],
		...(inputs ? { inputs: presentInputs({ ...run.inputs, ...inputs }) } : {}),
	}
}

/** An optional one may be missing. */
function presentInputs(inputs: Readonly<Record<string, ArtifactRef | undefined>>) {
	const present = Object.entries(inputs).filter(([, input]) => input !== undefined)
	return Object.fromEntries(present) as ExecutionRecord['inputs']
}

/** Without those that are undefined: they were not given. */
function plain(parameters: object): ExecutionRecord['parameters'] {
	return JSON.parse(JSON.stringify(parameters)) as ExecutionRecord['parameters']
}

function describeFailure(error: unknown, effects: Effects): End {
	const code = error instanceof AppError ? error.code : 'bug'
	const how = code === 'aborted' ? 'stopped' : 'failed'
	const said = lastLine(errorMessage(error), effects)
	return { ending: { how, code, error: said }, output: null, outputs: [], metrics: {} }
}

/** Without the folders of this machine: a record is for others, too. */
function lastLine(text: string, { dataDir, modelsDir }: Effects): string {
	const line = text.trim().split('\n').at(-1) ?? ''
	return line.replaceAll(modelsDir, '<models>').replaceAll(dataDir, '<data>')
}

async function writeRecord(
	record: ExecutionRecord,
	claim: Claim,
	{ recordsDir }: Pick<Effects, 'recordsDir'>,
): Promise<ExecutionRecord> {
	const checked = parseWith(ExecutionRecord, record, `execution #${record.id}`)
	const text = `${JSON.stringify(checked, null, 2)}\n`
	await writeFileAtomic(join(claim.dir, RECORD_FILE), text)
	await releaseClaim(claim)
	if (recordsDir !== undefined)
		await writeFileAtomic(join(recordsDir, `${executionName(checked)}.json`), formatShared(checked))
	return checked
}

async function removeFiles({ dir }: Claim): Promise<void> {
	const names = await readdir(dir).catch(() => [])
	for (const name of names) await rm(join(dir, name), { recursive: true, force: true })
}
