// What Reddit means when it refuses a subreddit: private, banned, quarantined, missing, moved; and for how long to leave it alone.
import * as v from 'valibot'
import type { HttpAnswer } from './http.ts'

const DAY_S = 24 * 60 * 60

/** Seconds after which a subreddit is asked again. What rarely comes back is left alone for longer. */
export const ASK_AGAIN_AFTER_S = {
	private: 7 * DAY_S,
	quarantined: 14 * DAY_S,
	restricted: 14 * DAY_S,
	banned: 30 * DAY_S,
	missing: 30 * DAY_S,
	moved: 30 * DAY_S,
	/** Refused without a reason. */
	refused: 7 * DAY_S,
} as const

export type UnavailableReason = keyof typeof ASK_AGAIN_AFTER_S

export interface Refusal {
	readonly reason: UnavailableReason
	readonly movedTo: string | null
}

// Reddit's own refusals are JSON that repeats the status; a proxy's or a firewall's are not, and mean more than one subreddit.
const Body = v.object({ error: v.number(), reason: v.optional(v.nullable(v.string())) })

const REASONS: Readonly<Record<string, UnavailableReason>> = {
	private: 'private',
	banned: 'banned',
	quarantined: 'quarantined',
	gold_only: 'restricted',
	employees_only: 'restricted',
}

/**
 * @param path that was asked for, as in `r/linux/new`
 * @returns null where the answer does not say that it is about this subreddit
 */
export function readRefusal({ status, headers, text }: HttpAnswer, path: string): Refusal | null {
	if (status >= 300 && status < 400) return readRedirect(headers.get('location'), path)
	const body = readBody(text)
	if (body?.error !== status) return null
	const reason = REASONS[body.reason ?? '']
	if (reason) return { reason, movedTo: null }
	return status === 404 ? { reason: 'missing', movedTo: null } : null
}

// A name that nobody has leads to the search; one that was renamed leads to its new name.
function readRedirect(location: string | null, path: string): Refusal | null {
	if (location === null || !URL.canParse(location, 'http://reddit')) return null
	const { pathname } = new URL(location, 'http://reddit')
	if (/^\/subreddits\/search(\.json)?\/?$/.test(pathname))
		return { reason: 'missing', movedTo: null }
	const name = /^\/r\/([A-Za-z0-9_]{2,50})\/new(\.json)?\/?$/.exec(pathname)?.[1]
	// A server that sends a request back to itself is set up wrongly: no subreddit has moved.
	if (name === undefined || path.toLowerCase() === `r/${name}/new`.toLowerCase()) return null
	return { reason: 'moved', movedTo: name }
}

function readBody(text: string): v.InferOutput<typeof Body> | null {
	try {
		const result = v.safeParse(Body, JSON.parse(text))
		return result.success ? result.output : null
	} catch {
		return null
	}
}
