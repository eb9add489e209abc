// `run`: runs the pipeline, and says what it did. Only one runs at a time.
import { join } from 'node:path'
import type { Effects } from '../effects.ts'
import { withLock } from '../file-lock.ts'
import { removeDataLeftovers } from '../leftovers.ts'
import { readParameters } from '../parameters/parameters.ts'
import type { StepName } from '../pipeline/execution-schema.ts'
import { storeDir } from '../store/objects.ts'
import { openSharedPlace } from '../store/open-shared-place.ts'
import { openStore } from '../store/store.ts'
import { formatEnding, formatStart } from './format.ts'
import { readLock } from './lock-file.ts'
import { stepsUntil } from './pipeline.ts'
import { PipelineRun, type StepReport } from './pipeline-run.ts'

export interface RunOptions {
	/** The last step to run, after those that it needs. */
	readonly step: StepName
	readonly dryRun: boolean
	/** The store that machines share; see {@link openSharedPlace}. */
	readonly store?: string | undefined
}

/**
 * Runs what changed. Each step is written to whichsub.lock as soon as it is over, so that an interrupted run resumes after it.
 *
 * @throws AppError what the steps throw; `conflict` while another run is at work
 */
export async function runPipeline(options: RunOptions, effects: Effects): Promise<StepReport[]> {
	if (options.dryRun) return runSteps(options, effects)
	return withRunLock(effects, async () => {
		await removeDataLeftovers(effects)
		return runSteps(options, effects)
	})
}

/** Prevents two commands from changing the store and whichsub.lock at once. @throws AppError `conflict` */
export function withRunLock<T>(effects: Effects, work: () => Promise<T>): Promise<T> {
	const lock = {
		path: join(storeDir(effects), 'run.lock'),
		what: 'another run is at work',
		patienceMs: 0,
	}
	return withLock(lock, work, effects)
}

async function runSteps(
	{ step, dryRun, store: url }: RunOptions,
	effects: Effects,
): Promise<StepReport[]> {
	const shared = url === undefined ? null : openSharedPlace(url, effects)
	const said = dryRun ? () => {} : (text: string) => effects.err(text)
	const run = new PipelineRun(
		{
			parameters: await readParameters(effects),
			locked: await readLock(effects),
			store: openStore(effects, shared),
			dryRun,
			// A program that reads lines gets one line for each step.
			onStart: (name, why) => {
				if (effects.terminalColumns !== null) said(formatStart(name, why))
			},
			onEnd: (report) => said(formatEnding(report)),
		},
		quietSteps(effects),
	)
	const reports: StepReport[] = []
	for (const declared of stepsUntil(step)) reports.push(await run.run(declared))
	if (!dryRun) warnOfMissing(run.missing, effects)
	return reports
}

function warnOfMissing(steps: readonly StepName[], { err }: Pick<Effects, 'err'>): void {
	if (steps.length > 0)
		err(
			`warning: the files of ${steps.join(', ')} are neither here nor in a store; --store takes them from another machine, and a step that reads them makes them again`,
		)
}

// Without a terminal a progress bar would print lines now and then, but a run prints one for each step. Warnings are still printed.
function quietSteps(effects: Effects): Effects {
	return effects.terminalColumns === null
		? { ...effects, terminalColumns: 0, redraw: () => {} }
		: effects
}
