// A database is asked again after a failure that may pass: a run of a night must not end because a server restarts.
import { AppError } from '../../../src/shared/app-error.ts'
import type { Database } from '../posts/database.ts'
import { repeating } from '../posts/open-posts.ts'
import type { Clock } from './clock.ts'

const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 60_000
// About ten minutes of a server that does not answer.
const ATTEMPTS = 15

/** For what may be carried out twice: whether what failed was is not known. */
export function repeatPatiently(clock: Clock) {
	return async <Result>(work: () => Promise<Result>): Promise<Result> => {
		for (let attempt = 1; ; attempt += 1) {
			try {
				return await work()
			} catch (error) {
				if (!mayPass(error) || attempt === ATTEMPTS) throw error
				const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1))
				await clock.sleep(wait * (0.5 + 0.5 * clock.random()), clock.signal)
			}
		}
	}
}

export function withPatience(database: Database, clock: Clock): Database {
	return repeating(database, repeatPatiently(clock))
}

// A file that another program holds was waited for already.
function mayPass(error: unknown): boolean {
	return error instanceof AppError && error.code === 'network'
}
