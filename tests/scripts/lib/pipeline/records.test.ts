// Records where git sees them: two machines, one repository, the same number.
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { describeFile } from '../../../../scripts/lib/files.ts'
import { makeFresh } from '../../../../scripts/lib/graph/make.ts'
import { executionDir } from '../../../../scripts/lib/pipeline/claim.ts'
import { executionName } from '../../../../scripts/lib/pipeline/execution-schema.ts'
import {
	listAllExecutions,
	listExecutions,
	readExecution,
} from '../../../../scripts/lib/pipeline/executions.ts'
import { findOutput } from '../../../../scripts/lib/pipeline/outputs.ts'
import { checkRecordedFile } from '../../../../scripts/lib/recorded-files.ts'
import { AppError } from '../../../../src/shared/app-error.ts'
import { effectsIn, temporaryFolder } from '../../../fixtures/effects.ts'
import { makeTestStep } from '../../../fixtures/test-step.ts'

const RUN = { inputs: {}, parameters: {} }

const step = makeTestStep(async (dir) => {
	await writeFile(join(dir, 'model.bin'), dir)
	return { files: [await describeFile(join(dir, 'model.bin'))], result: null }
})
const failing = makeTestStep(async (dir) => {
	const place = dir.replace(/executions.*/, 'x')
	throw new AppError('diverged', `/home/me/posts/june.csv: loss is NaN in ${place}`)
})

/** A clone of a repository, and data of its own. */
async function makeMachine(repository: string) {
	const dir = await temporaryFolder()
	const checkout = join(dir, 'checkout')
	await git(dir, 'clone', '-q', repository, checkout)
	return { ...effectsIn(dir), recordsDir: join(checkout, 'executions'), checkout }
}

async function git(cwd: string, ...args: readonly string[]): Promise<void> {
	const who = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'pull.rebase=false']
	await promisify(execFile)('git', [...who, ...args], { cwd })
}

async function share(checkout: string): Promise<void> {
	await git(checkout, 'add', '-A')
	await git(checkout, 'commit', '-q', '-m', 'records')
	await git(checkout, 'pull', '-q', '--no-edit', 'origin', 'main')
	await git(checkout, 'push', '-q', 'origin', 'HEAD:main')
}

async function makeRepository(): Promise<string> {
	const dir = await temporaryFolder()
	await git(dir, 'init', '-q', '--bare', '-b', 'main')
	const first = await makeMachine(dir)
	await writeFile(join(first.checkout, 'README'), 'records')
	await git(first.checkout, 'add', '-A')
	await git(first.checkout, 'commit', '-q', '-m', 'first')
	await git(first.checkout, 'push', '-q', 'origin', 'HEAD:main')
	return dir
}

describe('records that git sees', () => {
	it('merge without a conflict where two machines took the same number, and are told apart by name', async () => {
		const repository = await makeRepository()
		const [one, other] = [await makeMachine(repository), await makeMachine(repository)]
		const { execution: ours } = await makeFresh(step, RUN, one)
		const { execution: theirs } = await makeFresh(step, RUN, other)
		expect([ours.id, theirs.id]).toEqual([1, 1])
		await share(one.checkout)
		await share(other.checkout)
		await git(one.checkout, 'pull', '-q', '--no-edit', 'origin', 'main')
		expect((await readdir(one.recordsDir)).sort()).toEqual(
			[ours, theirs].map((execution) => `${executionName(execution)}.json`).sort(),
		)
		for (const machine of [one, other]) {
			expect(await listAllExecutions(machine)).toHaveLength(2)
			// Those whose files are not here are no candidates for the next step.
			expect(await listExecutions(machine)).toHaveLength(1)
			await expect(readExecution(machine, '#1')).rejects.toMatchObject({
				code: 'bad-input',
				message: expect.stringMatching(
					/#1 is the number of 2 executions, of different machines: 1-[0-9a-f]{6} .* and 1-[0-9a-f]{6} .*; name one/,
				),
			})
			for (const { uid, output } of [ours, theirs])
				expect((await readExecution(machine, `1-${uid.slice(0, 4)}`)).output).toEqual(output)
			expect((await makeFresh(step, RUN, machine)).execution.id).toBe(2)
		}
	})

	it('tell where the files of another machine are missing', async () => {
		const repository = await makeRepository()
		const [one, other] = [await makeMachine(repository), await makeMachine(repository)]
		await makeFresh(step, RUN, one)
		await share(one.checkout)
		await git(other.checkout, 'pull', '-q', 'origin', 'main')
		const theirs = await readExecution(other, 1)
		const file = checkRecordedFile(findOutput(theirs, 'model.bin', other))
		await expect(file).rejects.toMatchObject({ code: 'not-found' })
		expect((await makeFresh(step, RUN, other)).execution.id).toBe(2)
	})

	it('are written of steps that failed, too, and name no folder of this machine', async () => {
		const machine = await makeMachine(await makeRepository())
		const input = { sha256: 'a'.repeat(64), execution: null, files: [] }
		const dumps = { ...input, kind: 'dumps', name: '/home/me/RS_2013-07.zst, june.csv' } as const
		const inputs = { posts: dumps }
		await makeFresh(step, { ...RUN, inputs }, machine)
		await expect(makeFresh(failing, { ...RUN, inputs }, machine)).rejects.toThrow('loss is NaN')
		const [own, shared] = [executionDir(machine, 1), machine.recordsDir]
		expect(await readFile(join(own, 'execution.json'), 'utf8')).toContain(dumps.name)
		const names = (await readdir(machine.recordsDir)).sort()
		expect(names.map((name) => name.slice(0, 2))).toEqual(['1-', '2-'])
		for (const name of names)
			expect(JSON.parse(await readFile(join(shared, name), 'utf8')).inputs.posts.name).toBe(
				'RS_2013-07.zst, june.csv',
			)
		const [, failed = ''] = names
		expect(await readFile(join(shared, failed), 'utf8')).toContain(
			'"june.csv: loss is NaN in <data>/x"',
		)
		expect((await listAllExecutions(machine)).map(({ ending }) => ending.how)).toEqual([
			'done',
			'failed',
		])
	})

	it('that are damaged are named, and the others are listed', async () => {
		const machine = await makeMachine(await makeRepository())
		await makeFresh(step, RUN, machine)
		await writeFile(join(machine.recordsDir, '9-abcdef.json'), '<<<<<<< HEAD')
		expect(await listAllExecutions(machine)).toHaveLength(1)
		expect(machine.said.err).toEqual([
			expect.stringMatching(/record 9-abcdef is left out: .*not JSON; restore it from git/),
		])
	})
})
