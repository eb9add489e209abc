// Has the worker load the long tail of subreddits that the release has not learnt: by itself where it is stored or the
// connection is good, else when somebody asks for it.
import type { LoadProgress } from '../shared/classifier-protocol.ts'
import type { TailFileRecord } from '../shared/unseen.ts'
import type { WorkerConnection } from './worker-connection.ts'

const SILENCE_MS = 60_000
const FIND_SILENCE_MS = 5_000

export type TailStatus =
	/** The release has none, or it is not known yet whether it is stored. */
	| { readonly kind: 'none' }
	| { readonly kind: 'offered'; readonly bytes: number; readonly subreddits: number }
	| { readonly kind: 'loading'; readonly receivedBytes: number; readonly totalBytes: number }
	| { readonly kind: 'ready'; readonly subreddits: number }
	| { readonly kind: 'failed'; readonly error: Error }

export interface TailOptions {
	readonly onStatus: (status: TailStatus) => void
	/** Whether it may be downloaded unasked. */
	readonly isWelcome: () => boolean
}

export class TailLoader {
	readonly #options: TailOptions
	#connection: WorkerConnection | null = null
	#file: TailFileRecord | null = null
	#status: TailStatus = { kind: 'none' }

	constructor(options: TailOptions) {
		this.#options = options
	}

	/** To be called after each answer, which nothing shall hold up: looks once for each worker. @param file of the manifest */
	async look(connection: WorkerConnection, file: TailFileRecord | undefined): Promise<void> {
		if (this.#connection === connection) return
		this.#connection = connection
		this.#file = file ?? null
		this.#report({ kind: 'none' })
		if (!file) return
		const stored = await this.#load(connection, false).catch(() => null)
		if (this.#connection !== connection) return
		if (stored !== null) return this.#report({ kind: 'ready', subreddits: stored })
		this.#report({ kind: 'offered', bytes: file.bytes, subreddits: file.subreddits })
		if (this.#options.isWelcome()) await this.download()
	}

	/** Never throws: what went wrong is in the status. */
	async download(): Promise<void> {
		const connection = this.#connection
		const file = this.#file
		if (!connection || !file || ['loading', 'ready'].includes(this.#status.kind)) return
		this.#report({ kind: 'loading', receivedBytes: 0, totalBytes: file.bytes })
		try {
			const subreddits = await this.#load(connection, true)
			if (this.#connection === connection)
				this.#report({ kind: 'ready', subreddits: subreddits ?? file.subreddits })
		} catch (error) {
			if (this.#connection === connection) this.#report({ kind: 'failed', error: error as Error })
		}
	}

	/** At most `count` names that hold the text; none before it is loaded. */
	async findNames(text: string, count: number): Promise<readonly string[]> {
		if (this.#status.kind !== 'ready' || !this.#connection) return []
		const request = { text, count }
		return this.#connection.call('findNames', request, { silenceMs: FIND_SILENCE_MS })
	}

	#load(connection: WorkerConnection, download: boolean): Promise<number | null> {
		const onProgress = (progress: LoadProgress) => {
			if (progress.step === 'download' && this.#connection === connection)
				this.#report({
					kind: 'loading',
					receivedBytes: progress.receivedBytes,
					totalBytes: progress.totalBytes,
				})
		}
		return connection.call('tail', { download }, { silenceMs: SILENCE_MS, onProgress })
	}

	#report(status: TailStatus): void {
		this.#status = status
		this.#options.onStatus(status)
	}
}
