// The import check holds the rules that CONTRIBUTING states: each forbidden import, written into a small tree, is named.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser'
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const CONFIG = resolve(import.meta.dirname, '../../../.dependency-cruiser.cjs')

const FORBIDDEN = [
	['src/shared/a.ts', 'src/model/target.ts'],
	['src/model/a.ts', 'src/worker/target.ts'],
	['src/model/b.ts', 'scripts/lib/target.ts'],
	['src/worker/a.ts', 'src/page/target.ts'],
	['src/page/a.ts', 'scripts/lib/target.ts'],
	['src/page/b.ts', 'src/worker/target.ts'],
	['scripts/lib/a.ts', 'scripts/commands/target.ts'],
	['scripts/lib/b.ts', 'scripts/main.ts'],
	['scripts/lib/c.ts', 'scripts/bench/target.ts'],
	['scripts/lib/d.ts', 'src/page/target.ts'],
	['scripts/commands/a.ts', 'scripts/commands/index.ts'],
	['scripts/commands/b.ts', 'scripts/main.ts'],
	['scripts/commands/c.ts', 'scripts/dev/target.ts'],
	['scripts/dev/a.ts', 'scripts/commands/target.ts'],
	['scripts/bench/a.ts', 'scripts/commands/target.ts'],
	['src/page/c.ts', 'tests/target.ts'],
	['scripts/lib/evaluation/a.ts', 'scripts/lib/releases/target.ts'],
	['scripts/lib/evaluation/b.ts', 'scripts/lib/comparison/target.ts'],
	['scripts/lib/evaluation/c.ts', 'scripts/lib/feedback/target.ts'],
	['scripts/lib/release-files/a.ts', 'scripts/lib/evaluation/target.ts'],
	['scripts/lib/release-files/b.ts', 'scripts/lib/releases/target.ts'],
	['scripts/lib/trainer/a.ts', 'scripts/lib/releases/target.ts'],
	['scripts/lib/trainer/b.ts', 'scripts/lib/evaluation/target.ts'],
	['scripts/lib/trainer/c.ts', 'scripts/lib/feedback/target.ts'],
	['scripts/lib/snapshot/a.ts', 'scripts/lib/trainer/target.ts'],
	['scripts/lib/feedback/a.ts', 'scripts/lib/snapshot/target.ts'],
	['scripts/lib/posts/a.ts', 'scripts/lib/collect/target.ts'],
	['scripts/lib/pipeline/a.ts', 'scripts/lib/snapshot/target.ts'],
	['scripts/lib/releases/a.ts', 'scripts/lib/retraining/target.ts'],
	['scripts/lib/files.ts', 'scripts/lib/snapshot/target.ts'],
	['scripts/lib/recorded-files.ts', 'scripts/lib/pipeline/execution-schema.ts'],
	['scripts/lib/executions/a.ts', 'scripts/lib/retraining/target.ts'],
	['scripts/lib/pipeline/b.ts', 'scripts/lib/executions/target.ts'],
	['scripts/lib/newroom/a.ts', 'scripts/lib/posts/target.ts'],
	['src/main.ts', 'src/model/target.ts'],
	['src/main.ts', 'scripts/lib/target.ts'],
	['scripts/main.ts', 'scripts/dev/target.ts'],
	['scripts/main.ts', 'scripts/bench/target.ts'],
	['scripts/main.ts', 'src/page/target.ts'],
	['scripts/cli.ts', 'scripts/dev/target.ts'],
] as const

const ALLOWED = [
	['src/model/ok.ts', 'src/shared/target.ts'],
	['src/worker/ok.ts', 'src/model/target.ts'],
	['src/page/classifier-client.ts', 'src/worker/target.ts'],
	['scripts/lib/ok.ts', 'src/model/target.ts'],
	['scripts/commands/ok.ts', 'scripts/lib/target.ts'],
	['scripts/main.ts', 'scripts/commands/index.ts'],
	['src/main.ts', 'src/page/target.ts'],
	['scripts/cli.ts', 'scripts/main.ts'],
	['scripts/bench/ok.ts', 'scripts/dev/target.ts'],
	['tests/ok.ts', 'scripts/main.ts'],
	['scripts/lib/evaluation/ok.ts', 'scripts/lib/release-files/target.ts'],
	['scripts/lib/evaluation/fine.ts', 'scripts/lib/trainer/target.ts'],
	['scripts/lib/releases/ok.ts', 'scripts/lib/evaluation/target.ts'],
	['scripts/lib/trainer/ok.ts', 'scripts/lib/snapshot/target.ts'],
	['scripts/lib/trainer/fine.ts', 'scripts/lib/files.ts'],
] as const

let folder: string
let violations: string[]

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'whichsub-imports-'))
	const sources = new Map<string, string>()
	for (const [from, to] of [...FORBIDDEN, ...ALLOWED]) {
		const path = relative(dirname(from), to)
		const line = `import '${path.startsWith('.') ? path : `./${path}`}'\n`
		sources.set(from, `${sources.get(from) ?? ''}${line}`)
	}
	for (const [, to] of [...FORBIDDEN, ...ALLOWED])
		if (!sources.has(to)) sources.set(to, 'export {}\n')
	for (const [path, text] of sources) {
		await mkdir(join(folder, dirname(path)), { recursive: true })
		await writeFile(join(folder, path), text)
	}
	const options = (await extractDepcruiseOptions(CONFIG)) as ICruiseOptions
	const { output } = await cruise(['src', 'scripts', 'tests'], { ...options, baseDir: folder })
	violations = (output as ICruiseResult).summary.violations.map(
		({ from, to }) => `${from} -> ${to}`,
	)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the import rules', () => {
	it.each(FORBIDDEN)('forbid %s to import %s', (from, to) => {
		expect(violations).toContain(`${from} -> ${to}`)
	})

	it.each(ALLOWED)('let %s import %s', (from, to) => {
		expect(violations).not.toContain(`${from} -> ${to}`)
	})
})
