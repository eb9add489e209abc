// How long a release whose download failed is left alone. Pure.
import * as v from 'valibot'
import { type SerializedError, serializeError } from '../shared/app-error.ts'
import type { DownloadPause } from '../shared/classifier-protocol.ts'
import { ReleaseVersion } from '../shared/schema-parts.ts'

const MINUTE_MS = 60_000
/** After the first failure, the second, …; the last for all that follow. */
const WAITS_MS = [1, 5, 15, 60, 240].map((minutes) => minutes * MINUTE_MS)
const LONGEST_MS = Math.max(...WAITS_MS)

/** The pauses of all releases as they are stored; anything that this page did not write is ignored. */
export const StoredPauses = v.fallback(
	v.record(
		ReleaseVersion,
		v.object({
			version: ReleaseVersion,
			failures: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
			until: v.number(),
			error: v.object({
				code: v.custom<SerializedError['code']>((code) => typeof code === 'string'),
				message: v.string(),
			}),
		}),
	),
	{},
)
export type StoredPauses = v.InferOutput<typeof StoredPauses>

/** The pause after one more failure. */
export function pauseAfter(
	before: DownloadPause | null,
	version: ReleaseVersion,
	error: unknown,
	now: number,
): DownloadPause {
	const failures = (before?.failures ?? 0) + 1
	const wait = WAITS_MS[Math.min(failures, WAITS_MS.length) - 1] ?? LONGEST_MS
	return { version, failures, until: now + wait, error: serializeError(error) }
}

/** A pause that ends later than the longest possible one was written before the clock was set back: it is over. */
export function isRunning({ until }: DownloadPause, now: number): boolean {
	return now < until && until - now <= LONGEST_MS
}

/** Drops pauses so old that nobody waits for them. */
export function dropOldPauses(pauses: StoredPauses, now: number): StoredPauses {
	const isRecent = ({ until }: DownloadPause) => Math.abs(now - until) < 2 * 24 * 60 * MINUTE_MS
	return Object.fromEntries(Object.entries(pauses).filter(([, pause]) => isRecent(pause)))
}
