// When an open page looks for another release: when its tab is shown again, when the network is back, every few minutes,
// and at set times.

const CHECK_INTERVAL_MS = 5 * 60_000
/** Timers and clocks differ a little; after this much more, the time has certainly come. */
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

	/** Also looks at this time, in milliseconds since 1970, in place of the time set before; null: at no time. */
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
