// The page's only door to the classifier worker: starts it, asks it, replaces it when it dies or a newer release is out.
import { AppError, type SerializedError } from '../shared/app-error.ts'
import type {
	Answer,
	DownloadPause,
	LoadedRelease,
	LoadProgress,
	LoadRequest,
	ManyAnswers,
	NearbySubreddit,
	Target,
	TypedTitle,
	WordReason,
} from '../shared/classifier-protocol.ts'
import type { Reading } from '../shared/reading.ts'
import type { ChannelName } from '../shared/releases.ts'
import { describeFailure, type Failure, isUnreachable, PausedError } from './load-failure.ts'
import { TailLoader, type TailStatus } from './tail-loader.ts'
import { UnseenLoader } from './unseen-loader.ts'
import { WorkerConnection, type WorkerLike } from './worker-connection.ts'

// Longer than the worker's own time limits, whose errors say more than that it was silent.
const LOAD_SILENCE_MS = 40_000
const CHECK_SILENCE_MS = 30_000
const ASK_SILENCE_MS = 5_000
const MANY_SILENCE_MS = 30_000
/** A worker that dies twice within this time is not started again by itself. */
const RESTART_PAUSE_MS = 20_000
/** A release that this page can't use is not tried again at every look at the page. */
const REFUSAL_MS = 5 * 60_000

/** A newer release on its way while the older one answers; `idle` where there is none, `unknown` where that can't be told. */
export type Update =
	| { readonly kind: 'idle' }
	| { readonly kind: 'loading'; readonly progress: LoadProgress }
	| { readonly kind: 'unknown'; readonly error: Error }
	| ({ readonly kind: 'failed' } & Failure)

export type ClassifierStatus =
	| { readonly kind: 'loading'; readonly progress: LoadProgress }
	| {
			readonly kind: 'ready'
			readonly release: LoadedRelease
			readonly update: Update
			/** Why the release could not be stored; null where it is, or that is not known yet. */
			readonly storageTrouble: SerializedError | null
	  }
	| ({ readonly kind: 'failed' } & Failure)

export interface ClientOptions {
	readonly modelsUrl: string
	/** A channel to preview; null is the visitor's own. */
	readonly preview: ChannelName | null
	readonly onStatus: (status: ClassifierStatus) => void
	/** The subreddits that the release has not learnt can be suggested from now on: an answer may have more. */
	readonly onUnseen?: () => void
	/** Told whether the long tail of these is there. */
	readonly onTail?: (status: TailStatus) => void
	/** Whether the long tail may be downloaded unasked; never where this is left out. */
	readonly welcomesTail?: () => boolean
	/** Why a worker may have died before it said anything; null where the page is not to blame. */
	readonly explainDeath?: () => Promise<AppError | null>
	readonly createWorker: () => WorkerLike
}

/** What each word of a title adds, by the name of the suggestion. */
export type WhyEach = ReadonlyMap<string, readonly WordReason[]>

interface Ask {
	readonly asked: TypedTitle
	readonly tries: number
	resolve(answer: Answer | null): void
	reject(error: unknown): void
}

interface Active {
	readonly connection: WorkerConnection
	readonly release: LoadedRelease
	readonly storageTrouble: SerializedError | null
}

interface LoadOptions {
	readonly prefer: LoadRequest['prefer']
	/** Whether a person asked for it; then no pause is waited out. */
	readonly hurry: boolean
	readonly onProgress: (progress: LoadProgress) => void
}

const FIRST_STEP: LoadProgress = { step: 'find' }

export class ClassifierClient {
	readonly #options: ClientOptions
	#status: ClassifierStatus = { kind: 'loading', progress: FIRST_STEP }
	#active: Active | null = null
	#starting = false
	#checking = false
	/** A look that was asked for during another one, which may have read the list of releases before. */
	#lookAgain: { readonly hurry: boolean } | null = null
	#asking = false
	/** The title that waited for the release has its answer. */
	#answered: Promise<void> = Promise.resolve()
	#waiting: Ask | null = null
	#lastDeath = Number.NEGATIVE_INFINITY
	#pause: DownloadPause | null = null
	readonly #unseen: UnseenLoader
	readonly #tail: TailLoader
	#refused: { readonly version: string; readonly failure: Failure } | null = null

