// What a command that was killed leaves behind: files and folders that were still being written.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Effects } from './effects.ts'
import { isTemporaryName } from './files.ts'

/** A command that is still at work touches what it writes far more often. */
const LEFTOVER_AGE_MS = 60 * 60 * 1000
const SHOWN = 3

/** In the data folder: its own files, snapshots, and files of executions. Says so in one line. */
export function removeDataLeftovers(effects: Pick<Effects, 'dataDir' | 'err'>): Promise<void> {
	return removeLeftovers({ dir: effects.dataDir, depth: 2 }, effects)
}

/** In the folder of releases: releases, releases.json and its lock. Says so in one line. */
export function removeReleaseLeftovers(effects: Pick<Effects, 'modelsDir' | 'err'>): Promise<void> {
	return removeLeftovers({ dir: effects.modelsDir, depth: 0 }, effects)
}

/** How many folders down to look. */
interface Place {
	readonly dir: string
	readonly depth: number
}

async function removeLeftovers(place: Place, { err }: Pick<Effects, 'err'>): Promise<void> {
	const removed: string[] = []
	// Another user's may stay: nothing waits for it.
	for (const path of await findLeftovers(place))
		await rm(path, { recursive: true, force: true }).then(
			() => removed.push(path),
			() => {},
		)
	reportRemoved(removed, { err })
}

/** Says in one line which files and folders of killed commands are gone. */
export function reportRemoved(removed: readonly string[], { err }: Pick<Effects, 'err'>): void {
	if (removed.length === 0) return
	const more = removed.length > SHOWN ? `, … and ${removed.length - SHOWN} more` : ''
	err(`removed what killed commands left: ${removed.slice(0, SHOWN).join(', ')}${more}`)
}

async function findLeftovers({ dir, depth }: Place): Promise<string[]> {
	const entries = await readdir(dir, { withFileTypes: true }).catch(() => [])
	const found: string[] = []
	for (const entry of entries) {
		const path = join(dir, entry.name)
		if (isTemporaryName(entry.name)) {
			if (Date.now() - (await newestChange(path)) > LEFTOVER_AGE_MS) found.push(path)
		} else if (entry.isDirectory() && depth > 0)
			found.push(...(await findLeftovers({ dir: path, depth: depth - 1 })))
	}
	return found
}

/** When a folder or anything in it last changed: its own time stands still while one of its files grows. */
export async function newestChange(path: string): Promise<number> {
	const names = await readdir(path, { recursive: true }).catch(() => [])
	const times = ['', ...names].map((name) =>
		stat(join(path, name)).then(
			({ mtimeMs }) => mtimeMs,
			() => Date.now(),
		),
	)
	return Math.max(...(await Promise.all(times)))
}
