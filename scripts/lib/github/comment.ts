// One comment in a pull request that is updated instead of repeated. Node.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { MAX_COMMENT_CHARACTERS } from '../reports/markdown.ts'
import type { GitHub } from './client.ts'

/** Opens our comment's text; GitHub does not show it. */
export const COMMENT_MARKER = '<!-- whichsub:model-report -->'

const COMMENTS_PER_PAGE = 100
const MAX_PAGES = 50

const Comments = v.array(
	v.object({
		id: v.number(),
		body: v.nullish(v.string(), ''),
		user: v.nullable(v.object({ login: v.string(), type: v.string() })),
	}),
)
type Comment = v.InferOutput<typeof Comments>[number]

export type CommentChange = 'created' | 'updated' | 'unchanged'

/**
 * Writes our comment into a pull request, or changes the one that is there.
 *
 * @param author who writes our comments: another one's is never touched, whatever it says
 * @throws AppError `bad-input` for a text that is too long, `network`, `server`
 */
export async function putComment(
	{ pullRequest, text, author }: { pullRequest: number; text: string; author: string },
	github: GitHub,
): Promise<CommentChange> {
	const body = `${COMMENT_MARKER}\n${text}`
	if (body.length > MAX_COMMENT_CHARACTERS)
		throw new AppError(
			'bad-input',
			`comment: ${body.length} characters; GitHub takes ${MAX_COMMENT_CHARACTERS}`,
		)
	const own = await findOwn(pullRequest, author, github)
	if (own?.body === body) return 'unchanged'
	if (own) {
		const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
		await github.call(route, { comment_id: own.id, body })
		return 'updated'
	}
	const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
	await github.call(route, { issue_number: pullRequest, body })
	return 'created'
}

async function findOwn(
	pullRequest: number,
	author: string,
	github: GitHub,
): Promise<Comment | null> {
	for (let page = 1; page <= MAX_PAGES; page += 1) {
		const answer = await github.call('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
			issue_number: pullRequest,
			per_page: COMMENTS_PER_PAGE,
			page,
		})
		const comments = parseWith(Comments, answer, 'comments of the pull request')
		// Anybody can write the marker: only the author tells that it is ours.
		const own = comments.find(
			({ body, user }) => user?.login === author && body.startsWith(COMMENT_MARKER),
		)
		if (own) return own
		if (comments.length < COMMENTS_PER_PAGE) return null
	}
	return null
}
