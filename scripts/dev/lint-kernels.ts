// The linter on the kernels: their decorators on functions, which it can't parse, are blanked in copies. Part of `npm run check`.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = resolve(import.meta.dirname, '../..')
const KERNELS = [
	'scripts/lib/suggestions/batch-kernels',
	'scripts/lib/posts/scanning',
	'scripts/lib/trainer/kernels',
	'src/model/kernels',
	'src/worker/scoring',
	'src/worker/unpacking',
	'src/worker/unpacking-range-coded',
]
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
const DECORATOR = /^(\s*)@\w+/gm
/** Rules that AssemblyScript needs broken: its `==` compares values, and its types and imports are its own. */
const SKIPPED = [
	'suspicious/noDoubleEquals',
	'suspicious/noTsIgnore',
	'suspicious/noApproximativeNumericConstant',
	'style/useImportType',
	'correctness/noPrecisionLoss',
]

/** @returns the exit code of the linter, and what it says */
export async function lintKernels(folder: string): Promise<{ code: number; text: string }> {
	const copies = await mkdtemp(join(tmpdir(), 'whichsub-kernels-'))
	try {
		const into = join(copies, basename(folder))
		await mkdir(into)
		for (const name of await readdir(folder)) {
			if (!name.endsWith('.ts')) continue
			const text = await readFile(join(folder, name), 'utf8')
			await writeFile(join(into, name), text.replace(DECORATOR, '$1'))
		}
		await writeFile(join(copies, 'biome.json'), JSON.stringify({ root: true, linter: {} }))
		const skip = SKIPPED.map((rule) => `--skip=${rule}`)
		const args = [BIOME, 'lint', '--error-on-warnings', ...skip, basename(folder)]
		const { status, stdout, stderr } = spawnSync(process.execPath, args, {
			cwd: copies,
			encoding: 'utf8',
		})
		return { code: status ?? 1, text: stdout + stderr }
	} finally {
		await rm(copies, { recursive: true, force: true })
	}
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	for (const folder of KERNELS) {
		const { code, text } = await lintKernels(join(ROOT, folder))
		if (code === 0) continue
		process.stderr.write(text)
		process.exitCode = code
	}
}
