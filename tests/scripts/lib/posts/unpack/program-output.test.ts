import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../../../..')
const MODULE = pathToFileURL(join(ROOT, 'scripts/lib/posts/unpack/program-output.ts')).href

/** Opens files until there are too many, closes so many of them, and asks for the output of a program. */
const SCRIPT = `
import { closeSync, openSync } from 'node:fs'
const { ProgramOutput } = await import(${JSON.stringify(MODULE)})
// What is loaded at first use needs files of its own.
const first = await ProgramOutput.open()
first.far.destroy()
await first.chunks().next()
const found = []
for (let free = 0; free < 6; free += 1) {
	const files = []
	try {
		for (;;) files.push(openSync('/dev/null'))
	} catch {}
	for (const file of files.splice(0, free)) closeSync(file)
	const output = await ProgramOutput.open()
	output?.far.destroy()
	await output?.chunks().next()
	found.push(output !== null)
	for (const file of files) closeSync(file)
}
console.log(JSON.stringify(found))`

// Windows has no such limit, and no sockets are given to programs there.
it.skipIf(process.platform === 'win32')(
	'is null where too many files are open for it, however many are missing',
	async () => {
		const limited = 'ulimit -n 100 && exec "$@"'
		const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', SCRIPT]
		const { stdout } = await promisify(execFile)('bash', ['-c', limited, 'bash', ...node], {
			cwd: ROOT,
		})
		const found = JSON.parse(stdout) as boolean[]
		expect(found[0]).toBe(false)
		expect(found.at(-1)).toBe(true)
	},
)
