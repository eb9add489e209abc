// Which process a file on disk belongs to, so that others can tell whether it still runs.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename } from 'node:path'

export interface Owner {
	readonly pid: number
	readonly host: string
	/** Another one in each process: a machine that starts anew gives the same pid again. */
	readonly process?: string | undefined
	/** When the system started it, in the system's own words: systems give the pid of an ended process to another one. */
	readonly started?: string | undefined
}

const PROCESS_ID = randomUUID()

export function thisOwner(): Owner {
	const started = readStart(process.pid) ?? undefined
	return { pid: process.pid, host: hostname(), process: PROCESS_ID, started }
}

/** Null for a text that names no owner. */
export function parseOwner(text: string): Owner | null {
	try {
		const owner = JSON.parse(text) as Partial<Record<keyof Owner, unknown>> | null
		const { pid, host, process: id, started } = owner ?? {}
		if (typeof pid !== 'number' || typeof host !== 'string') return null
		return { pid, host, process: textOf(id), started: textOf(started) }
	} catch {
		return null
	}
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' ? value : undefined
}

/** `elsewhere`: of another machine, where nobody here can look. */
export function stateOf(owner: Owner): 'running' | 'gone' | 'elsewhere' {
	if (owner.host !== hostname()) return 'elsewhere'
	if (owner.pid === process.pid && owner.process !== undefined)
		return owner.process === PROCESS_ID ? 'running' : 'gone'
	return isRunning(owner.pid) && isSameProcess(owner) ? 'running' : 'gone'
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0)
		return true
	} catch (error) {
		// EPERM: it runs, under another user.
		return (error as NodeJS.ErrnoException).code === 'EPERM'
	}
}

/** False where another process was given the pid since. Where the system tells nothing of it, it counts as the same. */
function isSameProcess({ pid, started }: Owner): boolean {
	// A version before this one did not write down when it was started.
	if (started === undefined) return isNode(pid)
	const start = readStart(pid)
	return start === null || start === started
}

function isNode(pid: number): boolean {
	try {
		return basename(readlinkSync(`/proc/${pid}/exe`)) === basename(process.execPath)
	} catch {
		return true
	}
}

/** When a process was started, to the hundredth of a second; the same text each time. Null where the system does not say. */
function readStart(pid: number): string | null {
	return readLinuxStart(pid) ?? askPs(pid)
}

function readLinuxStart(pid: number): string | null {
	try {
		const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
		// The second field, the program's name, may hold spaces and brackets; the 22nd is the time since the boot.
		const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
		return ticks === undefined ? null : `${boot} ${ticks}`
	} catch {
		return null
	}
}

// For systems without /proc, as macOS. Windows has no `ps` either.
function askPs(pid: number): string | null {
	try {
		const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
		const args = ['-o', 'lstart=', '-p', `${pid}`]
		return execFileSync('ps', args, { encoding: 'utf8', env, stdio: 'pipe' }).trim() || null
	} catch {
		return null
	}
}
