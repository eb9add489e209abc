// Writes the record of one run of a step when the run is over, however it ended; and its copy for git.
import { basename, join } from 'node:path'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { writeFileAtomic } from '../files.ts'
import { type ArtifactRef, digestFiles, joinPaths, pathsOf } from '../pipeline/artifacts.ts'
import { type Claim, releaseClaim } from '../pipeline/claim.ts'
import {
	type Execution,
	ExecutionRecord,
	executionName,
	isDone,
	RECORD_FILE,
} from '../pipeline/execution-schema.ts'
import { codeVersion, describeMachine, measureUse } from '../pipeline/machine.ts'
import type { InputSpecs, InputsOf, Step, StepOutcome } from '../pipeline/step.ts'
import type { StepKey } from './key.ts'

export interface StepRun<Specs extends InputSpecs, Parameters> {
	readonly inputs: InputsOf<Specs>
	/** All parameters, with defaults for those that nobody gave. */
	readonly parameters: Parameters
	/** The names of parameters for which a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[] | undefined
}

/** A run that is under way. */
interface Begun {
	readonly step: Step
	readonly run: StepRun<InputSpecs, object>
	readonly claim: Claim
	readonly keyed: StepKey
}

type End = Pick<ExecutionRecord, 'ending' | 'output' | 'outputs' | 'metrics'> &
	Partial<Pick<ExecutionRecord, 'inputs' | 'beside'>>

/** Called when a run begins. @returns what writes its record when it ends, with the time and the memory that it used until then */
export async function beginRecord({ step, run, claim, keyed }: Begun, effects: Effects) {
	const code = { ...(await codeVersion()), sha256: keyed.code.sha256 }
	const start = effects.now().toISOString()
	const use = measureUse()
	const write = (end: End) => {
		const record = {
			...{ schema: 2, id: claim.id, uid: claim.uid, step: step.name },
			parameters: plain(run.parameters),
			overridden: [...(run.overridden ?? [])],
			...(keyed.key === null ? {} : { key: keyed.key }),
			inputs: presentInputs(run.inputs),
			...{ code, start, end: effects.now().toISOString(), used: use(), machine: describeMachine() },
			...end,
		}
		return writeRecord(parseWith(ExecutionRecord, record, `execution #${claim.id}`), claim, effects)
	}
	return {
		async done(outcome: StepOutcome<unknown>): Promise<Execution> {
			const { files, name = `#${claim.id}`, sha256 = digestFiles(files), inputs, beside } = outcome
			const record = await write({
				ending: { how: 'done' },
				output: { kind: step.output, name, sha256 },
				outputs: [...files],
				...(beside ? { beside: [...beside] } : {}),
				metrics: { ...outcome.metrics } as ExecutionRecord['metrics'],
				...(inputs ? { inputs: presentInputs({ ...run.inputs, ...inputs }) } : {}),
			})
			const execution = { ...record, folder: `${claim.id}` }
			if (!isDone(execution)) throw new Error('a step that was done has no output')
			return execution
		},
		async failed(error: unknown): Promise<void> {
			const code = error instanceof AppError ? error.code : 'bug'
			const how = code === 'aborted' ? 'stopped' : 'failed'
			const ending = { how, code, error: lastLine(errorMessage(error), effects) } as const
			await write({ ending, output: null, outputs: [], metrics: {} })
		},
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

/** The message without the folders of this machine, because others read records, too. */
function lastLine(text: string, { dataDir, modelsDir }: Effects): string {
	const line = text.trim().split('\n').at(-1) ?? ''
	return line.replaceAll(modelsDir, '<models>').replaceAll(dataDir, '<data>')
}

async function writeRecord(
	record: ExecutionRecord,
	claim: Claim,
	{ recordsDir }: Pick<Effects, 'recordsDir'>,
): Promise<ExecutionRecord> {
	await writeFileAtomic(join(claim.dir, RECORD_FILE), format(record))
	await releaseClaim(claim)
	if (recordsDir !== undefined)
		await writeFileAtomic(
			join(recordsDir, `${executionName(record)}.json`),
			format(withoutFolders(record)),
		)
	return record
}

function format(record: ExecutionRecord): string {
	return `${JSON.stringify(record, null, 2)}\n`
}

/** The folders of an absolute path, but not placeholders such as `<data>/executions`. */
const FOLDERS = /(?<![\w>.~-])(?:\/[^\s/:;,]+)+\//g

/** The record that others get through git names files outside the repository without the folders of this machine. */
function withoutFolders(record: ExecutionRecord): ExecutionRecord {
	const { ending, inputs } = record
	const shorten = (input: ArtifactRef): ArtifactRef => {
		// They are named by their paths.
		if (input.kind !== 'dumps') return input
		return { ...input, name: joinPaths(pathsOf(input).map((path) => basename(path))) }
	}
	const shared = Object.entries(inputs).map(([role, input]) => [role, shorten(input)])
	return {
		...record,
		ending: 'error' in ending ? { ...ending, error: ending.error.replace(FOLDERS, '') } : ending,
		inputs: Object.fromEntries(shared),
	}
}
