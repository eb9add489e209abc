// Why a subreddit is suggested: which words of the title speak for it, and which suggestion a person points at.
import type { Answer, WordReason } from '../shared/classifier-protocol.ts'
import type { WhyEach } from './classifier-client.ts'

/** The same one each time, so that rows without reasons stay as they are. */
const NONE: readonly WordReason[] = []

export class WhyState {
	/** The suggestion that a person points at, has the focus in, or has tapped. */
	pointedAt = $state<string | null>(null)
	#title = $state.raw('')
	#each = $state.raw<WhyEach | null>(null)
	#asked: Answer | null = null
	readonly #ask: (answer: Answer) => Promise<WhyEach | null>

	constructor(ask: (answer: Answer) => Promise<WhyEach | null>) {
		this.#ask = ask
	}

	/** Works out the words of an answer before somebody points at a row. */
	async explain(answer: Answer | null): Promise<void> {
		this.#asked = answer
		const each = answer && answer.suggestions.length > 0 ? await this.#ask(answer) : null
		if (this.#asked !== answer) return
		this.#title = answer?.title ?? ''
		this.#each = each
	}

	/** None where they are not known. */
	wordsFor(title: string, subreddit: string | null): readonly WordReason[] {
		return (subreddit !== null && this.each(title)?.get(subreddit)) || NONE
	}

	/** Those of all suggestions for a title; null where they are not known. */
	each(title: string): WhyEach | null {
		return title === this.#title ? this.#each : null
	}
}
