// The record of one run of a step: which inputs, which parameters, which code gave which outputs and figures, and how it ended.
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

/** A value of the parameters: what JSON holds, but for numbers that are none. */
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
		/** The code of the error, or `bug`. */
		code: v.string(),
		/** What it said last. */
		error: v.string(),
	}),
])

export const ExecutionRecord = v.object({
	schema: v.literal(2),
	/** A small counting number: "compare #56 with #81". */
	id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** Tells it from an execution of another machine that has the same number; null for one of before there was this. */
	uid: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{6}$/, 'expected six digits in hex'))),
	step: v.picklist(STEPS),
	ending: Ending,
	parameters: v.record(v.string(), Value),
	/** Parameters that a flag gave another value than the parameters file. */
	overridden: v.array(v.string()),
	/** The digest of all that decides what comes out; absent where that is not known, as of posts from stdin. */
	key: v.exactOptional(Sha256),
	/** What went in, by the names that the step gives it. */
	inputs: v.record(v.string(), ArtifactRef),
	/** What came out; null where it did not get that far. */
	output: v.nullable(
		v.object({ kind: v.picklist(ARTIFACT_KINDS), name: v.string(), sha256: Sha256 }),
	),
	outputs: v.array(FileRecord),
	/** Files that lie beside the outputs and tell of them: they may differ where the outputs are the same. */
	beside: v.exactOptional(v.array(FileRecord)),
	code: v.object({
		commit: v.string(),
		dirty: v.boolean(),
		/** Of all that the step's code is; records of before there was this have the commit alone. */
		sha256: v.exactOptional(Sha256),
	}),
	metrics: v.record(v.string(), v.pipe(v.number(), v.finite())),
	start: Instant,
	end: Instant,
	/** Of the whole process until the step's end; null where it was not measured. */
	used: v.nullable(
		v.object({ cpuSeconds: v.pipe(v.number(), v.finite()), peakMemoryBytes: Count }),
	),
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

/** All that lies in its folder but the record. */
export function filesOf({ outputs, beside = [] }: ExecutionRecord): readonly FileRecord[] {
	return [...outputs, ...beside]
}

/** In the execution's folder. */
export const RECORD_FILE = 'execution.json'

/** As in `56-ab12cd`: the one name that no other execution has. */
export function executionName({ id, uid }: Pick<ExecutionRecord, 'id' | 'uid'>): string {
	return uid === null ? `${id}` : `${id}-${uid}`
}

/** What a step made, for the next one to read. */
export function outputRef(execution: Execution): ArtifactRef {
	const { output, outputs } = execution
	return { ...output, execution: executionName(execution), files: outputs }
}
