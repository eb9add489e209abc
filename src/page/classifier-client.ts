// The page's only door to the classifier worker: starts it, asks it, replaces it when it dies or a newer release is out.
import { AppError } from '../shared/app-error.ts'
import type {
	Answer,
	LoadedRelease,
	LoadProgress,
	LoadRequest,
} from '../shared/classifier-protocol.ts'
import type { ChannelName } from '../shared/releases.ts'
import { WorkerConnection, type WorkerLike } from './worker-connection.ts'

// Longer than the worker's own time limits for one fetch: these tell more than "silent".
const LOAD_SILENCE_MS = 40_000
const CHECK_SILENCE_MS = 30_000
const ASK_SILENCE_MS = 5_000
/** A worker that dies twice within this time is not started again by itself. */
const RESTART_PAUSE_MS = 20_000
/** A release that could not be loaded is not downloaded again at every look at the page. */
const RETRY_PAUSE_MS = 60_000

/** A newer release on its way while the older one answers; `idle` where there is none. */
export type Update =
	| { readonly kind: 'idle' }
	| { readonly kind: 'loading'; readonly progress: LoadProgress }
	| { readonly kind: 'failed'; readonly error: Error }

export type ClassifierStatus =
	| { readonly kind: 'loading'; readonly progress: LoadProgress }
	| { readonly kind: 'ready'; readonly release: LoadedRelease; readonly update: Update }
	| { readonly kind: 'failed'; readonly error: Error }

export interface ClientOptions {
	readonly modelsUrl: string
	/** A channel to preview; null is the visitor's own. */
	readonly preview: ChannelName | null
	readonly onStatus: (status: ClassifierStatus) => void
	/** Replaced by tests. */
	readonly createWorker?: () => WorkerLike
}

interface Ask {
	readonly title: string
	readonly tries: number
	resolve(answer: Answer | null): void
	reject(error: unknown): void
}

interface Active {
	readonly connection: WorkerConnection
	readonly release: LoadedRelease
}

const FIRST_STEP: LoadProgress = { step: 'find' }

export class ClassifierClient {
	readonly #options: ClientOptions
	#status: ClassifierStatus = { kind: 'loading', progress: FIRST_STEP }
	#active: Active | null = null
	#starting = false
	#checking = false
	#asking = false
	#waiting: Ask | null = null
	#lastDeath = Number.NEGATIVE_INFINITY
	#refused: { readonly version: string; readonly at: number } | null = null

	constructor(options: ClientOptions) {
		this.#options = options
	}

	/** Starts with the stored release, else with a download; does nothing while it runs. What happens goes to `onStatus`. */
	async start(): Promise<void> {
		if (this.#starting || this.#active) return
		this.#starting = true
		this.#report({ kind: 'loading', progress: FIRST_STEP })
		try {
			const active = await this.#load('stored', (progress) =>
				this.#report({ kind: 'loading', progress }),
			)
			this.#activate(active)
		} catch (error) {
			this.#report({ kind: 'failed', error: error as Error })
			return
		} finally {
			this.#starting = false
		}
		await this.checkForRelease()
	}

	/**
	 * Asks for suggestions as soon as a release answers.
	 *
	 * @returns null where a later title was asked for meanwhile
	 */
	suggest(title: string): Promise<Answer | null> {
		this.#waiting?.resolve(null)
		return new Promise((resolve, reject) => {
			this.#waiting = { title, tries: 0, resolve, reject }
			void this.#askNext()
		})
	}

	/** All subreddits of the release that answers now; none before one does. */
	async labels(): Promise<readonly string[]> {
		return this.#active?.connection.call('labels', null, { silenceMs: ASK_SILENCE_MS }) ?? []
	}

