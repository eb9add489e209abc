// One run of the pipeline. A step whose state is unchanged is left alone, one that ran before with the same state is brought back, and only the
// others run.
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { bringBack, findEdited, findNewest, hasFiles, isAtHand, keep } from '../graph/kept.ts'
import { findMade, type MakeOptions, make } from '../graph/make.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import {
	type Execution,
	executionName,
	outputRef,
	type StepName,
} from '../pipeline/execution-schema.ts'
import { DIGITS, type Source } from '../snapshot/sources.ts'
import type { Store } from '../store/store.ts'
import { type LockedStep, type LockedSteps, writeLock } from './lock-file.ts'
import { findPipelineStep, type PipelineStep } from './pipeline.ts'
import { type EarlierSteps, UNKNOWN } from './sources.ts'
import { describeStep, explainChanges, readStepParameters, type StepState } from './step-state.ts'

export type StepEnding =
	/** Nothing differs from whichsub.lock. */
	| 'unchanged'
	/** It differs from whichsub.lock, but was made before. */
	| 'restored'
	| 'ran'
	/** Something that it needs is missing, and the other steps can do without it. */
	| 'left-out'

/** What happened to a step, or would happen in a dry run. */
export interface StepReport {
	readonly step: StepName
	readonly ending: StepEnding
	/** In a dry run: whether it depends on the outcome of an earlier step. */
	readonly perhaps: boolean
	/** Why it is not unchanged, each reason in a few words. */
	readonly why: readonly string[]
	/** Its execution; null if there is none yet. */
	readonly execution: string | null
	/** Seconds in this run of the pipeline. */
	readonly seconds: number
	readonly bytes: number
	readonly metrics: Readonly<Record<string, number>>
}

interface Options {
	readonly parameters: ParametersFile
	readonly locked: LockedSteps
	readonly store: Store
	readonly dryRun: boolean
	/** Called when a step begins to run, and when it is over. */
	readonly onStart: (step: StepName, why: readonly string[]) => void
	readonly onEnd: (report: StepReport) => void
}

/** A step that is over: its outcome is known, though its files may be elsewhere. */
interface Settled {
	readonly output: ArtifactRef
	readonly state: StepState
	/** Null if its files are neither here nor in a store. */
	readonly execution: Execution | null
}

export class PipelineRun {
	readonly #options: Options
	readonly #effects: Effects
	/** Undefined before the step was looked at; null if it is left out or, in a dry run, unknown. */
	readonly #settled = new Map<StepName, Settled | null>()
	/** What stands in whichsub.lock by now: nobody else writes it while this runs. */
	#locked: LockedSteps

	constructor(options: Options, effects: Effects) {
		this.#options = options
		this.#locked = options.locked
		this.#effects = effects
	}

