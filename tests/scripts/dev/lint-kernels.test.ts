import { cp, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { lintKernels } from '../../../scripts/dev/lint-kernels.ts'
import { temporaryFolder } from '../../fixtures/effects.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

it.each([
	'scripts/lib/suggestions/batch-kernels',
	'scripts/lib/trainer/kernels',
	'src/model/kernels',
	'src/worker/unpacking',
])('finds what is wrong in a kernel with decorators, and nothing in %s', async (kernels) => {
	const folder = join(await temporaryFolder(), 'kernels')
	await cp(join(ROOT, kernels), folder, { recursive: true })
	expect(await lintKernels(folder)).toMatchObject({ code: 0 })
	const text =
		'// @ts-ignore\n@inline\nexport function f(a: u32): u32 {\n\tlet b = a\n\treturn b\n}\n'
	await writeFile(join(folder, 'wrong.ts'), text)
	const { code, text: said } = await lintKernels(folder)
	expect(code).toBe(1)
	expect(said).toMatch(/wrong\.ts:4.*useConst/)
})
