// What `whichsub github` does: the commands' work, from a job's environment to a sentence of what became of it.
import { resolve } from 'node:path'
import * as v from 'valibot'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { readTextFile } from '../files.ts'
import { findRelease, readReleases } from '../models/releases-json.ts'
import { openGitHub } from './client.ts'
import { putComment } from './comment.ts'
import { describeNewestChange } from './describe-change.ts'
import { readFinishedRun } from './event.ts'
import { AUTHOR, commit, currentBranch, push } from './git.ts'
import { formatModelReport, readModelReport } from './model-report.ts'
import { changedPaths, proposeRelease } from './proposal.ts'
import { findPullRequest } from './pull-requests.ts'
import { startWorkflow } from './start.ts'

/** The checkout: everything that is committed is of this repository. */
const ROOT = resolve(import.meta.dirname, '../../..')

export interface Outcome {
	/** One line for people. */
	readonly text: string
}

/** @throws AppError `conflict` where another job has pushed since: nothing is pushed then */
export async function commitReleases(effects: Effects): Promise<Outcome> {
	const message = describeNewestChange(await readReleases(effects.modelsDir))
	const branch = await currentBranch(ROOT)
	const made = await commit({ cwd: ROOT, paths: changedPaths(effects, ROOT), message })
	if (made === null) return { text: 'nothing has changed: nothing to commit' }
	await push({ cwd: ROOT, branch })
	return { text: `pushed to ${branch}: ${message}` }
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
): Promise<Outcome> {
	const report = await readTextFile(driftFile, 'report of drift')
	const { verdict } = parseJsonWith(DriftVerdict, report, driftFile)
	if (!verdict.drifted) return { text: `no drift: ${workflow} is not started` }
	const why = verdict.rules
		.filter(({ passed }) => !passed)
		.map(({ says }) => says)
		.join(' ')
	const plan = { workflow, branch: await currentBranch(ROOT), why: `drift: ${why}`.slice(0, 500) }
	const started = await startWorkflow(plan, openGitHub(effects))
	if (started.kind === 'running')
		return { text: `drift, but ${workflow} runs already: ${started.url}` }
	if (started.kind === 'proposed')
		return { text: `drift, but a release waits for an answer: ${started.url}` }
	return { text: `drift: started ${workflow}` }
}

/**
 * Opens a pull request for the release that staging serves.
 *
 * @param reportDir the folder with the reports of its making
 * @throws AppError `not-found` where staging serves none, `conflict`, `network`, `server`
 */
export async function propose(
	{ reportDir }: { reportDir: string },
	effects: Effects,
): Promise<Outcome> {
	const { version } = findRelease(await readReleases(effects.modelsDir), 'staging')
	const text = formatModelReport(await readModelReport(reportDir), ownRunUrl(effects))
	const plan = { version, text, root: ROOT }
	const { html_url: url } = await proposeRelease(plan, openGitHub(effects), effects)
	return { text: `proposed ${version}: ${url}` }
}

/**
 * Writes what a run of the workflow `model` found into its pull request, into the one comment that is there already.
 *
 * @throws AppError `bad-data` for a report that is not what it should be, `network`, `server`
 */
export async function comment(
	{ reportDir }: { reportDir: string },
	effects: Effects,
): Promise<Outcome> {
	const run = await readFinishedRun(effects)
	const github = openGitHub(effects)
	const found = await findPullRequest(run, github)
	if (!found) return { text: `no open pull request is at ${run.sha}: nothing to comment on` }
	const text = formatModelReport(await readModelReport(reportDir), run.url)
	const change = await putComment({ pullRequest: found.number, text, author: AUTHOR }, github)
	return { text: `comment ${change}: ${found.html_url}` }
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