	constructor(options: ClientOptions) {
		this.#options = options
		this.#unseen = new UnseenLoader(() => options.onUnseen?.())
		this.#tail = new TailLoader({
			onStatus: (status) => options.onTail?.(status),
			isWelcome: () => options.welcomesTail?.() ?? false,
		})
	}

	/** Starts with the stored release, else with a download; does nothing while it runs. What happens goes to `onStatus`. */
	async start(): Promise<void> {
		if (this.#starting || this.#active) return
		this.#report({ kind: 'loading', progress: FIRST_STEP })
		await this.#start(false)
	}

	/** Tries at once what has failed: a person asks for it. */
	async retry(): Promise<void> {
		if (this.#active) return this.#look(true)
		if (this.#starting) return
		this.#report({ kind: 'loading', progress: FIRST_STEP })
		await this.#start(true)
	}

	/**
	 * Asks for suggestions as soon as a release answers.
	 *
	 * @returns null where a later title was asked for meanwhile
	 */
	suggest(title: string, reading: Reading = 'whole'): Promise<Answer | null> {
		this.#waiting?.resolve(null)
		return new Promise((resolve, reject) => {
			this.#waiting = { asked: { title, reading }, tries: 0, resolve, reject }
			void this.#askNext()
		})
	}

	/** The suggestions for finished titles, which wait for nothing else. @throws AppError `not-found` before a release answers */
	async suggestMany(titles: readonly string[]): Promise<ManyAnswers> {
		if (!this.#active) throw new AppError('not-found', 'no release is loaded yet')
		return this.#active.connection.call('suggestMany', titles, { silenceMs: MANY_SILENCE_MS })
	}

	/** The subreddits that the model takes for most like one. @throws AppError where that can't be told */
	async nearby(subreddit: string, count: number): Promise<readonly NearbySubreddit[]> {
		if (!this.#active) throw new AppError('not-found', 'no release is loaded yet')
		const { connection } = this.#active
		return connection.call('nearby', { subreddit, count }, { silenceMs: MANY_SILENCE_MS })
	}

	/** All subreddits of the release that answers now; none before one does. */
	async labels(): Promise<readonly string[]> {
		return this.#active?.connection.call('labels', null, { silenceMs: ASK_SILENCE_MS }) ?? []
	}

	/** What each word of an answered title adds for each suggestion; null where that is not known now. */
	async reasons({ title, suggestions }: Answer): Promise<WhyEach | null> {
		const subreddits = suggestions.map(({ subreddit }) => subreddit)
		const argument = { title, subreddits }
		const call = this.#active?.connection.call('reasons', argument, { silenceMs: ASK_SILENCE_MS })
		// A worker that has died is told of elsewhere.
		const words = await call?.catch(() => null)
		return words ? new Map(subreddits.map((name, at) => [name, words[at] ?? []])) : null
	}

	/** The subreddits that the release has not learnt and has an index of; none before they are loaded. */
	async unseen(): Promise<readonly string[]> {
		return this.#unseen.names
	}

	/** Loads the long tail of them. Never throws. */
	searchAll(): Promise<void> {
		return this.#tail.download()
	}

	/** At most `count` subreddits of the long tail whose names hold a text; none before it is loaded. */
	findNames(text: string, count: number): Promise<readonly string[]> {
		return this.#tail.findNames(text, count)
	}

	/** Switches to the release that the visitor is to have now, if it is another one. Never throws. */
	async checkForRelease(): Promise<void> {
		await this.#tryAgain(false)
	}

	/** The same when the browser is back on a network: a download whose connection broke does not wait for its time then. */
	async checkAfterOffline(): Promise<void> {
		await this.#tryAgain(this.#pause?.error.code === 'network')
	}

	async #tryAgain(hurry: boolean): Promise<void> {
		if (this.#active) await this.#look(hurry)
		else if (this.#status.kind === 'failed') await this.#start(hurry)
	}

	async #start(hurry: boolean): Promise<void> {
		if (this.#starting) return
		this.#starting = true
		// An earlier failure stays visible until the new attempt gets further than finding the release.
		const onProgress = (progress: LoadProgress) => {
			if (progress.step !== 'find') this.#report({ kind: 'loading', progress })
		}
		try {
			this.#activate(await this.#load({ prefer: 'stored', hurry, onProgress }))
		} catch (error) {
			this.#report({ kind: 'failed', ...describeFailure(error) })
			return
		} finally {
			this.#starting = false
		}
		// The title in the box first: what the server has to say takes part of the network and of the processor.
		await this.#answered
		await this.#look(hurry)
	}

	async #look(hurry: boolean): Promise<void> {
		if (this.#checking) {
			this.#lookAgain = { hurry: hurry || this.#lookAgain?.hurry === true }
			return
		}
		this.#checking = true
		try {
			await this.#lookOnce(hurry)
		} finally {
			this.#checking = false
		}
		const again = this.#lookAgain
		this.#lookAgain = null
		if (again) await this.#look(again.hurry)
	}

	async #lookOnce(hurry: boolean): Promise<void> {
		if (!this.#active) return
		const { connection, release } = this.#active
		const target = await this.#check(connection)
		const active = this.#active
		if (!target || active?.connection !== connection) return
		if (target.version !== release.version) return this.#update(target.version, hurry)
		this.#active = { ...active, release: { ...release, channel: target.channel } }
		this.#reportUpdate({ kind: 'idle' })
	}

	/** @returns null where it can't be told */
	async #check(connection: WorkerConnection): Promise<Target | null> {
		try {
			const request = this.#request({ prefer: 'newest', hurry: false })
			return await connection.call('check', request, { silenceMs: CHECK_SILENCE_MS })
		} catch (error) {
			// Without a network the current release goes on answering, so the page says nothing.
			const update = { kind: 'unknown', error: error as Error } as const
			this.#reportUpdate(isUnreachable(error) ? { kind: 'idle' } : update)
			return null
		}
	}

	async #update(version: string, hurry: boolean): Promise<void> {
		const refused = this.#refused
		if (refused?.version === version && !hurry && Date.now() < (refused.failure.retryAt ?? 0)) {
			this.#reportUpdate({ kind: 'failed', ...refused.failure })
			return
		}
		const onProgress = (progress: LoadProgress) => this.#reportUpdate({ kind: 'loading', progress })
		try {
			this.#activate(await this.#load({ prefer: 'newest', hurry, onProgress }))
		} catch (error) {
			if (isUnreachable(error)) return this.#reportUpdate({ kind: 'idle' })
			const { retryAt, ...failure } = describeFailure(error)
			this.#refused = {
				version,
				failure: { ...failure, retryAt: retryAt ?? Date.now() + REFUSAL_MS },
			}
			this.#reportUpdate({ kind: 'failed', ...this.#refused.failure })
		}
	}

	async #load({ onProgress, ...options }: LoadOptions): Promise<Active> {
		const connection: WorkerConnection = new WorkerConnection(
			this.#options.createWorker(),
			(error) => this.#bury(connection, error),
		)
		try {
			const result = await connection.call('load', this.#request(options), {
				silenceMs: LOAD_SILENCE_MS,
				onProgress,
			})
			this.#pause = 'until' in result ? result : null
			if ('until' in result) throw new PausedError(result)
			return { connection, release: result, storageTrouble: null }
		} catch (error) {
			// After a load that failed the engine's memory is in no known state.
			connection.end()
			throw await this.#explainLoad(error)
		}
	}

	/** A worker whose script could not be had dies without a word. */
	async #explainLoad(error: unknown): Promise<unknown> {
		const isDeath = error instanceof AppError && error.code === 'worker-died'
		return (isDeath && (await this.#options.explainDeath?.())) || error
	}

	#request(how: Pick<LoadRequest, 'prefer' | 'hurry'>): LoadRequest {
		const { modelsUrl, preview } = this.#options
		return { modelsUrl, preview, ...how, pause: this.#pause }
	}

	#activate(next: Active): void {
		const before = this.#active
		this.#active = next
		this.#reportUpdate({ kind: 'idle' })
		before?.connection.end()
		this.#answered = this.#askNext()
		void this.#keep(next.connection)
	}

	/** Learns whether the release could be stored, which may take longer than its first answer. */
	async #keep(connection: WorkerConnection): Promise<void> {
		const silenceMs = LOAD_SILENCE_MS
		// A worker that has died is told of elsewhere.
		const storageTrouble = await connection.call('keep', null, { silenceMs }).catch(() => null)
		if (!storageTrouble || this.#active?.connection !== connection) return
		this.#active = { ...this.#active, storageTrouble }
		this.#reportUpdate(this.#status.kind === 'ready' ? this.#status.update : { kind: 'idle' })
	}

	/** The worker that answered has died: start again from what is stored, but not for ever. */
	#bury(connection: WorkerConnection, error: AppError): void {
		if (this.#active?.connection !== connection) return
		this.#active = null
		const now = performance.now()
		const isRepeated = now - this.#lastDeath < RESTART_PAUSE_MS
		this.#lastDeath = now
		if (isRepeated) this.#report({ kind: 'failed', error, retryAt: null })
		else void this.start()
	}

	async #askNext(): Promise<void> {
		const ask = this.#waiting
		if (this.#asking || !this.#active || !ask) return
		this.#waiting = null
		this.#asking = true
		try {
			const { connection, release } = this.#active
			const answer = await connection.call('suggest', ask.asked, { silenceMs: ASK_SILENCE_MS })
			ask.resolve(this.#waiting ? null : answer)
			void this.#loadUnseen(connection, release)
		} catch (error) {
			this.#askAgain(ask, error)
		} finally {
			this.#asking = false
		}
		await this.#askNext()
	}

	/** After an answer: the index, which is small, then the long tail. */
	async #loadUnseen(connection: WorkerConnection, { manifest }: LoadedRelease): Promise<void> {
		await this.#unseen.load(connection)
		await this.#tail.look(connection, manifest.tail)
	}

	// A title whose worker died is asked again, once, from a new worker; a title that kills that one, too, is dropped.
	#askAgain(ask: Ask, error: unknown): void {
		const hasGone =
			error instanceof AppError && ['worker-died', 'timeout', 'aborted'].includes(error.code)
		if (this.#waiting) ask.resolve(null)
		else if (hasGone && ask.tries === 0) this.#waiting = { ...ask, tries: 1 }
		else ask.reject(error)
	}

	#report(status: ClassifierStatus): void {
		this.#status = status
		this.#options.onStatus(status)
	}

	#reportUpdate(update: Update): void {
		if (!this.#active) return
		const { release, storageTrouble } = this.#active
		this.#report({ kind: 'ready', release, storageTrouble, update })
	}
}
