// A release of this job becomes a pull request: the commit, its branch, and the text.
import { relative } from 'node:path'
import type { Effects } from '../effects.ts'
import type { GitHub } from './client.ts'
import { commit, currentBranch, push } from './git.ts'
import { type PullRequest, proposePullRequest } from './pull-requests.ts'
import { PROPOSAL_PREFIX } from './start.ts'

/** In the repository's root; what a pipeline's run changes there. */
const LOCK_FILE = 'whichsub.lock'

/** The files of a checkout that commands change: the releases, and what `run` wrote down. */
export function changedPaths({ modelsDir }: Pick<Effects, 'modelsDir'>, root: string): string[] {
	return [relative(root, modelsDir), LOCK_FILE, 'executions']
}

/**
 * Commits a release that was published here, pushes it to a branch of its own, and opens a pull request for it.
 *
 * @param text what the pull request says
 * @throws AppError `conflict`, `network`, `server`
 */
export async function proposeRelease(
	{ version, text, root }: { version: string; text: string; root: string },
	github: GitHub,
	effects: Pick<Effects, 'modelsDir'>,
): Promise<PullRequest> {
	const base = await currentBranch(root)
	const branch = `${PROPOSAL_PREFIX}${version}`
	const title = `Release ${version} to staging`
	await commit({ cwd: root, paths: changedPaths(effects, root), message: title })
	await push({ cwd: root, branch, replace: true })
	return proposePullRequest({ branch, base, title, body: text }, github)
}