	/** Switches to the release that the visitor is to have now, if it is another one. Never throws. */
	async checkForRelease(): Promise<void> {
		if (!this.#active) {
			if (this.#status.kind === 'failed') await this.start()
			return
		}
		if (this.#checking) return
		this.#checking = true
		try {
			await this.#update(this.#active)
		} catch (error) {
			// Without a network the old release answers on: that is no news to a person on a train.
			this.#reportUpdate(
				isUnreachable(error) ? { kind: 'idle' } : { kind: 'failed', error: error as Error },
			)
		} finally {
			this.#checking = false
		}
	}

	async #update({ connection, release }: Active): Promise<void> {
		const target = await connection.call('check', this.#request('newest'), {
			silenceMs: CHECK_SILENCE_MS,
		})
		if (target.version === release.version) {
			if (this.#active?.connection !== connection) return
			this.#active = { connection, release: { ...release, channel: target.channel } }
			this.#reportUpdate({ kind: 'idle' })
			return
		}
		if (this.#wasRefusedLately(target.version)) return
		try {
			this.#activate(
				await this.#load('newest', (progress) => this.#reportUpdate({ kind: 'loading', progress })),
			)
		} catch (error) {
			if (!isUnreachable(error)) this.#refused = { version: target.version, at: performance.now() }
			throw error
		}
	}

	#wasRefusedLately(version: string): boolean {
		if (this.#refused?.version !== version) return false
		return performance.now() - this.#refused.at < RETRY_PAUSE_MS
	}

	async #load(
		prefer: LoadRequest['prefer'],
		onProgress: (progress: LoadProgress) => void,
	): Promise<Active> {
		const connection: WorkerConnection = new WorkerConnection(this.#createWorker(), (error) =>
			this.#bury(connection, error),
		)
		try {
			const release = await connection.call('load', this.#request(prefer), {
				silenceMs: LOAD_SILENCE_MS,
				onProgress,
			})
			return { connection, release }
		} catch (error) {
			// After a load that failed the engine's memory is in no known state.
			connection.end()
			throw error
		}
	}

	#createWorker(): WorkerLike {
		if (this.#options.createWorker) return this.#options.createWorker()
		return new Worker(new URL('../worker/classifier-worker.ts', import.meta.url), {
			type: 'module',
			name: 'classifier',
		})
	}

	#request(prefer: LoadRequest['prefer']): LoadRequest {
		const { modelsUrl, preview } = this.#options
		return { modelsUrl, preview, prefer }
	}

	#activate(next: Active): void {
		const before = this.#active
		this.#active = next
		this.#report({ kind: 'ready', release: next.release, update: { kind: 'idle' } })
		before?.connection.end()
		void this.#askNext()
	}

	/** The worker that answered has died: start again from what is stored, but not for ever. */
	#bury(connection: WorkerConnection, error: AppError): void {
		if (this.#active?.connection !== connection) return
		this.#active = null
		const now = performance.now()
		const isRepeated = now - this.#lastDeath < RESTART_PAUSE_MS
		this.#lastDeath = now
		if (isRepeated) this.#report({ kind: 'failed', error })
		else void this.start()
	}

	async #askNext(): Promise<void> {
		const ask = this.#waiting
		if (this.#asking || !this.#active || !ask) return
		this.#waiting = null
		this.#asking = true
		try {
			const { connection } = this.#active
			const answer = await connection.call('suggest', ask.title, { silenceMs: ASK_SILENCE_MS })
			ask.resolve(this.#waiting ? null : answer)
		} catch (error) {
			this.#askAgain(ask, error)
		} finally {
			this.#asking = false
		}
		await this.#askNext()
	}

	// A worker that went under an ask is replaced, and the ask is not lost; but a title that kills workers is dropped.
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
		if (this.#active) this.#report({ kind: 'ready', release: this.#active.release, update })
	}
}

/** Whether it failed for want of a network, or of the worker that was asked: no fault of a release. */
function isUnreachable(error: unknown): boolean {
	return error instanceof AppError && ['network', 'aborted'].includes(error.code)
}
