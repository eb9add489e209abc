// Titles in, the text of a response out. The model lives on a thread of its own, started for the first request, so that loading it
// and asking it keep no other answer of the server waiting.
import type { Worker } from 'node:worker_threads'
import { AppError, deserializeError, type SerializedError } from '../../../src/shared/app-error.ts'
import { startTypeScriptWorker } from '../typescript-worker.ts'

export interface Question {
	readonly version: string
	/** Names another file where a version was made again. */
	readonly manifestSha256: string
	/** In lower case. */
	readonly withheld: readonly string[]
	readonly titles: readonly string[]
	readonly typing: boolean
}

export type ToThread = { readonly id: number; readonly ask: Question } | { readonly cancel: number }
export type FromThread = { readonly id: number } & (
	| { readonly json: string }
	| { readonly error: SerializedError }
)

interface Waiting {
	done(json: string): void
	fail(error: unknown): void
}

export class Predictor {
	readonly #modelsDir: string
	readonly #waiting = new Map<number, Waiting>()
	#worker: Worker | null = null
	#lastId = 0

	constructor(modelsDir: string) {
		this.#modelsDir = modelsDir
	}

	/**
	 * @returns JSON of a `PredictResponse`
	 * @throws AppError `aborted` once the signal says so; what opening the release throws
	 */
	async ask(question: Question, signal: AbortSignal): Promise<string> {
		this.#lastId += 1
		const id = this.#lastId
		const worker = this.#start()
		const abort = () => {
			this.#post(worker, { cancel: id })
			this.#waiting.get(id)?.fail(new AppError('aborted', 'the client went away'))
		}
		try {
			return await new Promise<string>((done, fail) => {
				this.#waiting.set(id, { done, fail })
				if (signal.aborted) return abort()
				signal.addEventListener('abort', abort, { once: true })
				this.#post(worker, { id, ask: question })
			})
		} finally {
			this.#waiting.delete(id)
			signal.removeEventListener('abort', abort)
		}
	}

	async close(): Promise<void> {
		await this.#worker?.terminate()
	}

	#post(worker: Worker, message: ToThread): void {
		worker.postMessage(message)
	}

	#start(): Worker {
		if (this.#worker) return this.#worker
		const url = new URL('./predictor-thread.ts', import.meta.url)
		const worker = startTypeScriptWorker(url, this.#modelsDir)
		worker.on('message', (message: FromThread) => this.#receive(message))
		worker.on('error', (error) => this.#end(worker, error))
		worker.on('exit', () => this.#end(worker, new AppError('worker-died', 'the thread ended')))
		this.#worker = worker
		return worker
	}

	#receive(message: FromThread): void {
		const waiting = this.#waiting.get(message.id)
		if ('json' in message) waiting?.done(message.json)
		else waiting?.fail(deserializeError(message.error))
	}

	/** The next question starts another thread. */
	#end(worker: Worker, error: unknown): void {
		if (this.#worker !== worker) return
		this.#worker = null
		for (const { fail } of this.#waiting.values()) fail(error)
	}
}
