// A command of whichsub or a peer in a process of its own: seconds, processor time and, of ours, the peak of memory.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const COMMANDS = resolve(import.meta.dirname, '../whichsub.mjs')
const TELL_PEAK = resolve(import.meta.dirname, 'tell-peak.mjs')

export interface Timed {
	readonly seconds: number
	/** Of the process and its children: what else the machine does lengthens it little. */
	readonly cpuSeconds: number
	readonly stdout: string
}

interface ShellOptions {
	/** What has to be there. */
	readonly programs: readonly string[]
	readonly args: readonly string[]
	readonly env?: Readonly<Record<string, string>>
}

/** A line of Bash; what it may name comes as `$1`, `$2` and so on. Null where a program is missing. */
export async function timeShell(
	line: string,
	{ programs, args, env = {} }: ShellOptions,
): Promise<Timed | null> {
	try {
		await run('bash', [
			'-c',
			'for name; do command -v "$name" || exit 1; done',
			'look',
			...programs,
		])
	} catch {
		return null
	}
	const timed = `TIMEFORMAT='%R %U %S'; time { set -o pipefail; ${line}; }`
	const { stdout, stderr } = await run('bash', ['-c', timed, 'bench', ...args], {
		maxBuffer: 2 ** 26,
		env: { ...process.env, ...env },
	})
	const [seconds = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '')
		.split(' ')
		.map(Number)
	return { seconds, cpuSeconds: user + system, stdout }
}

export interface TimedCommand extends Timed {
	readonly peakBytes: number
}

/** @param args as on the command line: `--data` first */
export async function timeCommand(
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
): Promise<TimedCommand> {
	const timed = await timeShell('"$@"', {
		programs: [],
		env,
		args: [process.execPath, '--import', TELL_PEAK, COMMANDS, ...args],
	})
	if (!timed) throw new Error('no bash')
	const lines = timed.stdout.trim().split('\n')
	const { peakBytes } = JSON.parse(lines.pop() ?? '') as { peakBytes: number }
	return { ...timed, stdout: lines.join('\n'), peakBytes }
}
