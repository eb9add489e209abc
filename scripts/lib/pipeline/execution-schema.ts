// The record of one run of a step: which inputs, which parameters, which code gave which outputs and figures.
import * as v from 'valibot'
import { Count, Instant, Parameters, Sha256 } from '../../../src/shared/schema-parts.ts'

const Artifact = v.object({ name: v.string(), bytes: Count, sha256: Sha256 })
export type Artifact = v.InferOutput<typeof Artifact>

export const STEPS = ['snapshot', 'train', 'quantize', 'evaluate', 'compare', 'publish'] as const

export const Execution = v.object({
	schema: v.literal(1),
	/** A small counting number: "compare #56 with #81". */
	id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	step: v.picklist(STEPS),
	parameters: Parameters,
	/** Parameters that a flag gave another value than the parameters file; older records do not say. */
	overridden: v.optional(v.array(v.string())),
	/** Ids of the executions whose outputs went in. */
	parents: v.array(Count),
	inputs: v.array(Artifact),
	outputs: v.array(Artifact),
	code: v.object({ commit: v.string(), dirty: v.boolean() }),
	metrics: v.record(v.string(), v.pipe(v.number(), v.finite())),
	start: Instant,
	end: Instant,
	machine: v.object({
		platform: v.string(),
		arch: v.string(),
		cpus: Count,
		memoryBytes: Count,
		node: v.string(),
	}),
})
export type Execution = v.InferOutput<typeof Execution>

/** In the execution's folder. */
export const RECORD_FILE = 'execution.json'
