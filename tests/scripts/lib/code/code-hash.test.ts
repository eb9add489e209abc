import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Entry } from '../../../../scripts/lib/code/bundle.ts'
import { hashCode } from '../../../../scripts/lib/code/code-hash.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const TRAINER: Entry = { module: 'scripts/lib/trainer/wasm.ts', exports: ['wasmTrainer'] }
const COMPOSE: Entry = { module: 'scripts/lib/snapshot/compose.ts', exports: ['composeFiles'] }
const SCORING: Entry = { module: 'scripts/lib/evaluation/scoring.ts', exports: ['scoreAll'] }

let root = ''
const digest = async (entry: Entry) => (await hashCode(entry, { root })).sha256

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

const EMPTY_LOCK = { 'package-lock.json': '{ "packages": {} }' }

describe('of the repository', () => {
	beforeEach(async () => {
		root = await temporaryFolder()
		for (const path of ['scripts/lib', 'src', 'package-lock.json'])
			await cp(join(REPOSITORY, path), join(root, path), { recursive: true })
	})

	test('comments and layout of trainer, kernels and page change nothing', async () => {
		const before = [await digest(TRAINER), await digest(COMPOSE)]
		const reformat = (text: string) => `// A new comment.\n${text.replaceAll('\t', '  ')}`
		await edit('scripts/lib/trainer/wasm.ts', reformat)
		await edit('scripts/lib/trainer/training.ts', reformat)
		await edit('scripts/lib/trainer/kernels/train.ts', reformat)
		await edit('scripts/lib/trainer/worker.mjs', reformat)
		await edit('src/page/App.svelte', (text) => `${text}<p>another line</p>`)
		expect([await digest(TRAINER), await digest(COMPOSE)]).toEqual(before)
	})

	test('a constant of the trainer changes the trainer, and says where', async () => {
		const before = await hashCode(TRAINER, { root })
		const other = await digest(COMPOSE)
		await edit('scripts/lib/trainer/wasm.ts', (text) => text.replace('BATCH = 256', 'BATCH = 128'))
		const after = await hashCode(TRAINER, { root })
		expect(after.sha256).not.toBe(before.sha256)
		const changed = Object.keys(after.files).filter(
			(path) => after.files[path] !== before.files[path],
		)
		expect(changed).toEqual(['scripts/lib/trainer/wasm.ts'])
		expect(await digest(COMPOSE)).toBe(other)
	})

	test('a line that the trainer says while it works changes nothing', async () => {
		const before = await digest(TRAINER)
		await edit('scripts/lib/trainer/training.ts', (text) =>
			text.replace(/progress\.say\(/, '$&"as it is: " + '),
		)
		await edit('scripts/lib/trainer/training-progress.ts', (text) =>
			text.replace('mean.toFixed(3)', 'mean.toFixed(2)').replace("'training'", "'learning'"),
		)
		expect(await digest(TRAINER)).toBe(before)
	})

	test('a constant of a kernel, and one of the script of the threads, change the trainer', async () => {
		const before = await digest(TRAINER)
		await edit('scripts/lib/trainer/kernels/hash.ts', (text) => text.replace(/= (0x)?\d/, '= 1$&'))
		const second = await digest(TRAINER)
		expect(second).not.toBe(before)
		await edit('scripts/lib/trainer/worker.mjs', (text) => text.replace('?? 0)', '?? 1)'))
		expect(await digest(TRAINER)).not.toBe(second)
	})

	test('the version of a package counts where it is used', async () => {
		const before = await hashCode(SCORING, { root })
		const other = await digest(COMPOSE)
		const version = before.packages['fasttext.wasm.js'] ?? ''
		await edit('package-lock.json', (text) =>
			text.replace(
				`"node_modules/fasttext.wasm.js": {\n      "version": "${version}"`,
				'"node_modules/fasttext.wasm.js": {\n      "version": "9.9.9"',
			),
		)
		const after = await hashCode(SCORING, { root })
		expect(after.sha256).not.toBe(before.sha256)
		expect(after.packages['fasttext.wasm.js']).toBe('9.9.9')
		expect(await digest(COMPOSE)).toBe(other)
	})
})

describe('of a made module', () => {
	const ENTRY: Entry = { module: 'scripts/lib/step.ts', exports: ['work'] }
	const STEP = `import { AppError } from '../../src/shared/app-error.ts'
import { make } from 'valibot'
import { rate } from './rates.ts'
import { Progress } from './progress.ts'
const Shape = make({ of: make('it') })
export function other() { return Shape }
export function work(effects, count) {
	const progress = new Progress({ label: 'train', total: count }, effects)
	effects.err(\`at \${rate(count)}\`)
	progress.update(count, 'loss')
	if (count < 0) throw new AppError('bad-input', 'too few; give more')
	return rate(count)
}
`
	beforeEach(async () => {
		root = await temporaryFolder()
		await write({
			...EMPTY_LOCK,
			'scripts/lib/step.ts': STEP,
			'scripts/lib/rates.ts':
				'export const rate = (n: number): number => n * 2\nexport const unused = 1',
			'scripts/lib/progress.ts': 'export class Progress { update() {} }',
			'src/shared/app-error.ts': 'export class AppError extends Error {}',
		})
	})

	const same: Record<string, readonly [string, string, string]> = {
		'a line of progress': ['scripts/lib/step.ts', '`at', '`now at'],
		'another line of progress': [
			'scripts/lib/step.ts',
			'\teffects.err(',
			"\teffects.err('more')\n\teffects.err(",
		],
		'the label of a progress bar': ['scripts/lib/step.ts', "label: 'train'", "label: 'learn'"],
		'a note of a progress bar': ['scripts/lib/step.ts', "'loss'", "'loss now'"],
		'how the bar is drawn': ['scripts/lib/progress.ts', 'update() {}', 'update() { draw() }'],
		'the text of an error': ['scripts/lib/step.ts', 'too few', 'not enough'],
		'a function that is not used': ['scripts/lib/rates.ts', 'unused = 1', 'unused = 2'],
		'a schema that is not used': ['scripts/lib/step.ts', "make('it')", "make('that')"],
		'the name of a variable': ['scripts/lib/rates.ts', '(n: number): number => n *', '(m) => m *'],
		'a type': ['scripts/lib/rates.ts', ': number => n', ': any => n'],
	}
	for (const [what, [path, from, to]] of Object.entries(same))
		test(`${what} changes nothing`, async () => {
			const before = await digest(ENTRY)
			await edit(path, (text) => text.replace(from, () => to))
			expect(await digest(ENTRY)).toBe(before)
		})

	const different: Record<string, readonly [string, string, string]> = {
		'what an import does': ['scripts/lib/rates.ts', 'n * 2', 'n * 3'],
		'the code of an error': ['scripts/lib/step.ts', "'bad-input'", "'bad-data'"],
		'a condition': ['scripts/lib/step.ts', 'count < 0', 'count < 1'],
		'a line that also counts': ['scripts/lib/step.ts', 'effects.err(`', 'effects.err(count++, `'],
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

	test('looks again only when a file changed', async () => {
		const cacheFile = join(root, 'cache.json')
		const found = await hashCode(ENTRY, { root, cacheFile })
		await edit('cache.json', (text) => text.replace(found.sha256, '0'.repeat(64)))
		expect((await hashCode(ENTRY, { root, cacheFile })).sha256).toBe('0'.repeat(64))
		await edit('scripts/lib/rates.ts', (text) => `${text}\n// another`)
		expect(await hashCode(ENTRY, { root, cacheFile })).toEqual(found)
		await edit('package-lock.json', (text) => `${text}\n`)
		await writeFile(cacheFile, 'no JSON')
		expect(await hashCode(ENTRY, { root, cacheFile })).toEqual(found)
	})

	test('a module that can not be read is a clear error', async () => {
		await edit('scripts/lib/rates.ts', (text) => `${text}\nconst = 3`)
		await expect(digest(ENTRY)).rejects.toThrow("scripts/lib/step.ts can't be bundled")
	})
})
