// Writes the record of one run of a step when the run is over, however it ended.
import { join } from 'node:path'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { type ArtifactRef, digestFiles } from '../pipeline/artifacts.ts'
import { type Claim, releaseClaim } from '../pipeline/claim.ts'
import { ExecutionRecord, executionName, RECORD_FILE } from '../pipeline/execution-schema.ts'
import { describeMachine } from '../pipeline/machine.ts'
import type { InputSpecs, InputsOf, Step, StepOutcome } from '../pipeline/step.ts'
import { formatShared } from './shared-record.ts'

export interface StepRun<Specs extends InputSpecs, Parameters> {
	readonly inputs: InputsOf<Specs>
	/** All parameters, with defaults for those that nobody gave. */
	readonly parameters: Parameters
	/** The names of parameters for which a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[] | undefined
}

/** A run that is under way. */
export interface Begun {
	readonly claim: Claim
	readonly code: ExecutionRecord['code']
	readonly key: string | null
	readonly start: string
	readonly step: Step
	readonly run: StepRun<InputSpecs, object>
}

/** How a run ended. */
export type End = Pick<ExecutionRecord, 'ending' | 'output' | 'outputs' | 'metrics'> &
	Partial<Pick<ExecutionRecord, 'inputs' | 'beside'>>

export function describeStart(
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

export function describeOutcome({ claim, step, run }: Begun, outcome: StepOutcome<unknown>): End {
	const { files, name = `#${claim.id}`, sha256 = digestFiles(files) } = outcome
	const { inputs, beside } = outcome
	return {
		ending: { how: 'done' },
		output: { kind: step.output, name, sha256 },
		outputs: [...files],
		...(beside ? { beside: [...beside] } : {}),
		metrics: { ...outcome.metrics } as ExecutionRecord['metrics'],
		...(inputs ? { inputs: presentInputs({ ...run.inputs, ...inputs }) } : {}),
	}
}

/** Without optional inputs that are missing. */
function presentInputs(inputs: Readonly<Record<string, ArtifactRef | undefined>>) {
	const present = Object.entries(inputs).filter(([, input]) => input !== undefined)
	return Object.fromEntries(present) as ExecutionRecord['inputs']
}

/** Without undefined parameters, which were not given. */
function plain(parameters: object): ExecutionRecord['parameters'] {
	return JSON.parse(JSON.stringify(parameters)) as ExecutionRecord['parameters']
}

export function describeFailure(error: unknown, effects: Effects): End {
	const code = error instanceof AppError ? error.code : 'bug'
	const how = code === 'aborted' ? 'stopped' : 'failed'
	const said = lastLine(errorMessage(error), effects)
	return { ending: { how, code, error: said }, output: null, outputs: [], metrics: {} }
}

/** The message without the folders of this machine, because others read records, too. */
function lastLine(text: string, { dataDir, modelsDir }: Effects): string {
	const line = text.trim().split('\n').at(-1) ?? ''
	return line.replaceAll(modelsDir, '<models>').replaceAll(dataDir, '<data>')
}

export async function writeRecord(
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
