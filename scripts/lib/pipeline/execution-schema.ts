// The record of one run of a step: its inputs, parameters and code, the outputs and figures that these gave, and how it ended.
import * as v from 'valibot'
import { Count, Instant, Sha256 } from '../../../src/shared/schema-parts.ts'
import { ARTIFACT_KINDS, ArtifactRef, FileRecord } from './artifacts.ts'

export const STEPS = [
	'snapshot',
	'train',
	'quantize',
	'adjust',
	'evaluate',
	'compare',
	'drift',
	'unseen',
	'publish',
] as const
export type StepName = (typeof STEPS)[number]

/** The value of a parameter: anything that JSON holds, except NaN and infinity. */
export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }
const Value: v.GenericSchema<Value> = v.lazy(() =>
	v.union([
		v.string(),
		v.pipe(v.number(), v.finite()),
		v.boolean(),
		v.null(),
		v.array(Value),
		v.record(v.string(), Value),
	]),
)

/** How it ended: `stopped` is Ctrl-C or a request to end. A step that was killed has no record. */
const Ending = v.variant('how', [
	v.object({ how: v.literal('done') }),
	v.object({
		how: v.picklist(['failed', 'stopped']),
		/** The code of the error, or `bug` for an unexpected one. */
		code: v.string(),
		/** The last line of its error. */
		error: v.string(),
	}),
])

export const ExecutionRecord = v.object({
	schema: v.literal(2),
	/** A small counting number: "compare #56 with #81". */
	id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** Six digits that distinguish it from another machine's execution with the same number. */
	uid: v.pipe(v.string(), v.regex(/^[0-9a-f]{6}$/, 'expected six digits in hex')),
	step: v.picklist(STEPS),
	ending: Ending,
	parameters: v.record(v.string(), Value),
	/** Names of parameters for which a flag gave another value than the parameters file. */
	overridden: v.array(v.string()),
	/** The digest of everything that decides the outcome; absent if that is unknown, as for posts from stdin. */
	key: v.exactOptional(Sha256),
	/** The inputs, by the step's names for them. */
	inputs: v.record(v.string(), ArtifactRef),
	/** The output; null if it did not get that far. */
	output: v.nullable(
		v.object({ kind: v.picklist(ARTIFACT_KINDS), name: v.string(), sha256: Sha256 }),
	),
	outputs: v.array(FileRecord),
	/** Files beside the outputs that describe them; they may differ even if the outputs are the same. */
	beside: v.exactOptional(v.array(FileRecord)),
	code: v.object({
		commit: v.string(),
		dirty: v.boolean(),
		/** The digest of the step's code; old records have only the commit. */
		sha256: v.exactOptional(Sha256),
	}),
	metrics: v.record(v.string(), v.pipe(v.number(), v.finite())),
	start: Instant,
	end: Instant,
	/** The peak memory is that of the whole process until the step's end. */
	used: v.object({ cpuSeconds: v.pipe(v.number(), v.finite()), peakMemoryBytes: Count }),
	machine: v.object({
		platform: v.string(),
		arch: v.string(),
		cpus: Count,
		memoryBytes: Count,
		node: v.string(),
	}),
})
export type ExecutionRecord = v.InferOutput<typeof ExecutionRecord>

/** A record, and the name of the folder in the data folder that holds its files. */
export interface AnyExecution extends ExecutionRecord {
	readonly folder: string
}

/** An execution that was done. */
export interface Execution extends AnyExecution {
	readonly output: NonNullable<ExecutionRecord['output']>
}

export function isDone(execution: AnyExecution): execution is Execution {
	return execution.output !== null
}

/** All files in its folder except the record. */
export function filesOf({ outputs, beside = [] }: ExecutionRecord): readonly FileRecord[] {
	return [...outputs, ...beside]
}

/** The record's file name in the execution's folder. */
export const RECORD_FILE = 'execution.json'

/** The full name, such as `56-ab12cd`, which no other execution has. */
export function executionName({ id, uid }: Pick<ExecutionRecord, 'id' | 'uid'>): string {
	return `${id}-${uid}`
}

/** A reference to what a step made, for the next step. */
export function outputRef(execution: Execution): ArtifactRef {
	const { output, outputs } = execution
	return { ...output, execution: executionName(execution), files: outputs }
}
