import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeSelection, readSubredditsFile } from '../../../../scripts/lib/collect/selection.ts'

async function createFile(text: string): Promise<string> {
	const dir = await mkdtemp(join(tmpdir(), 'whichsub-selection-'))
	onTestFinished(() => rm(dir, { recursive: true, force: true }))
	const path = join(dir, 'list.txt')
	await writeFile(path, text)
	return path
}

describe('readSubredditsFile', () => {
	it('reads names, with and without r/, each once', async () => {
		const path = await createFile('\uFEFF# mine\nlinux\r\n\nr/Cats\n/r/chess  \nLINUX\n')
		expect(await readSubredditsFile(path)).toEqual(['LINUX', 'Cats', 'chess'])
	})

	it('names the line of what is no name', async () => {
		const path = await createFile('linux\n../../etc/passwd\n')
		await expect(readSubredditsFile(path)).rejects.toThrow(/list\.txt:2: .*name of a subreddit/)
	})

	it('says so when there is no name in it, or no file', async () => {
		await expect(readSubredditsFile(await createFile('# none\n'))).rejects.toThrow(
			/no subreddit in .*one name a line/,
		)
		await expect(readSubredditsFile('/nonexistent/list.txt')).rejects.toMatchObject({
			code: 'not-found',
		})
	})
})

describe('describeSelection', () => {
	it('is the same for the same names in any order and case', () => {
		const one = describeSelection({ kind: 'names', names: ['Linux', 'cats'] })
		expect(describeSelection({ kind: 'names', names: ['CATS', 'linux'] })).toBe(one)
		expect(describeSelection({ kind: 'names', names: ['cats'] })).not.toBe(one)
		expect(describeSelection({ kind: 'top', count: 7 })).toBe('top=7')
	})
})
