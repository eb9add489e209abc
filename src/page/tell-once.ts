// What is explained to a person once: this browser remembers that it was.

const PREFIX = 'whichsub-told-'

export class TellOnce {
	readonly #key: string
	#isTold = false

	constructor(what: string) {
		this.#key = PREFIX + what
	}

	/** @returns whether it has not been told before; from now on it has */
	isNew(): boolean {
		const isNew = !this.#isTold && !this.#read()
		this.#isTold = true
		try {
			localStorage.setItem(this.#key, 'yes')
		} catch {
			// Without storage it is told once on each visit.
		}
		return isNew
	}

	#read(): boolean {
		try {
			return localStorage.getItem(this.#key) !== null
		} catch {
			return false
		}
	}
}
