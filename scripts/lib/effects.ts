// Everything that a command does to the outside goes through here, so that tests replace it without mocking modules.
import { resolve } from 'node:path'
import { addAbortSignal } from 'node:stream'
import { AppError } from '../../src/shared/app-error.ts'

/** Where results and progress go, what time it is, and where local data lives. */
export interface Effects {
	readonly env: Readonly<Record<string, string | undefined>>
	/** The folder of local data: posts.db, snapshots, executions. */
	readonly dataDir: string
	/** The folder of releases: releases.json and a folder for each version. */
	readonly modelsDir: string
	/** The folder that git sees, for the records of executions; undefined: they stay in the data folder alone. */
	readonly recordsDir?: string | undefined
	/** whichsub.yaml; `isNamed`: somebody asked for another file in its place, so that it must be there. */
	readonly parametersFile: { readonly path: string; readonly isNamed: boolean }
	readonly stdin: AsyncIterable<Uint8Array>
	/** Results; what another program may read. */
	out(text: string): void
	/** Progress, warnings and logs. */
	err(text: string): void
	/** Redraws the terminal's last line; never called where `terminalColumns` is null. */
	redraw(line: string): void
	/** Columns of the terminal that `err` goes to, or null where it is none: progress is then plain lines. */
	readonly terminalColumns: number | null
	now(): Date
	/** Aborts on Ctrl-C and on a request to end: long work stops at a place from which it can go on, or leaves nothing behind. */
	readonly signal: AbortSignal
}

export interface Folders extends Pick<Effects, 'dataDir' | 'modelsDir' | 'recordsDir'> {
	/** The one of this checkout if left out. */
	readonly parametersFile?: Effects['parametersFile']
}

/** Found from this file, so that commands work in any folder. */
export const PARAMETERS_PATH = resolve(import.meta.dirname, '../../whichsub.yaml')

export function processEffects(folders: Folders, signal: AbortSignal): Effects {
	return {
		parametersFile: { path: PARAMETERS_PATH, isNamed: false },
		...folders,
		env: process.env,
		stdin: readStdin(signal),
		out: (text) => process.stdout.write(`${text}\n`),
		err: (text) => process.stderr.write(`${text}\n`),
		redraw: (line) => process.stderr.write(`\r${line}\x1b[K`),
		terminalColumns: process.stderr.isTTY ? process.stderr.columns : null,
		now: () => new Date(),
		signal,
	}
}

// Waiting for a terminal or a pipe ends with Ctrl-C too. Nothing is read before somebody asks.
async function* readStdin(signal: AbortSignal): AsyncGenerator<Uint8Array> {
	try {
		yield* addAbortSignal(signal, process.stdin) as AsyncIterable<Uint8Array>
	} catch (error) {
		throw signal.aborted ? new AppError('aborted', 'stopped on request', error) : error
	}
}

/** @throws AppError `aborted` once Ctrl-C was pressed */
export function throwIfAborted(effects: Pick<Effects, 'signal'>): void {
	if (effects.signal.aborted) throw new AppError('aborted', 'stopped on request')
}
