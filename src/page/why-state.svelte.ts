// Why a subreddit is suggested: which words of the title speak for it, and which suggestion a person points at.
import type { Answer, WordReason } from '../shared/classifier-protocol.ts'
import type { WhyEach } from './classifier-client.ts'

/** The words are worked out once the typing rests, so that they are there when somebody points at a row. */
const REST_MS = 250
/** The same one each time, so that rows without reasons stay as they are. */
const NONE: readonly WordReason[] = []

export class WhyState {
	/** The suggestion that a person points at, has the focus in, or has tapped. */
	pointedAt = $state<string | null>(null)
	#title = $state.raw('')
	#each = $state.raw<WhyEach | null>(null)
	readonly #ask: (answer: Answer) => Promise<WhyEach | null>

	constructor(ask: (answer: Answer) => Promise<WhyEach | null>) {
		this.#ask = ask
	}

	/** Works out the words of an answer, unless another one comes soon. @returns gives up */
	rest(answer: Answer | null): () => void {
		let isLeft = false
		const work = async () => {
			const each = answer && answer.suggestions.length > 0 ? await this.#ask(answer) : null
			if (isLeft) return
			this.#title = answer?.title ?? ''
			this.#each = each
		}
		const timer = setTimeout(() => void work(), REST_MS)
		return () => {
			isLeft = true
			clearTimeout(timer)
		}
	}

	/** None where they are not known. */
	wordsFor(title: string, subreddit: string | null): readonly WordReason[] {
		if (subreddit === null || title !== this.#title) return NONE
		return this.#each?.get(subreddit) ?? NONE
	}
}
