// One comment in a pull request that is updated instead of repeated.
import * as v from 'valibot'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseWith } from '../../../src/shared/parse.ts'
import { MAX_COMMENT_CHARACTERS } from '../reports/document.ts'
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
const MadeComment = v.object({ id: v.number() })

export type CommentChange = 'created' | 'updated' | 'unchanged'

/**
 * Writes our comment into a pull request, or changes the one that is there. GitHub knows no comment that can exist only once: of
 * two jobs that write at once, the one whose comment is the younger takes it back, and changes the other one.
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
	const place = { pullRequest, author }
	const [own, ...others] = await findOwn(place, github)
	if (own) {
		for (const { id } of others) await remove(id, place, github)
		if (own.body === body) return 'unchanged'
		await change(own, body, github)
		return 'updated'
	}
	const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
	const answer = await github.call(route, { issue_number: pullRequest, body })
	const made = parseWith(MadeComment, answer, 'comment that was made')
	const oldest = (await findOwn(place, github)).find(({ id }) => id < made.id)
	if (!oldest) return 'created'
	await change(oldest, body, github)
	await remove(made.id, place, github)
	return 'updated'
}

async function change({ id }: Comment, body: string, github: GitHub): Promise<void> {
	const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}'
	await github.call(route, { comment_id: id, body })
}

async function remove(id: number, place: Place, github: GitHub): Promise<void> {
	try {
		const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}'
		await github.call(route, { comment_id: id })
	} catch (error) {
		// Another job may have removed it first.
		if ((await findOwn(place, github)).some((one) => one.id === id)) throw error
	}
}

interface Place {
	readonly pullRequest: number
	readonly author: string
}

/** Our comments, oldest first. */
async function findOwn({ pullRequest, author }: Place, github: GitHub): Promise<Comment[]> {
	const found: Comment[] = []
	for (let page = 1; page <= MAX_PAGES; page += 1) {
		const answer = await github.call('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
			issue_number: pullRequest,
			per_page: COMMENTS_PER_PAGE,
			page,
		})
		const comments = parseWith(Comments, answer, 'comments of the pull request')
		// Anybody can write the marker: only the author tells that it is ours.
		const own = comments.filter(
			({ body, user }) => user?.login === author && body.startsWith(COMMENT_MARKER),
		)
		found.push(...own)
		if (comments.length < COMMENTS_PER_PAGE) break
	}
	return found.sort((one, other) => one.id - other.id)
}
