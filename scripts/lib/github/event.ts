// The event that started a workflow, as GitHub Actions hands it to a job: a file, not text in a script.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import type { Effects } from '../effects.ts'
import { readBytes } from '../files.ts'

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

export interface FinishedRun {
	readonly url: string
	readonly sha: string
	readonly branch: string
	readonly owner: string
}

/** @throws AppError `bad-input` outside a workflow, `bad-data` for another kind of event */
export async function readFinishedRun({ env }: Pick<Effects, 'env'>): Promise<FinishedRun> {
	const path = env.GITHUB_EVENT_PATH
	if (!path) throw new AppError('bad-input', 'GITHUB_EVENT_PATH is not set; run this in a workflow')
	const text = (await readBytes(path, 'event of the workflow')).toString('utf8')
	const { workflow_run: run } = parseJsonWith(WorkflowRunEvent, text, 'event of the workflow')
	return {
		url: run.html_url,
		sha: run.head_sha,
		branch: run.head_branch,
		owner: run.head_repository.owner.login,
	}
}
