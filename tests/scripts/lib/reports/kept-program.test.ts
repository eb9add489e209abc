import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { digestFiles, readOrBuild } from '../../../../scripts/lib/reports/kept-program.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

describe('a kept program', () => {
	/** Builds a program that says how many were built. */
	function countBuilds() {
		let builds = 0
		return async () => {
			builds += 1
			return { server: `server ${builds}`, client: 'client', css: 'css' }
		}
	}

	it('is built once for the same sources, and anew for others', async () => {
		const path = join(await temporaryFolder(), 'cache/report.json')
		const build = countBuilds()
		const first = await readOrBuild(path, 'a', build)
		expect(first).toEqual({ server: 'server 1', client: 'client', css: 'css' })
		expect(await readOrBuild(path, 'a', build)).toEqual(first)
		expect(await readOrBuild(path, 'b', build)).toMatchObject({ server: 'server 2' })
		expect(await readOrBuild(path, 'a', build)).toMatchObject({ server: 'server 3' })
	})

	it.each(['', '{"sources":"a","program":{"server":"', '{"sources":"a"}', '[]'])(
		'is built anew where its file is damaged: %s',
		async (text) => {
			const path = join(await temporaryFolder(), 'report.json')
			await writeFile(path, text)
			const build = countBuilds()
			await readOrBuild(path, 'a', build)
			expect(await readOrBuild(path, 'a', build)).toMatchObject({ server: 'server 1' })
		},
	)

	it('is given where it can not be written', async () => {
		const file = join(await temporaryFolder(), 'file')
		await writeFile(file, '')
		const path = join(file, 'report.json')
		expect(await readOrBuild(path, 'a', countBuilds())).toMatchObject({ server: 'server 1' })
		expect(await readFile(file, 'utf8')).toBe('')
	})
})

describe('the digest of files', () => {
	it('changes with each file, its name, and what is added', async () => {
		const root = await temporaryFolder()
		await mkdir(join(root, 'src/deep'), { recursive: true })
		const write = (name: string, text: string) => writeFile(join(root, name), text)
		await write('src/a.ts', 'a')
		await write('src/deep/b.ts', 'b')
		await write('settings.json', '{}')
		const digest = () => digestFiles(root, ['src', 'settings.json'])
		const seen = [await digest()]
		expect(await digest()).toBe(seen[0])
		await write('src/deep/b.ts', 'B')
		seen.push(await digest())
		await write('settings.json', '{ }')
		seen.push(await digest())
		await write('src/deep/c.ts', '')
		seen.push(await digest())
		await rm(join(root, 'src/a.ts'))
		await write('src/A.ts', 'a')
		seen.push(await digest())
		expect(new Set(seen).size).toBe(5)
	})
})
