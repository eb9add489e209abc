import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { findRelease, readReleases } from '../../../../scripts/lib/release-files/releases-json.ts'
import { changeReleases } from '../../../../scripts/lib/releases/change-releases.ts'
import { compiled } from '../../../fixtures/compiled.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'
import { writeRelease, writeReleases } from '../../../fixtures/release.ts'

const LOCK = '.releases.json.lock'

function endedProcess(): number {
	return spawnSync(process.execPath, ['--version']).pid
}

function note(why: string) {
	const at = '2013-07-05T12:00:00.000Z'
	return { at, channel: 'staging', from: null, to: null, action: 'promote', why } as const
}

function effectsFor(modelsDir: string) {
	return { modelsDir, err: () => {}, signal: new AbortController().signal }
}

function addNote(dir: string, why: string) {
	return changeReleases(effectsFor(dir), async (before) => ({
		releases: { ...before, history: [...before.history, note(why)] },
		result: null,
	}))
}

describe('readReleases', () => {
	it('finds no releases where there is no file yet', async () => {
		const releases = await readReleases(await temporaryFolder())
		expect(releases).toMatchObject({ releases: [], history: [], channels: { production: null } })
	})

	it('names the field that is wrong', async () => {
		const dir = await temporaryFolder()
		await writeFile(join(dir, 'releases.json'), '{"schema":3}')
		await expect(readReleases(dir)).rejects.toMatchObject({
			code: 'bad-data',
			message: expect.stringMatching(/releases\.json: schema/),
		})
	})
})

describe('changeReleases', () => {
	it('keeps every one of many changes at once, and leaves no lock', async () => {
		const dir = await temporaryFolder()
		const notes = Array.from({ length: 12 }, (_, index) => `${index}`)
		await Promise.all(notes.map((why) => addNote(dir, why)))
		const { history } = await readReleases(dir)
		expect(history.map(({ why }) => why).sort()).toEqual([...notes].sort())
		expect(await readdir(dir)).toEqual(['releases.json'])
	})

	it('takes over the lock of a process that was killed', async () => {
		const dir = await temporaryFolder()
		const owner = { pid: endedProcess(), host: hostname() }
		await writeFile(join(dir, LOCK), JSON.stringify(owner))
		await Promise.all(['a', 'b', 'c'].map((why) => addNote(dir, why)))
		expect((await readReleases(dir)).history).toHaveLength(3)
	})

	it('leaves the old file or the new one when it is killed, and no lock that holds others up', async () => {
		const dir = await temporaryFolder()
		const program = await compiled('tests/fixtures/change-releases-forever.ts')
		for (let kills = 0; kills < 4; kills += 1) {
			const child = spawn(process.execPath, [program, dir])
			await once(child.stdout, 'data')
			await sleep(kills * 7)
			const ended = once(child, 'exit')
			child.kill('SIGKILL')
			await ended
			const before = (await readReleases(dir)).history
			await addNote(dir, 'by another')
			const { history } = await readReleases(dir)
			expect(history.length).toBe(before.length + 1)
			expect(history.length).toBeGreaterThan(kills + 1)
		}
	})

	it('gives the lock back when a change fails', async () => {
		const dir = await temporaryFolder()
		const failing = changeReleases(effectsFor(dir), () => Promise.reject(new Error('no')))
		await expect(failing).rejects.toThrow('no')
		await addNote(dir, 'after')
		expect((await readReleases(dir)).history).toHaveLength(1)
	})

	it('refuses to write what a page would refuse to read', async () => {
		const dir = await temporaryFolder()
		const broken = changeReleases(effectsFor(dir), async (before) => ({
			releases: { ...before, channels: { ...before.channels, production: '20130702.0' } },
			result: null,
		}))
		await expect(broken).rejects.toMatchObject({ code: 'bad-data' })
		expect(await readdir(dir)).toEqual([])
	})
})

describe('findRelease', () => {
	it('knows a release by its version and by the channel that serves it', async () => {
		const dir = await temporaryFolder()
		const model = Buffer.from('weights')
		const listed = await writeRelease(dir, { version: '20130702.0', model, labels: 3 })
		await writeReleases(dir, [listed], { staging: '20130702.0' })
		const releases = await readReleases(dir)
		expect(findRelease(releases, '20130702.0').version).toBe('20130702.0')
		expect(findRelease(releases, 'staging').version).toBe('20130702.0')
		expect(() => findRelease(releases, 'production')).toThrow(/production serves no release/)
	})

	it('says what to do where there is no release at all', async () => {
		const releases = await readReleases(await temporaryFolder())
		expect(() => findRelease(releases, '20130702.0')).toThrow(/none yet; run: release publish/)
	})
})