	/** Settles one step; the earlier ones must have been settled. */
	async run(declared: PipelineStep): Promise<StepReport> {
		throwIfAborted(this.#effects)
		const start = performance.now()
		const report = await this.#settle(declared)
		const seconds = (performance.now() - start) / 1000
		const ended = { ...report, seconds }
		this.#options.onEnd(ended)
		return ended
	}

	async #settle(declared: PipelineStep): Promise<StepReport> {
		const { name } = declared.step
		const parameters = readStepParameters(declared, this.#options.parameters)
		const { condition } = declared
		if (condition && !(await condition.holds(this.#effects))) {
			this.#settled.set(name, null)
			return { ...EMPTY, step: name, ending: 'left-out', why: [condition.why] }
		}
		const inputs = await this.#findInputs(declared)
		if (!inputs) return this.#waitFor(declared, parameters)
		const state = await describeStep(declared, parameters, inputs)
		const changes = explainChanges(state, this.#locked[name])
		const newest = await findNewest(state.key, this.#effects)
		const edited = newest ? await findEdited(newest, this.#effects) : []
		const why = [...changes, ...edited.map((file) => `${file} was edited`)]
		if (newest && edited.length > 0 && !(await this.#mend(newest)))
			return this.#run(declared, state, why, { fresh: true })
		return (await this.#find(declared, state, why)) ?? (await this.#run(declared, state, why))
	}

	/** Restores edited files. @returns false if the store does not have them undamaged */
	async #mend(execution: Execution): Promise<boolean> {
		const { store, dryRun } = this.#options
		return dryRun
			? isAtHand(execution, store, this.#effects)
			: (await bringBack(execution, store, this.#effects)) !== null
	}

	/** In a dry run, when an earlier step would run: its outcome is unknown, so perhaps this one has nothing to do. */
	async #waitFor(declared: PipelineStep, parameters: object): Promise<StepReport> {
		const { name } = declared.step
		this.#settled.set(name, null)
		const makers = Object.values(declared.makers)
		const before = makers.filter((maker) => this.#settled.get(maker) === null)
		const locked = this.#locked[name]
		const inputs = { refs: {}, described: locked?.inputs ?? {} }
		const state = await describeStep(declared, parameters, inputs)
		const own = explainChanges(state, locked)
		const why = [...own, ...before.map((step) => `${step} would run`)]
		return { ...EMPTY, step: name, ending: 'ran', perhaps: own.length === 0, why }
	}

	/** Null if an input is unknown. */
	async #findInputs({ makers, read }: PipelineStep): Promise<StepState['inputs'] | null> {
		const sources: Record<string, Source | null> = {}
		for (const [role, maker] of Object.entries(makers)) {
			const settled = this.#settled.get(maker)
			if (!settled) return null
			const { kind, sha256 } = settled.output
			const described = `${kind} ${(sha256 ?? '').slice(0, DIGITS)}`
			sources[role] = { ref: settled.output, described }
		}
		const others = await read(this.#options.parameters, this.#effects, this.#earlier)
		if (others === UNKNOWN) return null
		const refs: Record<string, ArtifactRef> = {}
		const described: LockedStep['inputs'] = {}
		for (const [role, source] of Object.entries({ ...sources, ...others })) {
			if (source === null) continue
			refs[role] = source.ref
			described[role] = source.described
		}
		return { refs, described }
	}

	async #made(name: StepName): Promise<Execution | null> {
		if (!this.#options.dryRun) return this.#ensure(name)
		const execution = this.#settled.get(name)?.execution
		return execution && (await hasFiles(execution, this.#effects)) ? execution : null
	}

	get #earlier(): EarlierSteps {
		return {
			made: (name) => this.#made(name),
			output: (name) => this.#settled.get(name)?.output ?? null,
			dryRun: this.#options.dryRun,
		}
	}

	/** An execution with the same key, or the one in the lock; null if there is none. */
	async #find(
		declared: PipelineStep,
		state: StepState,
		why: readonly string[],
	): Promise<StepReport | null> {
		const { name } = declared.step
		const { store, dryRun } = this.#options
		const entry = this.#locked[name]
		const execution = await findMade(state.key, this.#effects, { store, dryRun })
		if (execution && !dryRun) await keep(execution, store, this.#effects)
		const output = execution?.output ?? entry?.output
		// If it was made again and the outcome differs, the lock takes the new record, so that git shows the difference.
		const isLocked = entry?.key === state.key && entry.output.sha256 === output?.sha256
		if (!execution && !isLocked) return null
		const step = isLocked ? entry : lockedOf(execution as Execution, state)
		this.#settled.set(name, {
			output: execution ? outputRef(execution) : refOf(step),
			...{ state, execution },
		})
		if (!isLocked && !dryRun) await this.#writeLock(name, step)
		const ending = isLocked && why.length === 0 ? 'unchanged' : 'restored'
		return { ...reportOf(name, step), ending, why }
	}

	async #run(
		declared: PipelineStep,
		state: StepState,
		changes: readonly string[],
		options: Pick<MakeOptions, 'fresh'> = {},
	): Promise<StepReport> {
		const { name } = declared.step
		const why = changes.length > 0 ? changes : ['what it made is in no store']
		if (this.#options.dryRun) {
			this.#settled.set(name, null)
			return { ...EMPTY, step: name, ending: 'ran', why }
		}
		this.#options.onStart(name, why)
		const execution = await this.#make(declared, state, options)
		const step = lockedOf(execution, state)
		this.#settled.set(name, { output: outputRef(execution), state, execution })
		await this.#writeLock(name, step)
		return { ...reportOf(name, step), ending: 'ran', why }
	}

	async #writeLock(name: StepName, step: LockedStep): Promise<void> {
		this.#locked = { ...this.#locked, [name]: step }
		await writeLock(this.#locked, this.#effects)
	}

	/** Runs the step, once the files of its inputs are here. */
	async #make(
		{ step, makers }: PipelineStep,
		{ inputs: { refs }, parameters }: StepState,
		{ fresh }: Pick<MakeOptions, 'fresh'> = {},
	): Promise<Execution> {
		const inputs = { ...refs }
		for (const [role, maker] of Object.entries(makers))
			inputs[role] = outputRef(await this.#ensure(maker))
		const run = { inputs: inputs as never, parameters }
		return make(step, run, this.#effects, { fresh, store: this.#options.store })
	}

	/** A step whose files are needed now; it is made again if they are lost. */
	async #ensure(name: StepName): Promise<Execution> {
		const settled = this.#settled.get(name)
		if (!settled) throw new Error(`${name} was not settled`)
		if (settled.execution) return settled.execution
		this.#options.onStart(name, ['its files are needed, and are in no store'])
		const execution = await this.#make(findPipelineStep(name), settled.state)
		if (execution.output.sha256 !== settled.output.sha256)
			throw new AppError(
				'conflict',
				`${name} made other files than whichsub.lock says, from the same inputs, parameters and code; run this again, and look at what differs in the lock`,
			)
		// Later steps read the same files.
		this.#settled.set(name, { ...settled, execution })
		return execution
	}

	/** The steps whose files are in no store, and will be made again when a step has to read them. */
	get missing(): StepName[] {
		return [...this.#settled].flatMap(([name, settled]) =>
			settled && !settled.execution ? [name] : [],
		)
	}
}

const EMPTY = {
	execution: null,
	perhaps: false,
	seconds: 0,
	bytes: 0,
	metrics: {},
} as const

function reportOf(step: StepName, { execution, files, metrics }: LockedStep) {
	const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0)
	return { ...EMPTY, step, execution, bytes, metrics }
}

function refOf({ output, execution, files }: LockedStep): ArtifactRef {
	const list = Object.entries(files).map(([name, file]) => ({ name, ...file }))
	return { ...output, execution, files: list }
}

/** The entry of the lock for a record. */
function lockedOf(execution: Execution, { key, decisive, inputs, code }: StepState): LockedStep {
	const files = execution.outputs.map(({ name, ...file }) => [name, file])
	return {
		key,
		execution: executionName(execution),
		parameters: decisive,
		inputs: inputs.described,
		code,
		output: execution.output,
		files: Object.fromEntries(files),
		metrics: execution.metrics,
	}
}
