// The record of every step that was run, in <data>/executions/<id>/: the step's files and execution.json.
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { storageError, writeFileAtomic } from '../files.ts'
import { formatBytes, formatCount, formatSeconds } from '../progress.ts'
import { readRecord } from '../recorded-files.ts'
import { claimExecution, executionDir, readExecutionIds, releaseClaim } from './claim.ts'
import { type Artifact, Execution, RECORD_FILE } from './execution-schema.ts'

/** What a step tells about itself when it ends. */
export interface StepOutcome {
	readonly inputs: readonly Artifact[]
	readonly outputs: readonly Artifact[]
	readonly metrics?: Readonly<Partial<Record<string, number>>>
}

export interface StepPlan {
	readonly step: Execution['step']
	readonly parameters: Execution['parameters']
	/** Parameters that a flag gave another value than the parameters file. */
	readonly overridden?: readonly string[] | undefined
	readonly parents?: readonly number[]
}

/**
 * Runs one step with a folder of its own and records it. A step that fails, or whose figures
 * are not finite, leaves neither folder nor record.
 *
 * @param work writes its files into `dir`
 */
export async function runStep(
	plan: StepPlan,
	effects: Effects,
	work: (dir: string, id: number) => Promise<StepOutcome>,
): Promise<Execution> {
	const claim = await claimExecution(effects)
	const { id, dir } = claim
	const start = effects.now().toISOString()
	// Of the start: a file that is edited while a model trains has no part in it.
	const code = await codeVersion()
	try {
		const outcome = await work(dir, id)
		const record = parseWith(
			Execution,
			{
				schema: 1,
				id,
				step: plan.step,
				parameters: plan.parameters,
				...(plan.overridden ? { overridden: [...plan.overridden] } : {}),
				parents: [...(plan.parents ?? [])],
				inputs: [...outcome.inputs],
				outputs: [...outcome.outputs],
				code,
				metrics: { ...outcome.metrics },
				start,
				end: effects.now().toISOString(),
				machine: describeMachine(),
			},
			`execution #${id}`,
		)
		await writeFileAtomic(join(dir, RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`)
		await releaseClaim(claim)
		return record
	} catch (error) {
		await rm(dir, { recursive: true, force: true })
		throw storageError(error, dir)
	}
}

/** @throws AppError `not-found`, `damaged`, `unsupported` for the record of a newer version */
export async function readExecution(
	effects: Pick<Effects, 'dataDir'>,
	id: number,
): Promise<Execution> {
	const dir = executionDir(effects, id)
	const path = join(dir, RECORD_FILE)
	const remedy = `restore it from a copy, or remove ${dir} and run its step again`
	const { record } = await readRecord(Execution, { path, what: `execution #${id}`, remedy })
	if (record.id === id) return record
	throw new AppError('damaged', `${path} is of execution #${record.id}; ${remedy}`)
}

/** The finished executions, oldest first. Says which records it could not read, and goes on without them. */
export async function listExecutions(
	effects: Pick<Effects, 'dataDir' | 'err'>,
): Promise<Execution[]> {
	const ids = await readExecutionIds(effects)
	const records = await Promise.all(
		ids.map((id) =>
			readExecution(effects, id).catch((error: unknown) => {
				if (!(error instanceof AppError)) throw error
				// A folder without a record is a step that runs now or was killed.
				if (error.code !== 'not-found')
					warnOnce(`execution #${id} is left out: ${error.message}`, effects)
				return null
			}),
		),
	)
	return records.filter((record) => record !== null)
}

// One command lists the executions several times.
const warnings = new WeakMap<Effects['err'], Set<string>>()

function warnOnce(text: string, { err }: Pick<Effects, 'err'>): void {
	const said = warnings.get(err) ?? new Set()
	warnings.set(err, said)
	if (said.has(text)) return
	said.add(text)
	err(`careful: ${text}`)
}

/** The newest finished execution of a step. @throws AppError `not-found` */
export async function latestExecution(
	effects: Effects,
	step: Execution['step'],
): Promise<Execution> {
	const record = (await listExecutions(effects)).findLast((execution) => execution.step === step)
	if (!record)
		throw new AppError(
			'not-found',
			`no ${step} was run yet in ${effects.dataDir}; run ${step} first`,
		)
	return record
}

/** A few lines for people: number, figures, files. */
export function formatExecution(
	{ id, step, start, end, metrics, outputs }: Execution,
	effects: Pick<Effects, 'dataDir'>,
): string {
	const seconds = (Date.parse(end) - Date.parse(start)) / 1000
	const figures = Object.entries(metrics).map(
		([name, value]) =>
			`  ${name}: ${Number.isInteger(value) ? formatCount(value) : value.toFixed(4)}`,
	)
	const files = outputs.map(
		({ name, bytes }) => `  ${join(executionDir(effects, id), name)} (${formatBytes(bytes)})`,
	)
	return [`execution #${id}: ${step}, ${formatSeconds(seconds)}`, ...figures, ...files].join('\n')
}

const run = promisify(execFile)

/** The commit of this code, and whether files differ from it; `unknown` outside a checkout. */
export async function codeVersion(): Promise<Execution['code']> {
	const cwd = import.meta.dirname
	try {
		const { stdout: commit } = await run('git', ['rev-parse', 'HEAD'], { cwd })
		const { stdout: changes } = await run('git', ['status', '--porcelain'], { cwd })
		return { commit: commit.trim(), dirty: changes.trim() !== '' }
	} catch {
		return { commit: 'unknown', dirty: true }
	}
}

export function describeMachine(): Execution['machine'] {
	return {
		platform: process.platform,
		arch: process.arch,
		cpus: availableParallelism(),
		memoryBytes: totalmem(),
		node: process.version,
	}
}
