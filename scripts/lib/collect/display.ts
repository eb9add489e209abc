// What a collector shows while it works: one live line on a terminal, a plain line each minute elsewhere.
import type { Effects } from '../effects.ts'
import { formatCount, formatSeconds, Progress } from '../progress.ts'

const PLAIN_LINE_MS = 60_000

/** How far a run is. */
export interface CollectStatus {
	/** Subreddits that need no more work in this run: read, set aside or failed. */
	readonly done: number
	readonly left: number
	/** Posts that were new. */
	readonly posts: number
	/** In the rate-limit window; null where Reddit has not said. */
	readonly requestsLeft: number | null
	/** Subreddits that this process has dealt with: what the time left is reckoned from. */
	readonly doneHere: number
}

export class CollectDisplay {
	readonly #progress: Progress
	readonly #effects: Effects
	#status: CollectStatus | null = null

	constructor(effects: Effects) {
		this.#effects = effects
		this.#progress = new Progress(
			{
				label: 'collect',
				total: 0,
				unit: 'subreddits',
				plainLineMs: PLAIN_LINE_MS,
				formatLine: (_, seconds) => (this.#status ? formatStatus(this.#status, seconds) : ''),
			},
			effects,
		)
	}

	update(status: CollectStatus): void {
		this.#status = status
		this.#progress.update(status.done)
	}

	/** A line of its own, above the live one. */
	warn(text: string): void {
		this.#progress.finish()
		this.#effects.err(text)
	}

	finish(): void {
		this.#progress.finish()
	}
}

/** One line; the most wanted comes first, because a narrow terminal cuts the end. `seconds` is the time since the start. */
export function formatStatus(status: CollectStatus, seconds: number): string {
	const { done, left, posts, requestsLeft, doneHere } = status
	const parts = [
		`${formatCount(done)} subreddits done, ${formatCount(left)} left`,
		`${formatCount(posts)} new posts`,
		left === 0
			? 'nearly there'
			: doneHere === 0
				? 'time left not known yet'
				: `${formatSeconds((seconds / doneHere) * left)} left`,
	]
	if (requestsLeft !== null) parts.push(`${formatCount(requestsLeft)} requests left in the window`)
	return parts.join('  ')
}
