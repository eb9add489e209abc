// Walks the steps: one of which nothing changed is left as it is, one that was run with the same before is brought back, and
// only what is left is run.
import { AppError } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { findRun, makeFresh } from '../graph/make.ts'
import {
	bringBack,
	findAltered,
	findHere,
	hasWhole,
	isAtHand,
	keepRun,
	readStoredRun,
	type StoredRun,
	shareRun,
} from '../graph/stored-runs.ts'
import type { ParametersFile } from '../parameters/parameters.ts'
import type { ArtifactRef, FileRecord } from '../pipeline/artifacts.ts'
import {
	type Execution,
	executionName,
	outputRef,
	type StepName,
} from '../pipeline/execution-schema.ts'
import { decisive } from '../pipeline/key.ts'
import { DIGITS, type Source } from '../snapshot/sources.ts'
import type { Store } from '../store/store.ts'
import { type LockedStep, type LockedSteps, writeLockedStep } from './lock-file.ts'
import { findStep, type PipelineStep } from './pipeline.ts'
import { UNKNOWN, type Walked } from './sources.ts'
import { describeStep, explainChanges, readStepParameters, type StepState } from './step-state.ts'

export type StepEnding =
	/** As whichsub.lock has it. */
	| 'unchanged'
	/** Other than in whichsub.lock, and known from before. */
	| 'restored'
	| 'ran'
	/** What it needs is missing, and the others do without it. */
	| 'left-out'

/** What became of a step or, in a dry run, what would. */
export interface StepReport {
	readonly step: StepName
	readonly ending: StepEnding
	/** In a dry run: it depends on what a step before makes. */
	readonly perhaps: boolean
	/** Why it is not unchanged, each in a few words. */
	readonly why: readonly string[]
	/** Which run of the step it is; null where there is none yet. */
	readonly execution: string | null
	/** Of this run of the pipeline. */
	readonly seconds: number
	readonly bytes: number
	readonly metrics: Readonly<Record<string, number>>
}

export interface WalkOptions {
	readonly parameters: ParametersFile
	readonly locked: LockedSteps
	readonly store: Store
	readonly dryRun: boolean
	/** Told of each step when it begins to run, and when it is over. */
	readonly onStart: (step: StepName, why: readonly string[]) => void
	readonly onEnd: (report: StepReport) => void
}

/** A step that is over: what it made is known, though its files may be elsewhere. */
interface Settled {
	readonly output: ArtifactRef
	readonly state: StepState
	readonly run: StoredRun | null
}

export class Walk {
	readonly #options: WalkOptions
	readonly #effects: Effects
	/** Undefined: not looked at yet; null: left out or, in a dry run, not known. */
	readonly #settled = new Map<StepName, Settled | null>()

	constructor(options: WalkOptions, effects: Effects) {
		this.#options = options
		this.#effects = effects
	}

