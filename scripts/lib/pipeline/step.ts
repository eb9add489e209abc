// What a step is: declared once, run by its own command, by `run`, by `retrain` and by `executions rerun` alike. Pure.
import type * as v from 'valibot'
import type { Effects } from '../effects.ts'
import type { ArtifactKind, ArtifactOf, ArtifactRef, FileRecord } from './artifacts.ts'
import type { StepName } from './execution-schema.ts'

/** One of the things that a step reads. */
export interface StepInput {
	/** Of which kind it may be; the first one is what the pipeline gives it. */
	readonly kinds: readonly ArtifactKind[]
	/** Whether the step does without. */
	readonly optional?: true
}

export type InputSpecs = Readonly<Record<string, StepInput>>

/** The artefacts that go into a step with these inputs. */
export type InputsOf<Specs extends InputSpecs> = {
	readonly [Role in keyof Specs]:
		| ArtifactOf<Specs[Role]['kinds'][number]>
		| (Specs[Role] extends { readonly optional: true } ? undefined : never)
}

/** What a step tells about itself when it ends. */
export interface StepOutcome<Result> {
	/** What it wrote into its folder, or for a snapshot and a release: into that one's. */
	readonly files: readonly FileRecord[]
	/** Files that lie beside these and tell of them: they may differ where these are the same. */
	readonly beside?: readonly FileRecord[]
	/** What people call it; its execution's number where it has no name of its own. */
	readonly name?: string
	/** What it is, where its files' digests do not tell. */
	readonly sha256?: string
	readonly metrics?: Readonly<Partial<Record<string, number>>>
	/** What is known of the inputs only after they were read. */
	readonly inputs?: Readonly<Record<string, ArtifactRef>>
	readonly result: Result
}

/** One run of a step. */
export interface StepJob<Specs extends InputSpecs, Parameters> {
	readonly inputs: InputsOf<Specs>
	readonly parameters: Parameters
	/** The folder that its files go into; it is there, and empty. */
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
	/** The section of `whichsub.yaml` that has its parameters; null: it has none there. */
	readonly section: string | null
	/** What was not given has its default. */
	readonly parameters: Schema
	/** Parameters that change nothing of what comes out, as how many threads share the work. */
	readonly indifferent: readonly string[]
	/** The module that the step's code begins with: what it imports decides whether the step has to run again. */
	readonly entry: string
	/** @throws AppError where it can't be done; what it wrote is then removed */
	work(job: StepJob<Specs, v.InferOutput<Schema>>, effects: Effects): Promise<StepOutcome<Result>>
}

/** Lets TypeScript find the types of a step. */
export function declareStep<const Specs extends InputSpecs, Schema extends v.GenericSchema, Result>(
	step: Step<Specs, Schema, Result>,
): Step<Specs, Schema, Result> {
	return step
}
