// The record of every step that was run, in <data>/executions/<id>/: the step's files and execution.json.
import { execFile } from 'node:child_process'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith, parseWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { makeFolder, readTextFile, storageError, writeFileAtomic } from '../files.ts'
import { formatBytes, formatCount, formatSeconds } from '../progress.ts'
import { type Artifact, Execution } from './execution-schema.ts'

const RECORD_FILE = 'execution.json'

/** What a step tells about itself when it ends. */
export interface Outcome {
	readonly inputs: readonly Artifact[]
	readonly outputs: readonly Artifact[]
	readonly metrics?: Readonly<Partial<Record<string, number>>>
}

export interface StepPlan {
	readonly step: Execution['step']
	readonly parameters: Execution['parameters']
	readonly parents?: readonly number[]
}

/** Where the files of an execution are. */
export function executionDir(effects: Pick<Effects, 'dataDir'>, id: number): string {
	return join(effects.dataDir, 'executions', String(id))
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
	work: (dir: string, id: number) => Promise<Outcome>,
): Promise<Execution> {
	const { id, dir } = await claimExecution(effects)
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
		return record
	} catch (error) {
		await rm(dir, { recursive: true, force: true })
		throw storageError(error, dir)
	}
}

/** @throws AppError `not-found` with what to do */
export async function readExecution(effects: Effects, id: number): Promise<Execution> {
	const path = join(executionDir(effects, id), RECORD_FILE)
	const text = await readTextFile(path, `execution #${id}`)
	return parseJsonWith(Execution, text, path)
}

/** The finished executions, oldest first. */
export async function listExecutions(effects: Effects): Promise<Execution[]> {
	const ids = await executionIds(effects)
	const records = await Promise.all(
		ids.map((id) =>
			readExecution(effects, id).catch((error: unknown) => {
				// A folder without a record is a step that runs now or was killed.
				if (error instanceof AppError && error.code === 'not-found') return null
				throw error
			}),
		),
	)
	return records.filter((record) => record !== null)
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

async function executionIds(effects: Effects): Promise<number[]> {
	const names = await readdir(join(effects.dataDir, 'executions')).catch(() => [])
	return names
		.filter((name) => /^[1-9]\d*$/.test(name))
		.map(Number)
		.sort((a, b) => a - b)
}

// mkdir without `recursive` fails where the folder exists: two commands at once never get the same number.
async function claimExecution(effects: Effects): Promise<{ id: number; dir: string }> {
	await makeFolder(join(effects.dataDir, 'executions'))
	let id = ((await executionIds(effects)).at(-1) ?? 0) + 1
	for (;;) {
		const dir = executionDir(effects, id)
		try {
			await mkdir(dir)
			return { id, dir }
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw storageError(error, dir)
			id += 1
		}
	}
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
