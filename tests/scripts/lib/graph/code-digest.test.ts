import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { digestCode } from '../../../../scripts/lib/graph/code-digest.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const TRAINER = 'scripts/lib/trainer/wasm.ts'
const COMPOSE = 'scripts/lib/snapshot/compose.ts'
const BATCH = 'scripts/lib/suggestions/vector-batch.ts'
const SCORING = 'scripts/lib/evaluation/scoring.ts'

let root = ''
const digest = async (entry: string) => (await digestCode(entry, root)).sha256

async function edit(path: string, change: (text: string) => string): Promise<void> {
	const file = join(root, path)
	const text = await readFile(file, 'utf8')
	const changed = change(text)
	expect(changed, `${path} has nothing to change`).not.toBe(text)
	await writeFile(file, changed)
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), { recursive: true })
		await writeFile(join(root, path), text)
	}
}

describe('of the repository', () => {
	beforeEach(async () => {
		root = await temporaryFolder()
		for (const path of ['scripts/lib', 'src', 'package-lock.json'])
			await cp(join(REPOSITORY, path), join(root, path), { recursive: true })
	})

	test('comments and layout of the trainer, and the page, change nothing', async () => {
		const before = [await digest(TRAINER), await digest(COMPOSE)]
		const reformat = (text: string) => `// A new comment.\n${text.replaceAll('\t', '  ')}`
		await edit('scripts/lib/trainer/wasm.ts', reformat)
		await edit('scripts/lib/trainer/training.ts', reformat)
		await edit('scripts/lib/trainer/worker.mjs', reformat)
		await edit('src/page/App.svelte', (text) => `${text}<p>another line</p>`)
		expect([await digest(TRAINER), await digest(COMPOSE)]).toEqual(before)
	})

	test('a constant of the trainer changes the trainer, and says where', async () => {
		const before = await digestCode(TRAINER, root)
		const other = await digest(COMPOSE)
		await edit('scripts/lib/trainer/wasm.ts', (text) => text.replace('BATCH = 256', 'BATCH = 128'))
		const after = await digestCode(TRAINER, root)
		expect(after.sha256).not.toBe(before.sha256)
		const changed = Object.keys(after.files).filter(
			(path) => after.files[path] !== before.files[path],
		)
		expect(changed).toEqual(['scripts/lib/trainer/wasm.ts'])
		expect(await digest(COMPOSE)).toBe(other)
	})

	test('a constant of a kernel, and one of the script of the threads, change the trainer', async () => {
		const before = await digest(TRAINER)
		await edit('scripts/lib/trainer/kernels/hash.ts', (text) => text.replace(/= (0x)?\d/, '= 1$&'))
		const second = await digest(TRAINER)
		expect(second).not.toBe(before)
		await edit('scripts/lib/trainer/worker.mjs', (text) => text.replace('?? 0)', '?? 1)'))
		expect(await digest(TRAINER)).not.toBe(second)
	})

	test('what kernels import from elsewhere counts as theirs do', async () => {
		const before = await digestCode(BATCH, root)
		const other = await digest(TRAINER)
		const shared = 'src/model/kernels/best.ts'
		await edit(shared, (text) => text.replace('one > other', 'one >= other'))
		const after = await digestCode(BATCH, root)
		const changed = Object.keys(after.files).filter(
			(path) => after.files[path] !== before.files[path],
		)
		expect(changed).toEqual([shared])
		expect(await digest(TRAINER)).toBe(other)
	})

	test('the version of a package counts where it is used', async () => {
		const before = await digestCode(SCORING, root)
		const other = await digest(COMPOSE)
		const version = before.packages['fasttext.wasm.js'] ?? ''
		await edit('package-lock.json', (text) =>
			text.replace(
				`"node_modules/fasttext.wasm.js": {\n      "version": "${version}"`,
				'"node_modules/fasttext.wasm.js": {\n      "version": "9.9.9"',
			),
		)
		const after = await digestCode(SCORING, root)
		expect(after.sha256).not.toBe(before.sha256)
		expect(after.packages['fasttext.wasm.js']).toBe('9.9.9')
		expect(await digest(COMPOSE)).toBe(other)
	})
})

describe('of a made module', () => {
	const ENTRY = 'scripts/lib/step.ts'
	const STEP = `import { make } from 'valibot'
import type { Shape } from './shape.ts'
import { rate } from './rates.ts'
export function work(count: number): Shape {
	if (count < 0) throw new Error('too few; give more')
	return make(rate(count))
}
`
	beforeEach(async () => {
		root = await temporaryFolder()
		await write({
			'package-lock.json': '{ "packages": {} }',
			'scripts/lib/step.ts': STEP,
			'scripts/lib/rates.ts': 'export const rate = (n: number): number => n * 2',
			'scripts/lib/shape.ts': 'export interface Shape {}\nexport const other = 1',
		})
	})

	const same: Record<string, readonly [string, string, string]> = {
		'a comment': ['scripts/lib/step.ts', 'return', '// why\n\treturn'],
		layout: ['scripts/lib/rates.ts', ' => n * 2', ' =>\n\tn * 2'],
		'a type': ['scripts/lib/rates.ts', ': number => n', ': any => n'],
		'a module of which only types are taken': ['scripts/lib/shape.ts', 'other = 1', 'other = 2'],
	}
	for (const [what, [path, from, to]] of Object.entries(same))
		test(`${what} changes nothing`, async () => {
			const before = await digest(ENTRY)
			await edit(path, (text) => text.replace(from, () => to))
			expect(await digest(ENTRY)).toBe(before)
		})

	const different: Record<string, readonly [string, string, string]> = {
		'what an import does': ['scripts/lib/rates.ts', 'n * 2', 'n * 3'],
		'a condition': ['scripts/lib/step.ts', 'count < 0', 'count < 1'],
		'what it says': ['scripts/lib/step.ts', 'too few', 'not enough'],
	}
	for (const [what, [path, from, to]] of Object.entries(different))
		test(`${what} counts`, async () => {
			const before = await digest(ENTRY)
			await edit(path, (text) => text.replace(from, () => to))
			expect(await digest(ENTRY)).not.toBe(before)
		})

	test('a file beside the module that it reads when it runs counts', async () => {
		await edit('scripts/lib/rates.ts', (text) =>
			`${text}\nconst TABLE = new URL('./table.csv', import.meta.url)`.replace(
				'n * 2',
				'read(TABLE, n)',
			),
		)
		await write({ 'scripts/lib/table.csv': '1,2' })
		const before = await digest(ENTRY)
		await write({ 'scripts/lib/table.csv': '1,3' })
		expect(await digest(ENTRY)).not.toBe(before)
	})

	test('is the same by a path in the repository and by an absolute one', async () => {
		expect(await digest(join(root, ENTRY))).toBe(await digest(ENTRY))
	})

	test('a module that can not be read is a clear error', async () => {
		await edit('scripts/lib/rates.ts', (text) => `${text}\nconst = 3`)
		await expect(digest(ENTRY)).rejects.toThrow("scripts/lib/step.ts can't be bundled")
	})
})
