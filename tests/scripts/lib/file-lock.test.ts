import { spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { withLock } from '../../../scripts/lib/file-lock.ts'
import { thisOwner } from '../../../scripts/lib/owner.ts'
import { temporaryFolder, testEffects } from '../../fixtures/effects.ts'

const OLD = new Date('2013-07-05T12:00:00Z')

/** What a killed process leaves. */
function killedOwner(): string {
	const { pid } = spawnSync(process.execPath, ['--version'])
	return JSON.stringify({ pid, host: hostname() })
}

/** A process that runs, and is none of ours. */
function runOther(command: string, ...args: string[]): number {
	const child = spawn(command, args, { stdio: 'ignore' })
	onTestFinished(() => void child.kill('SIGKILL'))
	return child.pid ?? 0
}

const EFFECTS = { err: () => {}, signal: new AbortController().signal }

/** @returns how many held the lock at once, at most */
async function lockAtOnce(path: string, commands: number): Promise<number> {
	let [inside, most, done] = [0, 0, 0]
	const work = async () => {
		inside += 1
		most = Math.max(most, inside)
		await readdir('.')
		inside -= 1
		done += 1
	}
	await Promise.all(
		Array.from({ length: commands }, () => withLock({ path, what: 'in use' }, work, EFFECTS)),
	)
	expect(done).toBe(commands)
	return most
}

describe('withLock', () => {
	afterEach(() => vi.restoreAllMocks())

	it.each([
		['that was breaking a lock', '.break', killedOwner],
		['and lost what it wrote', '', () => ''],
		['and lost what it wrote while breaking a lock', '.break', () => '{"pid":'],
	])('takes over from a process that was killed %s', async (_, suffix, leftOver) => {
		const dir = await temporaryFolder()
		const path = join(dir, '.lock')
		await writeFile(path, killedOwner())
		await writeFile(path + suffix, leftOver())
		await utimes(path + suffix, OLD, OLD)
		expect(await lockAtOnce(path, 8)).toBe(1)
		expect(await readdir(dir)).toEqual([])
	})

	it.each([
		['was killed, and whose id another one has now', { process: 'x', started: 'some time' }],
		['a version before this one ran', { process: 'x' }],
	])('takes over from a process that %s', async (_, written) => {
		const path = join(await temporaryFolder(), '.lock')
		const pid = runOther('sleep', '600')
		await writeFile(path, JSON.stringify({ pid, host: hostname(), ...written }))
		expect(await lockAtOnce(path, 2)).toBe(1)
	})

	it('takes over from another machine that gave no sign of life for long', async () => {
		const path = join(await temporaryFolder(), '.lock')
		await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere.example' }))
		await utimes(path, OLD, OLD)
		expect(await lockAtOnce(path, 2)).toBe(1)
	})

	it.each([
		[
			'another machine',
			JSON.stringify({ pid: 7, host: 'elsewhere.example' }),
			/ \(process 7 of machine elsewhere\.example, /,
		],
		['nobody yet', '', /^in use: /],
	])('leaves the lock of %s, and names both files', async (_, text, named) => {
		const dir = await temporaryFolder()
		const path = join(dir, '.lock')
		await writeFile(path, text)
		const soon = new Date('2100-01-01T00:00:00Z')
		if (text === '') await utimes(path, soon, soon)
		const refused = withLock({ path, what: 'in use', patienceMs: 0 }, async () => {}, EFFECTS)
		await expect(refused).rejects.toMatchObject({
			code: 'conflict',
			message: expect.stringContaining(`remove that file, and ${path}.break`),
		})
		await expect(refused).rejects.toThrow(named)
		expect(await readdir(dir)).toEqual(['.lock'])
	})

	it('is patient with each command that holds it, says what it waits for, and stops on a signal', async () => {
		const path = join(await temporaryFolder(), '.lock')
		const stop = new AbortController()
		const effects = await testEffects({ signal: stop.signal })
		const { pid } = process
		let [now, asked] = [Date.now(), 0]
		// Each look at the clock is some seconds later, and finds another command at work.
		vi.spyOn(Date, 'now').mockImplementation(() => {
			asked += 1
			writeFileSync(path, JSON.stringify({ ...thisOwner(), id: `holder ${asked}` }))
			now += 4_000
			return now
		})
		await writeFile(path, JSON.stringify(thisOwner()))
		const waiting = withLock({ path, what: 'in use', patienceMs: 3_000 }, async () => {}, effects)
		await expect.poll(() => asked).toBeGreaterThan(5)
		expect(effects.said.err).toEqual([`waiting: in use (process ${pid})`])
		stop.abort()
		await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
	})
})
