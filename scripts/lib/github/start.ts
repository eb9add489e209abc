// Starts a workflow before its time, unless it runs already or what it made waits for an answer.
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import type { GitHub } from './client.ts'
import { listOpenPullRequests } from './pull-requests.ts'

/** Begins the names of the branches that propose a release. */
export const PROPOSAL_PREFIX = 'release/'

const Runs = v.object({ workflow_runs: v.array(v.object({ html_url: v.string() })) })

export interface StartPlan {
	/** The workflow's file, as in `model.yml`. */
	readonly workflow: string
	/** The branch to run on. */
	readonly branch: string
	/** Goes into the workflow's input of that name. */
	readonly why: string
}

export type Start =
	| { readonly kind: 'started' }
	| { readonly kind: 'running'; readonly url: string }
	| { readonly kind: 'proposed'; readonly url: string }

/** @throws AppError `network`, `server` */
export async function startWorkflow(
	{ workflow, branch, why }: StartPlan,
	github: GitHub,
): Promise<Start> {
	const proposal = (await listOpenPullRequests(github)).find(({ head }) =>
		head.ref.startsWith(PROPOSAL_PREFIX),
	)
	if (proposal) return { kind: 'proposed', url: proposal.html_url }
	for (const status of ['queued', 'in_progress']) {
		const url = await findRun({ workflow, branch, status }, github)
		if (url !== null) return { kind: 'running', url }
	}
	await github.call('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
		workflow_id: workflow,
		ref: branch,
		inputs: { why },
	})
	return { kind: 'started' }
}

async function findRun(
	{ workflow, branch, status }: { workflow: string; branch: string; status: string },
	github: GitHub,
): Promise<string | null> {
	const route = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
	const answer = await github.call(route, { workflow_id: workflow, branch, status, per_page: 1 })
	return parseWith(Runs, answer, 'runs of the workflow').workflow_runs[0]?.html_url ?? null
}
