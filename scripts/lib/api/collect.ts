// `serve --collect`: takes picks of people who agreed to send them, and takes them back. What it answers is on the disk.
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AppError } from '../../../src/shared/app-error.ts'
import { MAX_CLOCK_LEAD_MS } from '../../../src/shared/feedback.ts'
import {
	MAX_SENT_BYTES,
	type PicksKept,
	SendPicks,
	TakeBackPicks,
} from '../../../src/shared/sent-picks.ts'
import type { ReceivedPicks } from '../feedback/received.ts'
import { type AddressCounter, networkOf } from './address-limits.ts'
import { ProblemError } from './problem.ts'
import { readJsonAs } from './read-json.ts'
import { isFromOwnPage } from './same-origin.ts'

/** Writes that may wait for the database, which another command may hold for half a minute. */
const MAX_WAITING = 64
const RETRY_SECONDS = 60

export interface Collecting {
	readonly received: ReceivedPicks
	readonly counter: AddressCounter
	/** Addresses come from a proxy's X-Forwarded-For. */
	readonly isBehindProxy: boolean
	now(): Date
	log(text: string): void
}

export async function keepPicks(
	request: IncomingMessage,
	collecting: Collecting,
): Promise<PicksKept> {
	const { received, counter, now } = collecting
	const address = enter(request, collecting)
	const { secret, picks } = await readJsonAs(SendPicks, request, MAX_SENT_BYTES)
	const latest = now().getTime() + MAX_CLOCK_LEAD_MS
	const late = picks.find(({ time }) => Date.parse(time) > latest)
	if (late) throw new ProblemError(422, `body: picks: time: lies in the future: ${late.time}`)
	counter.admit(address, picks.length)
	let kept: PicksKept | null = null
	try {
		// A name of the address that only this day's key can tell: so the limits of a file hold for each address.
		const source = `sent ${now().toISOString().slice(0, 10)} ${address.slice(0, 8)}`
		const sender = hashOf(secret)
		kept = await orUnavailable(
			received.keep(picks, { sender, source, received: now() }),
			collecting,
		)
		return kept
	} finally {
		counter.giveBack(address, kept ? kept.known : picks.length)
	}
}

export async function takeBackPicks(
	request: IncomingMessage,
	collecting: Collecting,
): Promise<{ removed: number }> {
	enter(request, collecting)
	const { secret, ids } = await readJsonAs(TakeBackPicks, request, MAX_SENT_BYTES)
	const removed = await orUnavailable(collecting.received.takeBack(ids, hashOf(secret)), collecting)
	return { removed }
}

/** @returns a name for the address @throws ProblemError 403, 429, 503 */
function enter(request: IncomingMessage, { received, counter, isBehindProxy }: Collecting): string {
	if (!isFromOwnPage(request, isBehindProxy))
		throw new ProblemError(403, 'only the page of this server sends picks here')
	const name = counter.enter(networkOf(request, isBehindProxy))
	if (received.waiting >= MAX_WAITING) throw unavailable('too many wait to be kept')
	return name
}

/** The database never sees the secret. */
function hashOf(secret: string): string {
	return createHash('sha256').update(secret).digest('hex')
}

async function orUnavailable<Result>(
	work: Promise<Result>,
	{ log }: Pick<Collecting, 'log'>,
): Promise<Result> {
	try {
		return await work
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		log(`api: ${error.message}`)
		throw unavailable('nothing can be kept now')
	}
}

function unavailable(why: string): ProblemError {
	return new ProblemError(503, `${why}; send it again later`, { 'Retry-After': RETRY_SECONDS })
}
