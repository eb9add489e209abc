// When an open page looks for another release: on coming back to it, on a network's return, every few minutes, and at set times.

const CHECK_INTERVAL_MS = 5 * 60_000
/** Timers and clocks differ a little: what ends at a time has ended then. */
const SLACK_MS = 250

export class ReleaseWatch {
	readonly #check: () => void
	readonly #checkAfterOffline: () => void
	readonly #interval: ReturnType<typeof setInterval>
	#timer: ReturnType<typeof setTimeout> | undefined

	constructor({ check, checkAfterOffline }: { check(): void; checkAfterOffline(): void }) {
		const ifSeen = (work: () => void) => () => {
			if (document.visibilityState === 'visible') work()
		}
		this.#check = ifSeen(check)
		this.#checkAfterOffline = ifSeen(checkAfterOffline)
		this.#interval = setInterval(this.#check, CHECK_INTERVAL_MS)
		document.addEventListener('visibilitychange', this.#check)
		window.addEventListener('online', this.#checkAfterOffline)
	}

	/** Also looks at a time, in milliseconds since 1970; null at none. It replaces the one before. */
	checkAt(time: number | null): void {
		clearTimeout(this.#timer)
		if (time !== null)
			this.#timer = setTimeout(this.#check, Math.max(0, time - Date.now()) + SLACK_MS)
	}

	stop(): void {
		clearInterval(this.#interval)
		clearTimeout(this.#timer)
		document.removeEventListener('visibilitychange', this.#check)
		window.removeEventListener('online', this.#checkAfterOffline)
	}
}
