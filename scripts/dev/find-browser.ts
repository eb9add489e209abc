// Which Chromium the browser tests use, and how one is had where there is none.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'
import { AppError } from '../../src/shared/app-error.ts'

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const MAC_APPS = ['Google Chrome', 'Chromium'].map(
	(name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
)
const WINDOWS_PATH = 'Google\\Chrome\\Application\\chrome.exe'

/** What finding a browser asks of a machine; replaced by tests. */
export interface Machine {
	readonly env: Readonly<Record<string, string | undefined>>
	readonly platform: NodeJS.Platform
	/** Where Playwright's own download would be. */
	readonly playwrightPath: string
	exists(path: string): boolean
}

/** This machine. */
export function thisMachine(): Machine {
	return {
		env: process.env,
		platform: process.platform,
		playwrightPath: chromium.executablePath(),
		exists: existsSync,
	}
}

/**
 * The browser that is there: `CHROMIUM_PATH`, Playwright's own, else a system's Chromium or Chrome.
 *
 * @returns its executable, or null where there is none
 * @throws AppError `not-found` where `CHROMIUM_PATH` names none
 */
export function findBrowser(machine: Machine): string | null {
	const { env, exists, playwrightPath } = machine
	if (env.CHROMIUM_PATH) {
		if (exists(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH
		throw new AppError('not-found', `CHROMIUM_PATH is no browser: ${env.CHROMIUM_PATH}`)
	}
	if (exists(playwrightPath)) return playwrightPath
	return systemPaths(machine).find(exists) ?? null
}

/**
 * The flags that this browser needs here. A sandbox can't be had as root; what a browser does by itself in the
 * background only disturbs the tests.
 */
export function browserFlags(isRoot = process.getuid?.() === 0): string[] {
	const quiet = [
		'--disable-quic',
		'--no-first-run',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	]
	return isRoot ? ['--no-sandbox', '--disable-gpu', ...quiet] : quiet
}

/**
 * Finds a browser, or installs one: Playwright's download, else Debian's package.
 *
 * @param say told what is being tried
 * @throws AppError `missing-tool` with what to install
 */
export function ensureBrowser(say: (text: string) => void): string {
	const found = findWorking()
	if (found) return found
	for (const { title, isPossible, steps } of INSTALLERS) {
		if (!isPossible()) continue
		say(`no Chromium found; trying ${title}`)
		if (!steps.every(([command, ...args]) => runs(command, args))) continue
		const installed = findWorking()
		if (installed) return installed
	}
	throw new AppError(
		'missing-tool',
		'no Chromium for the browser tests; install Chromium or Google Chrome, or set CHROMIUM_PATH to one',
	)
}

// A browser that lacks libraries is there, and of no use.
function findWorking(): string | null {
	return findBrowser({ ...thisMachine(), exists: (path) => existsSync(path) && starts(path) })
}

function starts(path: string): boolean {
	// On Windows the question for its version would open a window.
	if (process.platform === 'win32') return true
	return spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0
}

interface Installer {
	readonly title: string
	isPossible(): boolean
	readonly steps: readonly (readonly [string, ...string[]])[]
}

const INSTALLERS: readonly Installer[] = [
	{
		title: "Playwright's download",
		isPossible: () => true,
		steps: [['npx', 'playwright', 'install', 'chromium']],
	},
	{
		title: "Playwright's download with the libraries that it needs",
		isPossible: () => process.platform === 'linux' && process.getuid?.() === 0,
		steps: [['npx', 'playwright', 'install', '--with-deps', 'chromium']],
	},
	{
		title: "Debian's package",
		isPossible: () => process.getuid?.() === 0 && isDebian(),
		steps: [
			['apt-get', 'update', '-qq'],
			['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
		],
	},
]

function runs(command: string, args: readonly string[]): boolean {
	const { status } = spawnSync(command, args, {
		stdio: ['ignore', 'inherit', 'inherit'],
		shell: process.platform === 'win32',
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	})
	return status === 0
}

function isDebian(): boolean {
	try {
		return /^ID(_LIKE)?=.*\bdebian\b/m.test(readFileSync('/etc/os-release', 'utf8'))
	} catch {
		return false
	}
}

function systemPaths({ env, platform }: Machine): string[] {
	if (platform === 'darwin') return MAC_APPS
	if (platform === 'win32')
		return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
			.filter((folder) => folder !== undefined)
			.map((folder) => `${folder}\\${WINDOWS_PATH}`)
	const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
	return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)))
}
