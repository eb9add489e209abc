// `serve --collect`: takes picks of people who agreed to send them, and takes them back. What it answers is on the disk.
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Feedback, MAX_CLOCK_LEAD_MS } from '../../../src/shared/feedback.ts'
import type { Releases } from '../../../src/shared/releases.ts'
import {
	MAX_SENT_BYTES,
	type PicksKept,
	SendPicks,
	TakeBackPicks,
} from '../../../src/shared/sent-picks.ts'
import type { ReceivedPicks } from '../feedback/received.ts'
import type { FeedbackCounts } from '../feedback/table.ts'
import { type AddressCounter, networksOf } from './address-limits.ts'
import { orProblem, ProblemError } from './problem.ts'
import { readJsonAs } from './read-json.ts'
import { isFromOwnPage } from './same-origin.ts'

/** Writes that may wait for the database, which another command may hold for half a minute. */
const MAX_WAITING = 64
const RETRY_SECONDS = 60

export interface Collecting {
	readonly received: ReceivedPicks
	readonly counter: AddressCounter
	/** The page's host, where a proxy answers for it: then addresses come from X-Forwarded-For. */
	readonly proxyHost?: string | undefined
	now(): Date
	log(text: string): void
}

export async function keepPicks(
	request: IncomingMessage,
	collecting: Collecting,
	releases: () => Promise<Releases>,
): Promise<PicksKept> {
	const { received, counter, now, log } = collecting
	const networks = enter(request, collecting)
	const { secret, picks } = await readJsonAs(SendPicks, request, MAX_SENT_BYTES)
	const latest = now().getTime() + MAX_CLOCK_LEAD_MS
	const late = picks.find(({ time }) => Date.parse(time) > latest)
	if (late) throw new ProblemError(422, `body: picks: time: lies in the future: ${late.time}`)
	const { possible, refused } = refuseImpossible(picks, await releases())
	if (possible.length === 0) return { added: 0, amended: 0, known: 0, refused }
	counter.admit(networks, possible.length)
	let kept: FeedbackCounts | null = null
	try {
		// A name of the address that only this day's key can tell: so the limits of a file hold for each address.
		const source = `sent ${now().toISOString().slice(0, 10)} ${networks[0]?.slice(0, 8)}`
		const sender = hashOf(secret)
		kept = await orProblem(
			received.keep(possible, { sender, source, received: now() }),
			unavailable('nothing can be kept now'),
			log,
		)
		return { ...kept, refused }
	} finally {
		counter.giveBack(networks, kept ? kept.known : possible.length)
	}
}

/**
 * Parts picks from those that no page can have made. The rest of a request is kept: a page that may hold a pick of a release
 * that is not listed here would otherwise send the same request for ever.
 */
function refuseImpossible(
	picks: readonly Feedback[],
	{ releases }: Releases,
): { possible: Feedback[]; refused: PicksKept['refused'] } {
	const listed = new Set(releases.map(({ version }) => version))
	const possible: Feedback[] = []
	const refused: PicksKept['refused'] = []
	for (const pick of picks) {
		const { id, release, time } = pick
		if (!listed.has(release)) refused.push({ id, why: `release: ${release} is not listed` })
		else if (Date.parse(time) < dayOf(release) - MAX_CLOCK_LEAD_MS)
			refused.push({ id, why: `time: ${time} is before release ${release}` })
		else possible.push(pick)
	}
	return { possible, refused }
}

function dayOf(version: string): number {
	return Date.parse(version.replace(/^(....)(..)(..).*/, '$1-$2-$3'))
}

export async function takeBackPicks(
	request: IncomingMessage,
	collecting: Collecting,
): Promise<{ removed: number }> {
	enter(request, collecting)
	const { secret, ids } = await readJsonAs(TakeBackPicks, request, MAX_SENT_BYTES)
	const taken = collecting.received.takeBack(ids, hashOf(secret))
	const removed = await orProblem(taken, unavailable('nothing can be kept now'), collecting.log)
	return { removed }
}

/** @returns names for the address and its network @throws ProblemError 403, 429, 503 */
function enter(
	request: IncomingMessage,
	{ received, counter, proxyHost }: Collecting,
): readonly string[] {
	if (!isFromOwnPage(request, proxyHost))
		throw new ProblemError(403, 'only the page of this server sends picks here')
	const names = counter.enter(networksOf(request, proxyHost !== undefined))
	if (received.waiting >= MAX_WAITING) throw unavailable('too many wait to be kept')
	return names
}

/** The database never sees the secret. */
function hashOf(secret: string): string {
	return createHash('sha256').update(secret).digest('hex')
}

function unavailable(why: string): ProblemError {
	return new ProblemError(503, `${why}; send it again later`, { 'Retry-After': RETRY_SECONDS })
}
