// What the classifier is doing, the title in the box, and the answer to it: the state that the components draw.
import { endsInOpenWord } from '../model/completion.ts'
import type {
	Answer,
	LoadedRelease,
	ManyAnswers,
	NearbySubreddit,
} from '../shared/classifier-protocol.ts'
import type { Reading } from '../shared/reading.ts'
import { ChannelName } from '../shared/releases.ts'
import { ClassifierClient, type ClassifierStatus, type WhyEach } from './classifier-client.ts'
import { createWorker, takeEarlyWorker } from './early-worker.ts'
import { hasGoodConnection } from './good-connection.ts'
import { explainMissingPart } from './missing-part.ts'
import { ReleaseWatch } from './release-watch.ts'
import { asShown } from './shown-rows.ts'
import type { TailStatus } from './tail-loader.ts'
import { readTitle } from './title-text.ts'
import { isBeingTyped } from './typed-text.ts'

/** After so long without a key, the last word is read as it stands. */
const TYPING_PAUSE_MS = 1_000

export class ClassifierState {
	status = $state.raw<ClassifierStatus>({ kind: 'loading', progress: { step: 'find' } })
	/** What the box holds, as it was typed. */
	text = $state('')
	/** The title that is asked: see {@link readTitle}. */
	readonly title = $derived.by(() => readTitle(this.text).title)
	/** How many characters of the text are left out because a title can't be longer. */
	readonly surplus = $derived.by(() => readTitle(this.text).surplus)
	/** The answer to the newest title that has one; null for an empty box. */
	answer = $state.raw<Answer | null>(null)
	/** Whether all subreddits that the release has not learnt are searched. */
	tail = $state.raw<TailStatus>({ kind: 'none' })
	/** Why the title in the box has no answer. */
	trouble = $state.raw<Error | null>(null)

	/** The channel that the address asks to preview, or null. */
	readonly preview: ChannelName | null

	readonly #client: ClassifierClient
	#reading: Reading = 'whole'
	#pause: ReturnType<typeof setTimeout> | undefined
	/** Nothing was typed for a while, perhaps since before there was an answer. */
	#hasPaused = false
	#answeredBy: string | null = null
	#watch: ReleaseWatch | null = null

	constructor(address: URL, baseUrl: string) {
		this.preview = readPreview(address)
		this.#client = new ClassifierClient({
			modelsUrl: new URL('models/', baseUrl).href,
			preview: this.preview,
			onStatus: (status) => this.#take(status),
			onUnseen: () => void this.#ask(),
			onTail: (tail) => this.#takeTail(tail),
			createWorker: () => takeEarlyWorker() ?? createWorker(),
			explainDeath: explainMissingPart,
			welcomesTail: () => hasGoodConnection(navigator),
		})
	}

	get release(): LoadedRelease | null {
		return this.status.kind === 'ready' ? this.status.release : null
	}

	/** Starts the worker and keeps looking for newer releases. @returns stops looking */
	start(): () => void {
		const watch = new ReleaseWatch({
			check: () => void this.#client.checkForRelease(),
			checkAfterOffline: () => void this.#client.checkAfterOffline(),
		})
		this.#watch = watch
		void this.#client.start()
		return () => watch.stop()
	}

	retry(): void {
		void this.#client.retry()
	}

	/** Takes the new text of the box, which stays as it was typed; only the title that is asked is cut. */
	setText(text: string): void {
		this.#setText(text, 'whole')
	}

	/** Takes what a person made of the text. @param caret where it is in the text */
	typeText(text: string, caret: number): void {
		this.#setText(text, isBeingTyped(this.text, text, caret) ? 'typing' : 'whole')
	}

	#setText(text: string, reading: Reading): void {
		this.text = text
		this.#reading = reading
		this.#hasPaused = false
		clearTimeout(this.#pause)
		if (reading === 'typing') this.#pause = setTimeout(() => this.#takePause(), TYPING_PAUSE_MS)
		void this.#ask()
	}

	#takePause(): void {
		this.#hasPaused = true
		void this.#readWhole()
	}

	/** Who pauses has probably finished the last word, but not where the model knows only longer ones that begin so. */
	async #readWhole(): Promise<void> {
		const { title, answer: typed } = this
		if (typed?.title !== title || !endsInOpenWord(title)) return
		const answer = await this.#client.suggest(title).catch(() => null)
		if (!answer || this.answer !== typed || this.title !== title) return
		if (answer.unknownWords.length > typed.unknownWords.length) return
		this.#reading = 'whole'
		this.answer = asShown(answer)
	}

	reasons(answer: Answer): Promise<WhyEach | null> {
		return this.#client.reasons(answer)
	}

	/** The suggestions for many titles, each finished. */
	suggestMany(titles: readonly string[]): Promise<ManyAnswers> {
		return this.#client.suggestMany(titles)
	}

	/** The subreddits that are most like one. */
	nearby(subreddit: string, count: number): Promise<readonly NearbySubreddit[]> {
		return this.#client.nearby(subreddit, count)
	}

	labels(): Promise<readonly string[]> {
		return this.#client.labels()
	}

	/** Subreddits that the release has not learnt, as far as they are loaded. */
	unseen(): Promise<readonly string[]> {
		return this.#client.unseen()
	}

	/** Loads the long tail of subreddits that the release has not learnt. */
	searchAll(): void {
		void this.#client.searchAll()
	}

	/** At most `count` subreddits of the long tail whose names hold a text. */
	findNames(text: string, count: number): Promise<readonly string[]> {
		return this.#client.findNames(text, count)
	}

	#takeTail(tail: TailStatus): void {
		this.tail = tail
		// What is in the box may have a better answer now.
		if (tail.kind === 'ready') void this.#ask()
	}

	#take(status: ClassifierStatus): void {
		this.status = status
		this.#watch?.checkAt(retryTime(status))
		const version = status.kind === 'ready' ? status.release.version : this.#answeredBy
		if (version === this.#answeredBy) return
		this.#answeredBy = version
		void this.#ask()
	}

	async #ask(): Promise<void> {
		this.trouble = null
		const { title } = this
		if (title.trim() === '') {
			this.answer = null
			return
		}
		try {
			const answer = await this.#client.suggest(title, this.#reading)
			// The box may have been emptied in the meantime, and then there is no later answer.
			if (!answer || this.title !== title) return
			this.answer = asShown(answer)
			if (this.#hasPaused && this.#reading === 'typing') void this.#readWhole()
		} catch (error) {
			this.answer = null
			this.trouble = error as Error
		}
	}
}

function retryTime(status: ClassifierStatus): number | null {
	const failure = status.kind === 'ready' ? status.update : status
	return failure.kind === 'failed' ? failure.retryAt : null
}

function readPreview(address: URL): ChannelName | null {
	const channel = address.searchParams.get('channel')
	return ChannelName.options.find((name) => name === channel) ?? null
}
