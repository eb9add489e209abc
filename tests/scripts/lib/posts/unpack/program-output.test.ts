import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { hasFileLimit, runWithFewFiles } from '../../../../fixtures/few-files.ts'

const ROOT = resolve(import.meta.dirname, '../../../../..')
const MODULE = pathToFileURL(resolve(ROOT, 'scripts/lib/posts/unpack/program-output.ts')).href

const SCRIPT = `
const { OUTPUT_BYTES, ProgramOutput } = await import(${JSON.stringify(MODULE)})
async function open() {
	const output = await ProgramOutput.open(Buffer.alloc(OUTPUT_BYTES))
	output?.far.destroy()
	await output?.chunks().next()
	return output !== null
}
// What is loaded at first use needs files of its own.
await open()
const found = []
for (let free = 0; free < 6; free += 1) found.push(await withFreeFiles(free, open))
console.log(JSON.stringify(found))`

it.skipIf(!hasFileLimit)(
	'is null where too many files are open for it, however many are missing',
	async () => {
		const found = (await runWithFewFiles(SCRIPT)) as boolean[]
		expect(found[0]).toBe(false)
		expect(found.at(-1)).toBe(true)
	},
)
