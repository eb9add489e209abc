// Builds the page where something that it is made of is newer than what was built.
import { spawnSync } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BUILT = 'dist/index.html'
const SOURCES = [
	...['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json', 'whichsub.yaml'],
]

/** What the build says goes to stderr. @throws AppError `bad-data` where it fails */
export async function ensurePageBuilt(): Promise<void> {
	const built = await modifiedAt(BUILT)
	const sources = await Promise.all(SOURCES.map(modifiedAt))
	if (sources.some((source) => source >= built)) runTool('npm', ['run', '--silent', 'build'])
}

/** Runs one of npm's programs in the repository. @throws AppError `bad-data` where it ends with another code than 0 */
export function runTool(
	command: string,
	args: readonly string[],
	env: Readonly<Record<string, string>> = {},
): void {
	const { status } = spawnSync(command, args, {
		cwd: ROOT,
		// Our stdout is for results.
		stdio: ['ignore', 2, 2],
		shell: process.platform === 'win32',
		env: { ...process.env, ...env },
	})
	if (status !== 0) throw new AppError('bad-data', `${command} ${args.join(' ')} failed`)
}

/** The newest change in a file or folder, in milliseconds; 0 where there is none. */
async function modifiedAt(path: string): Promise<number> {
	const full = join(ROOT, path)
	const info = await stat(full).catch(() => null)
	if (!info) return 0
	if (!info.isDirectory()) return info.mtimeMs
	const names = await readdir(full)
	const times = await Promise.all(names.map((name) => modifiedAt(join(path, name))))
	return Math.max(info.mtimeMs, ...times)
}
