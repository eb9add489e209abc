// Commits of a job: what it changed in the releases, pushed to the repository that it was checked out from.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { exists } from '../files.ts'

const run = promisify(execFile)

/** Who a job is to GitHub: signs its commits and writes its comments. */
export const AUTHOR = 'github-actions[bot]'
const AUTHOR_EMAIL = '41898282+github-actions[bot]@users.noreply.github.com'

export interface CommitPlan {
	/** The checkout. */
	readonly cwd: string
	/** What goes in, where it is there: files and folders. */
	readonly paths: readonly string[]
	readonly message: string
}

/** @returns the new commit, or null where nothing has changed. @throws AppError `conflict`, `missing-tool` */
export async function commit({ cwd, paths, message }: CommitPlan): Promise<string | null> {
	const present = await Promise.all(paths.map((path) => exists(resolve(cwd, path))))
	await git(cwd, ['add', '--all', '--', ...paths.filter((_, index) => present[index])])
	const changed = await git(cwd, ['diff', '--cached', '--name-only'])
	if (changed === '') return null
	const identity = ['-c', `user.name=${AUTHOR}`, '-c', `user.email=${AUTHOR_EMAIL}`]
	await git(cwd, [...identity, 'commit', '--quiet', '--message', message])
	return git(cwd, ['rev-parse', 'HEAD'])
}

/**
 * Pushes the newest commit to a branch.
 *
 * @param replace whether a branch of that name may be replaced: one that this program made before
 * @throws AppError `conflict` where somebody else has pushed since
 */
export async function push({
	cwd,
	branch,
	replace = false,
}: {
	cwd: string
	branch: string
	replace?: boolean
}): Promise<void> {
	const force = replace ? ['--force'] : []
	try {
		await git(cwd, ['push', '--quiet', ...force, 'origin', `HEAD:refs/heads/${branch}`])
	} catch (error) {
		if (!/rejected|fetch first|non-fast-forward/.test(errorMessage(error))) throw error
		throw new AppError(
			'conflict',
			`${branch} has moved on since this job began; nothing was pushed, run the workflow again`,
			error,
		)
	}
}

/** The branch that is checked out. @throws AppError `bad-input` where none is */
export async function currentBranch(cwd: string): Promise<string> {
	const name = await git(cwd, ['branch', '--show-current'])
	if (name !== '') return name
	throw new AppError('bad-input', 'no branch is checked out; check one out first')
}

async function git(cwd: string, args: readonly string[]): Promise<string> {
	try {
		const { stdout } = await run('git', args, { cwd, maxBuffer: 64 * 1024 * 1024 })
		return stdout.trim()
	} catch (error) {
		const { code, stderr } = error as NodeJS.ErrnoException & { readonly stderr?: string }
		if (code === 'ENOENT') throw new AppError('missing-tool', 'git: not found; install it', error)
		const reason = (stderr ?? '').trim() || errorMessage(error)
		throw new AppError('conflict', `git ${args[0]}: ${reason}`, error)
	}
}
