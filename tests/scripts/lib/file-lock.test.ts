import { spawnSync } from 'node:child_process'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { withLock } from '../../../scripts/lib/file-lock.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

const OLD = new Date('2013-07-05T12:00:00Z')

/** What a killed process leaves. */
function killedOwner(): string {
	const { pid } = spawnSync(process.execPath, ['--version'])
	return JSON.stringify({ pid, host: hostname() })
}

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
		Array.from({ length: commands }, () => withLock({ path, what: 'in use' }, work)),
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
		['another machine', JSON.stringify({ pid: 1, host: 'elsewhere.example' }), OLD],
		['nobody yet', '', new Date('2100-01-01T00:00:00Z')],
	])('leaves the lock of %s, and names both files', async (_, text, written) => {
		const dir = await temporaryFolder()
		const path = join(dir, '.lock')
		await writeFile(path, text)
		await utimes(path, written, written)
		const start = Date.now()
		vi.spyOn(Date, 'now')
			.mockReturnValueOnce(start)
			.mockReturnValue(start + 16_000)
		await expect(withLock({ path, what: 'in use' }, async () => {})).rejects.toMatchObject({
			code: 'conflict',
			message: expect.stringContaining(`remove that file, and ${path}.break`),
		})
		expect(await readdir(dir)).toEqual(['.lock'])
	})
})
