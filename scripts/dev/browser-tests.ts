// `npm run test:browser [-- FILTER…]`: finds a browser, builds the page where it changed, runs the browser tests.
import { spawnSync } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'
import { ensureBrowser } from './find-browser.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const BUILT = 'dist/index.html'
const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package-lock.json']

try {
	const browser = ensureBrowser((text) => process.stderr.write(`${text}\n`))
	if (!(await isBuilt())) run('npm', ['run', '--silent', 'build'])
	run('npx', ['playwright', 'test', ...process.argv.slice(2)], { CHROMIUM_PATH: browser })
} catch (error) {
	if (!(error instanceof AppError)) throw error
	process.stderr.write(`${error.message}\n`)
	process.exitCode = 1
}

async function isBuilt(): Promise<boolean> {
	const built = await modifiedAt(BUILT)
	const sources = await Promise.all(SOURCES.map(modifiedAt))
	return sources.every((source) => source < built)
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

function run(command: string, args: readonly string[], env: Record<string, string> = {}): void {
	const { status } = spawnSync(command, args, {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		shell: process.platform === 'win32',
		env: { ...process.env, ...env },
	})
	if (status !== 0) throw new AppError('bad-data', `${command} ${args.join(' ')} failed`)
}