	/** Steps before must be walked before. */
	async visit(declared: PipelineStep): Promise<StepReport> {
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
		const changes = explainChanges(declared, state, this.#options.locked[name])
		const altered = await this.#findAltered(state)
		const why = [...changes, ...altered.map(({ name }) => `${name} was edited`)]
		if (altered.length > 0 && !(await this.#mend(state, altered)))
			return this.#run(declared, state, why)
		return (await this.#find(declared, state, why)) ?? (await this.#run(declared, state, changes))
	}

	async #findAltered({ key }: StepState): Promise<FileRecord[]> {
		const run = await readStoredRun(key, this.#options.store)
		return run ? findAltered(run, this.#effects) : []
	}

	/** Brings edited files back. @returns false where the store does not have them, or not undamaged */
	async #mend({ key }: StepState, altered: readonly FileRecord[]): Promise<boolean> {
		const { store, dryRun } = this.#options
		if (dryRun) return hasWhole(altered, this.#effects)
		const run = await readStoredRun(key, store)
		return run !== null && (await bringBack(run, store, { verify: true }, this.#effects)) !== null
	}

	/** In a dry run a step before would run: what it makes is not known, and so this one perhaps has nothing to do. */
	async #waitFor(declared: PipelineStep, parameters: object): Promise<StepReport> {
		const { name } = declared.step
		this.#settled.set(name, null)
		const makers = Object.values(declared.makers)
		const before = makers.filter((maker) => this.#settled.get(maker) === null)
		const locked = this.#options.locked[name]
		const inputs = { refs: {}, described: locked?.inputs ?? {} }
		const state = await describeStep(declared, parameters, inputs)
		const own = explainChanges(declared, state, locked)
		const why = [...own, ...before.map((step) => `${step} would run`)]
		return { ...EMPTY, step: name, ending: 'ran', perhaps: own.length === 0, why }
	}

	/** Null where what goes in is not known. */
	async #findInputs({ makers, read }: PipelineStep): Promise<StepState['inputs'] | null> {
		const sources: Record<string, Source | null> = {}
		for (const [role, maker] of Object.entries(makers)) {
			const settled = this.#settled.get(maker)
			if (!settled) return null
			const { kind, sha256 } = settled.output
			const described = `${kind} ${(sha256 ?? '').slice(0, DIGITS)}`
			sources[role] = { ref: settled.output, described }
		}
		const others = await read(this.#options.parameters, this.#effects, this.#walked)
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
		const run = this.#settled.get(name)?.run
		const here = run ? await findHere(run, this.#effects) : null
		return here ?? (this.#options.dryRun ? null : this.#ensure(name))
	}

	get #walked(): Walked {
		return {
			made: (name) => this.#made(name),
			output: (name) => this.#settled.get(name)?.output ?? null,
			dryRun: this.#options.dryRun,
		}
	}

	/** A step that was run with the same before; null where there is none, or where its files are lost. */
	async #find(
		{ step: { name } }: PipelineStep,
		state: StepState,
		changes: readonly string[],
	): Promise<StepReport | null> {
		const { store, locked, dryRun } = this.#options
		const run = await findRun(state.key, store, { dryRun }, this.#effects)
		const entry = locked[name]
		// What was made again and came out otherwise stands in the store: the lock takes it, for git to show what differs.
		const isSame = !run || run.execution.output.sha256 === entry?.output.sha256
		const isLocked = entry?.key === state.key && isSame
		if (!run && !isLocked) return null
		const step = run ? lockedOf(run, state, findStep(name)) : (entry as LockedStep)
		this.#settled.set(name, { output: refOf(step), state, run })
		const report = { ...reportOf(name, step), why: [...changes] }
		if (isLocked && changes.length === 0) return { ...report, ending: 'unchanged' }
		if (!dryRun) await writeLockedStep(name, step, this.#effects)
		return { ...report, ending: 'restored' }
	}

	async #run(
		declared: PipelineStep,
		state: StepState,
		changes: readonly string[],
	): Promise<StepReport> {
		const { name } = declared.step
		const why = changes.length > 0 ? changes : ['what it made is in no store']
		if (this.#options.dryRun) {
			this.#settled.set(name, null)
			return { ...EMPTY, step: name, ending: 'ran', why }
		}
		this.#options.onStart(name, why)
		const run = await this.#execute(declared, state)
		const step = lockedOf(run, state, declared)
		this.#settled.set(name, { output: refOf(step), state, run })
		await writeLockedStep(name, step, this.#effects)
		return { ...reportOf(name, step), ending: 'ran', why }
	}

	async #execute(declared: PipelineStep, state: StepState): Promise<StoredRun> {
		const inputs: Record<string, ArtifactRef | undefined> = { ...state.inputs.refs }
		for (const [role, maker] of Object.entries(declared.makers))
			inputs[role] = outputRef(await this.#ensure(maker))
		const { parameters } = state
		const { execution } = await makeFresh(
			declared.step,
			{ inputs: inputs as never, parameters },
			this.#effects,
		)
		return keepRun(state.key, execution, this.#options.store, this.#effects)
	}

	/** Files of a step that are read now: where they are, from a store, or made again. */
	async #ensure(name: StepName): Promise<Execution> {
		const settled = this.#settled.get(name)
		if (!settled) throw new Error(`${name} was not walked`)
		const { run, state, output } = settled
		const { store } = this.#options
		const back = run && (await bringBack(run, store, { verify: true }, this.#effects))
		if (back) return back
		this.#options.onStart(name, ['its files are needed, and are in no store'])
		const again = await this.#execute(findStep(name), state)
		if (again.execution.output.sha256 !== output.sha256)
			throw new AppError(
				'conflict',
				`${name} made something else than whichsub.lock says, from the same; run this again, and look at what differs in the lock`,
			)
		const made = await bringBack(again, store, { verify: false }, this.#effects)
		if (!made) throw new Error(`what ${name} made is gone`)
		// The steps to come read the same files.
		this.#settled.set(name, { ...settled, run: again })
		return made
	}

	/**
	 * Brings the files of all that was walked to where its commands look for them, and gives them to the shared store.
	 *
	 * @returns the steps whose files are in no store: they are made again when a step has to read them
	 */
	async bringAllBack(): Promise<StepName[]> {
		const { store } = this.#options
		const missing: StepName[] = []
		for (const [name, settled] of this.#settled) {
			if (!settled) continue
			const { run } = settled
			const isHere = run && (await isAtHand(run, store, this.#effects))
			if (!isHere) missing.push(name)
			else if (await bringBack(run, store, { verify: false }, this.#effects))
				await shareRun(run, store, this.#effects)
		}
		return missing
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

function lockedOf(
	{ key, execution }: StoredRun,
	{ parameters, inputs, code }: StepState,
	declared: PipelineStep,
): LockedStep {
	const files = execution.outputs.map(({ name, ...file }) => [name, file])
	return {
		key,
		execution: executionName(execution),
		parameters: decisive(declared.step, parameters),
		inputs: inputs.described,
		code,
		output: execution.output,
		files: Object.fromEntries(files),
		metrics: execution.metrics,
	}
}
