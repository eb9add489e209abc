// Which process a file on disk belongs to, so that others can tell whether it still runs. Node.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

export interface Owner {
	readonly pid: number
	readonly host: string
	/** Another one in each process: a machine that starts anew gives the same pid again. */
	readonly process?: string | undefined
}

const PROCESS_ID = randomUUID()

/** This process. */
export function thisOwner(): Owner {
	return { pid: process.pid, host: hostname(), process: PROCESS_ID }
}

/** Null for a text that names no owner. */
export function parseOwner(text: string): Owner | null {
	try {
		const owner = JSON.parse(text) as Partial<Record<keyof Owner, unknown>> | null
		const { pid, host, process: id } = owner ?? {}
		if (typeof pid !== 'number' || typeof host !== 'string') return null
		return { pid, host, process: typeof id === 'string' ? id : undefined }
	} catch {
		return null
	}
}

/** `elsewhere`: of another machine, where nobody here can look. */
export function stateOf(owner: Owner): 'running' | 'gone' | 'elsewhere' {
	if (owner.host !== hostname()) return 'elsewhere'
	if (owner.pid === process.pid && owner.process !== undefined)
		return owner.process === PROCESS_ID ? 'running' : 'gone'
	return isRunning(owner.pid) ? 'running' : 'gone'
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
