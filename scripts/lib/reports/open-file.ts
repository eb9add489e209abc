// Opens a file in the program that people have for it, where there is a screen.
import { spawn } from 'node:child_process'
import type { Effects } from '../effects.ts'

/** @returns whether a program was started that opens it */
export async function openFile(
	path: string,
	{ env }: Pick<Effects, 'env'>,
	platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
	const opener = openerOf(platform, env)
	if (!opener) return false
	const [command, ...args] = opener
	const child = spawn(command, [...args, path], { detached: true, stdio: 'ignore', env })
	return new Promise((done) => {
		child.once('error', () => done(false))
		child.once('spawn', () => {
			child.unref()
			done(true)
		})
	})
}

function openerOf(
	platform: NodeJS.Platform,
	env: Effects['env'],
): readonly [string, ...string[]] | null {
	if (platform === 'darwin') return ['open']
	// The first argument of `start` in quotes would be a window's title.
	if (platform === 'win32') return ['cmd', '/c', 'start', '""']
	return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : null
}
