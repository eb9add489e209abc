// What starts the commands, in a checkout of its own with a program of a few lines.
import { execFile } from 'node:child_process'
import {
	chmod,
	copyFile,
	mkdir,
	readdir,
	rename,
	symlink,
	utimes,
	writeFile,
} from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../fixtures/effects.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGES = join(ROOT, 'node_modules')

const PROGRAM = `
import { said } from '../src/said.ts'
const args: readonly string[] = process.argv.slice(2)
console.log(said, args.join())
`

async function makeCheckout(): Promise<string> {
	const dir = await temporaryFolder()
	for (const folder of ['scripts/dev', 'src', 'node_modules'])
		await mkdir(join(dir, folder), { recursive: true })
	for (const file of ['scripts/whichsub.mjs', 'scripts/dev/compile-programs.ts', 'package.json'])
		await copyFile(join(ROOT, file), join(dir, file))
	await writeFile(join(dir, 'package-lock.json'), '{}')
	for (const name of await readdir(PACKAGES))
		if (!name.startsWith('.')) await symlink(join(PACKAGES, name), join(dir, 'node_modules', name))
	await writeFile(join(dir, 'scripts/cli.ts'), PROGRAM)
	await writeSaid(dir, 'one')
	return dir
}

/** A source file in another folder than the program's. */
function writeSaid(dir: string, text: string): Promise<void> {
	return writeFile(join(dir, 'src/said.ts'), `export const said: string = '${text}'\n`)
}

function run(dir: string, ...args: string[]): Promise<string> {
	return runAs({}, dir, ...args)
}

async function runAs(who: { uid?: number }, dir: string, ...args: string[]): Promise<string> {
	const program = join(dir, 'scripts/whichsub.mjs')
	const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], who)
	return stdout.trim()
}

const compiledIn = (dir: string) => readdir(join(dir, 'node_modules/.cache/whichsub/commands'))

describe('what starts the commands', () => {
	it('compiles them once, and again when a source has changed', async () => {
		const dir = await makeCheckout()
		expect(await run(dir, 'a', 'b')).toBe('one a,b')
		// Whoever compiles needs it.
		await rename(join(dir, 'node_modules/esbuild'), join(dir, 'node_modules/esbuild-gone'))
		await rename(join(dir, 'node_modules/tsx'), join(dir, 'node_modules/tsx-gone'))
		expect(await run(dir)).toBe('one')
		await rename(join(dir, 'node_modules/esbuild-gone'), join(dir, 'node_modules/esbuild'))
		await rename(join(dir, 'node_modules/tsx-gone'), join(dir, 'node_modules/tsx'))
		await writeSaid(dir, 'two')
		expect(await run(dir)).toBe('two')
		expect(await compiledIn(dir)).toHaveLength(2)
	})

	it('compiles them again when package.json has changed, from which they have their version', async () => {
		const dir = await makeCheckout()
		await writeFile(join(dir, 'src/said.ts'), "export { version as said } from '../package.json'\n")
		for (const version of ['1.0.0', '1.0.1']) {
			await writeFile(join(dir, 'package.json'), JSON.stringify({ type: 'module', version }))
			expect(await run(dir)).toBe(version)
		}
	})

	it('leaves one whole program where several start at the same time, and clears old ones away', async () => {
		const dir = await makeCheckout()
		const said = await Promise.all([run(dir), run(dir), run(dir)])
		expect(said).toEqual(['one', 'one', 'one'])
		const [only = '', ...others] = await compiledIn(dir)
		expect(others).toEqual([])
		const monthAgo = Date.now() / 1000 - 30 * 24 * 60 * 60
		const old = join(dir, 'node_modules/.cache/whichsub/commands', only)
		await utimes(old, monthAgo, monthAgo)
		await writeSaid(dir, 'two')
		expect(await run(dir)).toBe('two')
		expect(await compiledIn(dir)).not.toContain(only)
	})

	it('compiles them anew in a folder that was moved: they know where it is, whatever its name', async () => {
		const dir = await makeCheckout()
		await writeFile(join(dir, 'src/said.ts'), 'export const said = import.meta.dirname\n')
		expect(await run(dir)).toBe(join(dir, 'src'))
		const moved = join(await temporaryFolder(), "$& $'moved")
		await rename(dir, moved)
		expect(await run(moved)).toBe(join(moved, 'src'))
		expect(await compiledIn(moved)).toHaveLength(2)
	})

	it('runs while an editor has a lock beside a source, which is a link to nothing', async () => {
		const dir = await makeCheckout()
		await symlink('me@here.1', join(dir, 'src/.#said.ts'))
		expect(await run(dir)).toBe('one')
		expect(await compiledIn(dir)).toHaveLength(1)
	})

	it.skipIf(process.getuid?.() !== 0)(
		'runs for another user, who may read what is compiled or not (needs root)',
		async () => {
			const dir = await makeCheckout()
			await chmod(dir, 0o755)
			expect(await run(dir)).toBe('one')
			const nobody = { uid: 65_534 }
			const tsx = join(dir, 'node_modules/tsx')
			await rename(tsx, `${tsx}-gone`)
			expect(await runAs(nobody, dir)).toBe('one')
			await rename(`${tsx}-gone`, tsx)
			const [only = ''] = await compiledIn(dir)
			await chmod(join(dir, 'node_modules/.cache/whichsub/commands', only), 0o700)
			expect(await runAs(nobody, dir)).toBe('one')
		},
	)

	it('runs also where nothing can be stored', async () => {
		const dir = await makeCheckout()
		await writeFile(join(dir, 'node_modules/.cache'), 'no folder')
		expect(await run(dir, 'a')).toBe('one a')
	})

	it('names the lines of the sources where something throws', async () => {
		const dir = await makeCheckout()
		await writeFile(
			join(dir, 'src/said.ts'),
			"type T = string\n\nthrow new Error('a bug')\nexport const said: T = ''\n",
		)
		const failure = { code: 1, stderr: expect.stringMatching(/src\/said\.ts:3:/) }
		await expect(run(dir)).rejects.toMatchObject(failure)
		await expect(run(dir)).rejects.toMatchObject(failure)
	})

	it('says what is wrong with a source, and fails', async () => {
		const dir = await makeCheckout()
		await writeSaid(dir, "' + nothing that is")
		await expect(run(dir)).rejects.toMatchObject({
			code: 1,
			stderr: expect.stringContaining('said.ts'),
		})
		expect(await compiledIn(dir)).toEqual([])
	})
})
