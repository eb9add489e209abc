import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exists, temporaryPath } from '../../../scripts/lib/files.ts'
import { removeDataLeftovers } from '../../../scripts/lib/leftovers.ts'
import { publish } from '../../../scripts/lib/nodes/publish.ts'
import {
	fillDatabase,
	makeCandidate,
	makeSnapshot,
	SNAPSHOT_OPTIONS,
} from '../../fixtures/candidate.ts'
import { testEffects } from '../../fixtures/effects.ts'

const MINUTE = 60

async function age(path: string, minutes: number): Promise<void> {
	const time = Date.now() / 1000 - minutes * MINUTE
	await utimes(path, time, time)
}

/** A folder with a file in it, as a kill leaves it that came so long ago. */
async function leave(path: string, minutes: number, fileMinutes = minutes): Promise<string> {
	const folder = temporaryPath(path)
	await mkdir(folder, { recursive: true })
	await writeFile(join(folder, 'train.txt'), '__label__cats a kit')
	await age(join(folder, 'train.txt'), fileMinutes)
	await age(folder, minutes)
	return folder
}

async function leaveFile(path: string, minutes: number): Promise<string> {
	const file = temporaryPath(path)
	await mkdir(dirname(file), { recursive: true })
	await writeFile(file, 'half a mod')
	await age(file, minutes)
	return file
}

describe('removeDataLeftovers', () => {
	it('removes what is older than an hour, wherever a step writes, and says so in one line', async () => {
		const effects = await testEffects()
		const { dataDir } = effects
		const old = [
			await leave(join(dataDir, 'snapshots/snapshot'), 61),
			await leaveFile(join(dataDir, 'executions/3/model.bin'), 61),
		]
		await removeDataLeftovers(effects)
		for (const path of old) expect(await exists(path)).toBe(false)
		expect(await readdir(join(dataDir, 'executions/3'))).toEqual([])
		expect(effects.said.err).toHaveLength(1)
		expect(effects.said.err[0]).toMatch(/^removed what killed commands left: /)
		for (const path of old) expect(effects.said.err[0]).toContain(path)
	})

	it('keeps what may still be written, and what is none of ours', async () => {
		const effects = await testEffects()
		const { dataDir } = effects
		const kept = [
			await leave(join(dataDir, 'snapshots/snapshot'), 59),
			// The folder's own time stands still while a large file grows in it.
			await leave(join(dataDir, 'snapshots/snapshot'), 600, 1),
			join(dataDir, '.notes.tmp'),
		]
		await writeFile(join(dataDir, '.notes.tmp'), 'mine')
		await age(join(dataDir, '.notes.tmp'), 600)
		await removeDataLeftovers(effects)
		for (const path of kept) expect(await exists(path)).toBe(true)
		expect(effects.said.err).toEqual([])
	})
})

describe('the next command', () => {
	it('cleans up after a snapshot that was killed', async () => {
		const effects = await testEffects()
		await fillDatabase(effects)
		const left = await leave(join(effects.dataDir, 'snapshots/snapshot'), 90)
		await makeSnapshot(SNAPSHOT_OPTIONS, effects)
		expect(await exists(left)).toBe(false)
		expect(effects.said.err.join('\n')).toContain(left)
	})

	it('cleans up after a publish that was killed, but not in a dry run', async () => {
		const effects = await testEffects()
		await makeCandidate(effects)
		const left = await leave(join(effects.modelsDir, '20130705.0'), 90)
		await publish({ why: '', dryRun: true }, effects)
		expect(await exists(left)).toBe(true)
		await publish({ why: '', dryRun: false }, effects)
		expect(await exists(left)).toBe(false)
		expect(effects.said.err.join('\n')).toContain(left)
	})
})
