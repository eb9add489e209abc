// What goes wrong with a request, as application/problem+json (RFC 9457).
import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Problem } from './schemas.ts'

export const PROBLEM_TYPE = 'application/problem+json'
/** A detail may quote what was sent, which may be megabytes. */
const MAX_DETAIL_LENGTH = 300

/** Ends a request with a status and a sentence for people. */
export class ProblemError extends Error {
	readonly status: number
	readonly headers: OutgoingHttpHeaders

	constructor(status: number, detail: string, headers: OutgoingHttpHeaders = {}) {
		super(detail)
		this.status = status
		this.headers = headers
	}
}

export function sendProblem(
	response: ServerResponse,
	{ status, message, headers }: ProblemError,
): void {
	const problem: Problem = {
		type: 'about:blank',
		title: STATUS_CODES[status] ?? 'Error',
		status,
		detail: message.slice(0, MAX_DETAIL_LENGTH),
	}
	response.writeHead(status, {
		...headers,
		'Content-Type': PROBLEM_TYPE,
		'Cache-Control': 'no-store',
	})
	response.end(JSON.stringify(problem))
}

/** What is wrong with files or the database is said here, with paths, and not to the client. */
export async function orProblem<Result>(
	work: Promise<Result>,
	problem: ProblemError,
	log: (text: string) => void,
): Promise<Result> {
	return work.catch((error: unknown) => {
		if (!(error instanceof AppError) || error.code === 'aborted') throw error
		log(`api: ${error.message}`)
		throw problem
	})
}
