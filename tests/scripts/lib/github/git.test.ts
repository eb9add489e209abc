import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commit, currentBranch, push } from '../../../../scripts/lib/github/git.ts'
import { temporaryFolder } from '../../../fixtures/effects.ts'

function git(cwd: string, ...args: readonly string[]): string {
	return execFileSync('git', args, { cwd, encoding: 'utf8' }).trim()
}

async function cloneOf(remote: string): Promise<string> {
	const cwd = join(await temporaryFolder(), 'checkout')
	git(remote, 'clone', '--quiet', remote, cwd)
	return cwd
}

/** A bare repository with one commit on main, and a checkout of it. */
async function makeRemote() {
	const remote = join(await temporaryFolder(), 'remote.git')
	await mkdir(remote)
	git(remote, 'init', '--quiet', '--bare', '--initial-branch', 'main')
	const cwd = await cloneOf(remote)
	git(cwd, 'switch', '--quiet', '--orphan', 'main')
	await writeFile(join(cwd, 'releases.json'), '1')
	await commit({ cwd, paths: ['releases.json'], message: 'First' })
	await push({ cwd, branch: 'main' })
	return { remote, cwd }
}

describe('commit and push', () => {
	it('commits what it is told to, signed as a workflow, and nothing else', async () => {
		const { remote, cwd } = await makeRemote()
		await writeFile(join(cwd, 'releases.json'), '2')
		await writeFile(join(cwd, 'secret'), 'token')
		const made = await commit({
			cwd,
			paths: ['releases.json', 'missing'],
			message: 'A "quoted" $(why)',
		})
		await push({ cwd, branch: await currentBranch(cwd) })
		expect(git(remote, 'rev-parse', 'main')).toBe(made)
		expect(git(remote, 'show', 'main:releases.json')).toBe('2')
		expect(git(remote, 'log', '-1', '--format=%an|%s', 'main')).toBe(
			'github-actions[bot]|A "quoted" $(why)',
		)
		expect(git(remote, 'ls-tree', '--name-only', 'main')).toBe('releases.json')
	})

	it('makes no empty commit', async () => {
		const { cwd } = await makeRemote()
		expect(await commit({ cwd, paths: ['releases.json'], message: 'Again' })).toBeNull()
	})

	it('pushes nothing over what another has pushed', async () => {
		const { remote, cwd } = await makeRemote()
		const other = await cloneOf(remote)
		await writeFile(join(other, 'releases.json'), 'theirs')
		await commit({ cwd: other, paths: ['releases.json'], message: 'Theirs' })
		await push({ cwd: other, branch: 'main' })
		await writeFile(join(cwd, 'releases.json'), 'ours')
		await commit({ cwd, paths: ['releases.json'], message: 'Ours' })
		await expect(push({ cwd, branch: 'main' })).rejects.toMatchObject({ code: 'conflict' })
		await expect(push({ cwd, branch: 'main' })).rejects.toThrow('has moved on')
		expect(git(remote, 'show', 'main:releases.json')).toBe('theirs')
	})

	it('says why git failed', async () => {
		const { cwd } = await makeRemote()
		git(cwd, 'remote', 'set-url', 'origin', join(cwd, 'nowhere'))
		await expect(push({ cwd, branch: 'main' })).rejects.toThrow(/git push: .*nowhere/s)
	})
})
