// The declaration of a step. Each step is declared once; its own command, `run`, `retrain` and `executions rerun` all run it from there.
// Pure.
import type * as v from 'valibot'
import type { Effects } from '../effects.ts'
import type { ArtifactKind, ArtifactOf, ArtifactRef, FileRecord } from './artifacts.ts'
import type { StepName } from './execution-schema.ts'

/** One of the things that a step reads. */
export interface StepInput {
	/** The kinds that it may be; the first one is what the pipeline passes. */
	readonly kinds: readonly ArtifactKind[]
	/** Whether the step can run without it. */
	readonly optional?: true
}

export type InputSpecs = Readonly<Record<string, StepInput>>

/** The artefacts for the declared inputs of a step. */
export type InputsOf<Specs extends InputSpecs> = {
	readonly [Role in keyof Specs]:
		| ArtifactOf<Specs[Role]['kinds'][number]>
		| (Specs[Role] extends { readonly optional: true } ? undefined : never)
}

/** What a step returns when it ends. */
export interface StepOutcome<Result> {
	/** The files that it wrote into its folder; for a snapshot or a release, into that one's folder. */
	readonly files: readonly FileRecord[]
	/** Files beside these that describe them; they may differ even if these are the same. */
	readonly beside?: readonly FileRecord[]
	/** Its name for people; absent: the number of its execution. */
	readonly name?: string
	/** Its digest, if that is not the digest of its files. */
	readonly sha256?: string
	readonly metrics?: Readonly<Partial<Record<string, number>>>
	/** Facts about the inputs that are known only after reading them. */
	readonly inputs?: Readonly<Record<string, ArtifactRef>>
	readonly result: Result
}

/** One run of a step. */
export interface StepJob<Specs extends InputSpecs, Parameters> {
	readonly inputs: InputsOf<Specs>
	readonly parameters: Parameters
	/** The folder for its files; it exists, and is empty. */
	readonly dir: string
}

export interface Step<
	Specs extends InputSpecs = InputSpecs,
	Schema extends v.GenericSchema = v.GenericSchema,
	Result = unknown,
> {
	readonly name: StepName
	readonly inputs: Specs
	readonly output: ArtifactKind
	/** The section of `whichsub.yaml` with its parameters; null if there is none. */
	readonly section: string | null
	/** The schema of its parameters, with their defaults. */
	readonly parameters: Schema
	/** Parameters that can't change the outcome, such as the number of threads. */
	readonly indifferent: readonly string[]
	/** The step's first module. If something that it imports changes, the step has to run again. */
	readonly entry: string
	/** Does the work. @throws AppError if it fails; the files that it wrote are then removed */
	work(job: StepJob<Specs, v.InferOutput<Schema>>, effects: Effects): Promise<StepOutcome<Result>>
}

/** Declares a step; lets TypeScript infer its types. */
export function declareStep<const Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
): Step<Specs, Schema, Result> {
	return step
}
