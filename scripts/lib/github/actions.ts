// What `whichsub github` does: each command's work, from a job's environment to a line for people.
import { relative, resolve } from 'node:path'
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Releases } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { readTextFile } from '../files.ts'
import { findRelease, readReleases } from '../release-files/releases-json.ts'
import { openGitHub } from './client.ts'
import { putComment } from './comment.ts'
import { AUTHOR, commit, currentBranch, push } from './git.ts'
import { formatModelReport, readModelReport } from './model-report.ts'
import { findPullRequest, proposePullRequest } from './pull-requests.ts'
import { PROPOSAL_PREFIX, startWorkflow } from './start.ts'

/** The checkout: everything that is committed is of this repository. */
const ROOT = resolve(import.meta.dirname, '../../..')

/** Written by `run`, in the repository's root. */
const LOCK_FILE = 'whichsub.lock'

/** The files of the checkout that commands change. */
function changedPaths({ modelsDir }: Pick<Effects, 'modelsDir'>): string[] {
	return [relative(ROOT, modelsDir), LOCK_FILE, 'executions']
}

/** @throws AppError `conflict` where another job has pushed since: nothing is pushed then */
export async function commitReleases(effects: Effects): Promise<string> {
	const message = describeNewestChange(await readReleases(effects.modelsDir))
	const branch = await currentBranch(ROOT)
	const made = await commit({ cwd: ROOT, paths: changedPaths(effects), message })
	if (made === null) return 'nothing has changed: nothing to commit'
	await push({ cwd: ROOT, branch })
	return `pushed to ${branch}: ${message}`
}

/** The newest change of a channel, as in `Promote production: 20200602.0 → 20200701.0 (better on the posts of June)`. */
function describeNewestChange({ history }: Releases): string {
	const newest = history.at(-1)
	if (!newest) return 'Releases'
	const { channel, from, to, action, share, why } = newest
	const shared = share === undefined ? '' : ` for ${Math.round(share * 100)}% of visitors`
	const reason = why === '' ? '' : ` (${why})`
	const moved = `${channel}: ${from ?? 'nothing'} → ${to ?? 'nothing'}${shared}${reason}`
	return action === 'rollback' ? `Roll back ${moved}` : `Promote ${moved}`
}

/** What of `drift --json` decides; a report of a newer schema is refused by name. */
const DriftVerdict = v.object({
	schema: v.literal(1),
	verdict: v.object({
		drifted: v.boolean(),
		rules: v.array(v.object({ passed: v.boolean(), says: v.string() })),
	}),
})

/** @throws AppError `bad-data`, `not-found` for the report, `network`, `server` */
export async function start(
	{ workflow, driftFile }: { workflow: string; driftFile: string },
	effects: Effects,
): Promise<string> {
	const report = await readTextFile(driftFile, 'report of drift')
	const { verdict } = parseJsonWith(DriftVerdict, report, driftFile)
	if (!verdict.drifted) return `no drift: ${workflow} is not started`
	const why = verdict.rules
		.filter(({ passed }) => !passed)
		.map(({ says }) => says)
		.join(' ')
	const plan = { workflow, branch: await currentBranch(ROOT), why: `drift: ${why}`.slice(0, 500) }
	const started = await startWorkflow(plan, openGitHub(effects))
	if (started.kind === 'running') return `drift, but ${workflow} runs already: ${started.url}`
	if (started.kind === 'proposed') return `drift, but a release waits for an answer: ${started.url}`
	return `drift: started ${workflow}`
}

/**
 * Commits the release that staging serves, pushes it to a branch of its own, and opens a pull request for it.
 *
 * @param reportDir the folder with the reports of its making
 * @throws AppError `not-found` where staging serves none, `conflict`, `network`, `server`
 */
export async function propose(
	{ reportDir }: { reportDir: string },
	effects: Effects,
): Promise<string> {
	const { version } = findRelease(await readReleases(effects.modelsDir), 'staging')
	const body = formatModelReport(await readModelReport(reportDir), ownRunUrl(effects))
	const base = await currentBranch(ROOT)
	const branch = `${PROPOSAL_PREFIX}${version}`
	const title = `Release ${version} to staging`
	await commit({ cwd: ROOT, paths: changedPaths(effects), message: title })
	await push({ cwd: ROOT, branch, replace: true })
	const made = await proposePullRequest({ branch, base, title, body }, openGitHub(effects))
	return `proposed ${version}: ${made.html_url}`
}

/** Of the job that this runs in; GitHub Actions has its parts in the environment. */
function ownRunUrl({ env }: Pick<Effects, 'env'>): string {
	const {
		GITHUB_SERVER_URL = 'https://github.com',
		GITHUB_REPOSITORY = '',
		GITHUB_RUN_ID = '',
	} = env
	return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
}

const CommitSha = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/, 'expected a commit'))

/** The end of another workflow's run. Branch and owner are a stranger's words where the run was a fork's. */
const WorkflowRunEvent = v.object({
	workflow_run: v.object({
		html_url: v.pipe(v.string(), v.url()),
		head_sha: CommitSha,
		head_branch: v.string(),
		head_repository: v.object({ owner: v.object({ login: v.string() }) }),
	}),
})

/**
 * Writes what a run of the workflow `model` found into its pull request, into the one comment that is there already.
 *
 * @throws AppError `bad-input` outside a workflow, `bad-data` for a report or an event that is not what it should be, `network`, `server`
 */
export async function comment(
	{ reportDir }: { reportDir: string },
	effects: Effects,
): Promise<string> {
	const path = effects.env.GITHUB_EVENT_PATH
	if (!path) throw new AppError('bad-input', 'GITHUB_EVENT_PATH is not set; run this in a workflow')
	const event = await readTextFile(path, 'event of the workflow')
	const { workflow_run: run } = parseJsonWith(WorkflowRunEvent, event, 'event of the workflow')
	const head = {
		owner: run.head_repository.owner.login,
		branch: run.head_branch,
		sha: run.head_sha,
	}
	const github = openGitHub(effects)
	const found = await findPullRequest(head, github)
	if (!found) return `no open pull request is at ${head.sha}: nothing to comment on`
	const text = formatModelReport(await readModelReport(reportDir), run.html_url)
	const change = await putComment({ pullRequest: found.number, text, author: AUTHOR }, github)
	return `comment ${change}: ${found.html_url}`
}
