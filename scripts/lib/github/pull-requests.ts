// Pull requests: found by the commit that they propose, opened for a release.
import * as v from 'valibot'
import { parseWith } from '../../../src/shared/parse.ts'
import type { GitHub } from './client.ts'

const PullRequest = v.object({
	number: v.number(),
	html_url: v.string(),
	head: v.object({ ref: v.string(), sha: v.string() }),
})
const PullRequests = v.array(PullRequest)
export type PullRequest = v.InferOutput<typeof PullRequest>

/** The newest hundred that are open. @param head as in `owner:branch`; all of them where it is not given */
export async function listOpenPullRequests(
	github: GitHub,
	head?: string,
): Promise<readonly PullRequest[]> {
	const answer = await github.call('GET /repos/{owner}/{repo}/pulls', {
		state: 'open',
		per_page: 100,
		...(head === undefined ? {} : { head }),
	})
	return parseWith(PullRequests, answer, 'list of pull requests')
}

/**
 * The open pull request whose newest commit is this one. GitHub says which commit a run was of; nothing that the run
 * itself made is asked, as it may be a stranger's.
 *
 * @returns null where it was closed, or where newer commits were pushed since
 */
export async function findPullRequest(
	{ owner, branch, sha }: { owner: string; branch: string; sha: string },
	github: GitHub,
): Promise<PullRequest | null> {
	const open = await listOpenPullRequests(github, `${owner}:${branch}`)
	return open.find(({ head }) => head.sha === sha) ?? null
}

export interface Proposal {
	readonly branch: string
	readonly base: string
	readonly title: string
	readonly body: string
}

/** Opens a pull request for a branch of this repository; one that is open already gets the new text. */
export async function proposePullRequest(
	{ branch, base, title, body }: Proposal,
	github: GitHub,
): Promise<PullRequest> {
	const before = (await listOpenPullRequests(github, `${github.owner}:${branch}`))[0]
	const answer = before
		? await github.call('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
				pull_number: before.number,
				title,
				body,
			})
		: await github.call('POST /repos/{owner}/{repo}/pulls', { head: branch, base, title, body })
	return parseWith(PullRequest, answer, 'pull request')
}
