// The records of all executions. Each lies beside its files in <data>/executions/<number>/. If there is a folder of records for git, it
// holds copies, and the records of other machines.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { formatBytes, formatSeconds } from '../progress.ts'
import { readRecord } from '../recorded-files.ts'
import { executionDir, readFolders, readRecordNames } from './claim.ts'
import {
	type AnyExecution,
	type Execution,
	ExecutionRecord,
	executionName,
	isDone,
	RECORD_FILE,
	type StepName,
} from './execution-schema.ts'
import { formatFigure } from './headline.ts'

type Places = Pick<Effects, 'dataDir' | 'recordsDir'>

const SCHEMA = 2

/** A number, with or without `#`, and as much of its six digits as tells it from others: `56`, `#56`, `56-ab`. */
const REFERENCE = /^#?([1-9]\d{0,14})(?:-([0-9a-f]{1,6}))?$/

export function isExecutionReference(text: string): boolean {
	return REFERENCE.test(text)
}

/**
 * Reads an execution that ended well, of this machine or of another.
 *
 * @param reference as in `56`, `#56` or `56-ab12cd`
 * @throws AppError `not-found`, `damaged`, `bad-input` where two have that number or it failed, `unsupported` for the record
 * of a newer version
 */
export async function readExecution(
	effects: Places,
	reference: number | string,
): Promise<Execution> {
	const execution = await readAnyExecution(effects, reference)
	if (isDone(execution)) return execution
	const { id, step, ending } = execution
	throw new AppError(
		'bad-input',
		`execution #${id} made nothing: its ${step} ${ending.how === 'stopped' ? 'was stopped' : 'failed'}; run it again`,
	)
}

/** As readExecution, but it may have failed or been stopped. */
export async function readAnyExecution(
	effects: Places,
	reference: number | string,
): Promise<AnyExecution> {
	const [, number = '', digits = ''] = REFERENCE.exec(String(reference)) ?? []
	if (number === '')
		throw new AppError('bad-input', `no execution is called ${reference}; expected one like 56`)
	const isMeant = (name: string) => Number.parseInt(name, 10) === Number(number)
	const found: AnyExecution[] = []
	for (const folder of (await readFolders(effects)).filter(isMeant))
		found.push(await readFolder(effects, folder))
	for (const name of (await readRecordNames(effects)).filter(isMeant))
		if (!found.some((execution) => executionName(execution) === name))
			found.push(await readShared(effects, name))
	const meant = found.filter(({ uid }) => uid.startsWith(digits))
	const [only] = meant
	if (only && meant.length === 1) return only
	if (only) throw ambiguous(number, meant)
	throw new AppError(
		'not-found',
		`no execution #${reference.toString().replace('#', '')} in ${effects.dataDir}; run: executions list`,
	)
}

function ambiguous(number: string, meant: readonly AnyExecution[]): AppError {
	const list = meant.map((one) => `${executionName(one)} (${one.step}, ${one.start.slice(0, 16)})`)
	return new AppError(
		'bad-input',
		`#${number} is the number of ${meant.length} executions, of different machines: ${list.join(' and ')}; name one of them`,
	)
}

/** The executions of this machine that ended well, oldest first. Warns about records that it could not read, and skips them. */
export async function listExecutions(
	effects: Pick<Effects, 'dataDir' | 'err'>,
): Promise<Execution[]> {
	return (await listFolders(effects)).filter(isDone)
}

/** All executions known here, of every machine and however they ended; smallest number first. */
export async function listAllExecutions(
	effects: Places & Pick<Effects, 'err'>,
): Promise<AnyExecution[]> {
	const own = await listFolders(effects)
	const known = new Set(own.map(executionName))
	const others = (await readRecordNames(effects)).filter((name) => !known.has(name))
	const shared = await Promise.all(
		others.map((name) => orWarn(`record ${name}`, () => readShared(effects, name), effects)),
	)
	return [...own, ...shared.filter((execution) => execution !== null)].sort(
		(a, b) => a.id - b.id || Date.parse(a.start) - Date.parse(b.start),
	)
}

async function listFolders(effects: Pick<Effects, 'dataDir' | 'err'>): Promise<AnyExecution[]> {
	const folders = await readFolders(effects)
	const records = await Promise.all(
		folders.map((folder) =>
			orWarn(`execution #${folder}`, () => readFolder(effects, folder), effects),
		),
	)
	return records.filter((record) => record !== null)
}

async function orWarn<T>(
	what: string,
	read: () => Promise<T>,
	{ err }: Pick<Effects, 'err'>,
): Promise<T | null> {
	try {
		return await read()
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		// A folder without a record is a step that runs now or was killed.
		if (error.code !== 'not-found') warnOnce(`${what} is left out: ${error.message}`, { err })
		return null
	}
}

async function readFolder(
	effects: Pick<Effects, 'dataDir'>,
	folder: string,
): Promise<AnyExecution> {
	const dir = executionDir(effects, folder)
	const remedy = `restore it from a copy, or remove ${dir} and run its step again`
	const record = await readOne(join(dir, RECORD_FILE), folder, remedy)
	return { ...record, folder }
}

async function readShared({ recordsDir = '' }: Places, name: string): Promise<AnyExecution> {
	const remedy = 'restore it from git'
	// Its files may come here, in a folder that no execution of this machine has.
	return { ...(await readOne(join(recordsDir, `${name}.json`), name, remedy)), folder: name }
}

async function readOne(path: string, name: string, remedy: string): Promise<ExecutionRecord> {
	const file = { path, what: `execution #${name}`, remedy, oldest: SCHEMA, newest: SCHEMA }
	const { record } = await readRecord(ExecutionRecord, file)
	if ([`${record.id}`, executionName(record)].includes(name)) return record
	throw new AppError('damaged', `${path} is of execution #${record.id}; ${remedy}`)
}

// One command lists the executions several times.
const warnings = new WeakMap<Effects['err'], Set<string>>()

function warnOnce(text: string, { err }: Pick<Effects, 'err'>): void {
	const said = warnings.get(err) ?? new Set()
	warnings.set(err, said)
	if (said.has(text)) return
	said.add(text)
	err(`warning: ${text}`)
}

/** The newest execution of a step on this machine that was done. @throws AppError `not-found` */
export async function latestExecution(effects: Effects, step: StepName): Promise<Execution> {
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
	{ id, folder, step, start, end, metrics, outputs }: Execution,
	effects: Pick<Effects, 'dataDir'>,
): string {
	const seconds = (Date.parse(end) - Date.parse(start)) / 1000
	const figures = Object.entries(metrics).map(
		([name, value]) => `  ${name}: ${formatFigure(name, value)}`,
	)
	const files = outputs.map(
		({ name, bytes }) => `  ${join(executionDir(effects, folder), name)} (${formatBytes(bytes)})`,
	)
	return [`execution #${id}: ${step}, ${formatSeconds(seconds)}`, ...figures, ...files].join('\n')
}
