// The code and the machine that ran a step, and the time and memory that it used.
import { execFile } from 'node:child_process'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { ExecutionRecord } from './execution-schema.ts'

const run = promisify(execFile)

export const ROOT = resolve(import.meta.dirname, '../../..')
/** What a step's code is made of: records, releases and documents that come beside it make it no dirtier. */
export const CODE = ['scripts', 'src', 'package.json', 'package-lock.json', 'tsconfig.json']

let known: Promise<ExecutionRecord['code']> | null = null

/** As of the first question: a process runs the code that it has loaded, whatever is committed or edited meanwhile. */
export function codeVersion(): Promise<ExecutionRecord['code']> {
	known ??= readCodeVersion()
	return known
}

/** The commit of this code, and whether files differ from it; the commit is `unknown` outside a checkout. */
async function readCodeVersion(): Promise<ExecutionRecord['code']> {
	const options = { cwd: ROOT }
	try {
		const { stdout: commit } = await run('git', ['rev-parse', 'HEAD'], options)
		const status = ['status', '--porcelain', '--', ...CODE]
		const { stdout: changes } = await run('git', status, options)
		return { commit: commit.trim(), dirty: changes.trim() !== '' }
	} catch {
		return { commit: 'unknown', dirty: true }
	}
}

export function describeMachine(): ExecutionRecord['machine'] {
	return {
		platform: process.platform,
		arch: process.arch,
		cpus: availableParallelism(),
		memoryBytes: totalmem(),
		node: process.version,
	}
}

/** Starts a measurement. @returns a function for what was used since then; peak memory is that of the whole process */
export function measureUse(): () => ExecutionRecord['used'] {
	const before = process.cpuUsage()
	return () => {
		const { user, system } = process.cpuUsage(before)
		const peakMemoryBytes = process.resourceUsage().maxRSS * 1024
		return { cpuSeconds: (user + system) / 1e6, peakMemoryBytes }
	}
}
