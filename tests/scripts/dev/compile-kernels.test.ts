import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Folders of AssemblyScript that commands compile. */
async function kernelFolders(): Promise<string[]> {
	const entries = await readdir(join(ROOT, 'scripts/lib'), { recursive: true })
	const found: string[] = []
	for (const entry of entries.filter((name) => basename(name) === 'tsconfig.json')) {
		const path = join(ROOT, 'scripts/lib', entry)
		if ((await readFile(path, 'utf8')).includes('assemblyscript')) found.push(resolve(path, '..'))
	}
	return found
}

it('compiles what every command runs as WebAssembly, as npm ci does', async () => {
	const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
	const script = 'scripts/dev/compile-kernels.ts'
	expect(scripts.prepare).toBe(`tsx ${script}`)
	const { stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
		cwd: ROOT,
	})
	expect(stderr).toBe('')
	const compiled = await readdir(join(ROOT, 'node_modules/.cache/whichsub'))
	const folders = await kernelFolders()
	expect(folders.length).toBeGreaterThanOrEqual(3)
	for (const folder of folders)
		expect(
			compiled.some((name) => name.startsWith(`${basename(folder)}-`)),
			folder,
		).toBe(true)
})
