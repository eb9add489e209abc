// The connection to one worker: sends calls, matches answers, rebuilds errors, and gives up on a worker that is silent.
import { AppError, deserializeError } from '../shared/app-error.ts'
import type {
	Call,
	CallName,
	ClassifierCalls,
	LoadProgress,
	WorkerMessage,
} from '../shared/classifier-protocol.ts'

/** What is used of a Worker. */
export interface WorkerLike {
	postMessage(message: unknown): void
	terminate(): void
	onmessage: ((event: MessageEvent<WorkerMessage>) => void) | null
	onmessageerror: ((event: MessageEvent) => void) | null
	onerror: ((event: ErrorEvent) => void) | null
}

interface Waiting {
	readonly silence: Silence
	readonly onProgress: (progress: LoadProgress) => void
	resolve(result: never): void
	reject(error: Error): void
}

export interface CallOptions {
	/** The longest time without a sign of life, in milliseconds. */
	readonly silenceMs: number
	readonly onProgress?: (progress: LoadProgress) => void
}

/**
 * A failed call fails alone. A worker that throws outside a call, or stays silent for longer than a call allows, is
 * ended: every open call and every later one rejects with `worker-died` or `timeout`.
 */
export class WorkerConnection {
	readonly #worker: WorkerLike
	readonly #onDeath: (error: AppError) => void
	readonly #waiting = new Map<number, Waiting>()
	#nextId = 1
	#ended: AppError | null = null

	/** @param onDeath called once, when the worker died by itself; not after {@link WorkerConnection.end} */
	constructor(worker: WorkerLike, onDeath: (error: AppError) => void) {
		this.#worker = worker
		this.#onDeath = onDeath
		worker.onmessage = ({ data }) => this.#receive(data)
		worker.onerror = (event) => {
			event.preventDefault()
			this.#die(
				new AppError('worker-died', `the worker stopped: ${event.message || 'no reason given'}`),
			)
		}
		worker.onmessageerror = () =>
			this.#die(new AppError('worker-died', 'the worker sent what the page cannot read'))
	}

	call<Name extends CallName>(
		name: Name,
		argument: ClassifierCalls[Name]['argument'],
		{ silenceMs, onProgress = () => {} }: CallOptions,
	): Promise<ClassifierCalls[Name]['result']> {
		if (this.#ended) return Promise.reject(this.#ended)
		const id = this.#nextId
		this.#nextId += 1
		return new Promise((resolve, reject) => {
			const silence = startSilence(silenceMs, () =>
				this.#die(new AppError('timeout', `the worker was silent for ${silenceMs / 1000} seconds`)),
			)
			this.#waiting.set(id, { silence, onProgress, resolve, reject })
			this.#worker.postMessage({ id, name, argument } as Call)
		})
	}

	/** Ends the worker, which gives its memory back; open calls reject with `aborted`. */
	end(): void {
		this.#close(new AppError('aborted', 'the worker was ended'))
	}

	#receive(message: WorkerMessage): void {
		const waiting = this.#waiting.get(message.id)
		if (!waiting) return
		if (message.kind === 'progress') {
			waiting.silence.restart()
			waiting.onProgress(message.progress)
			return
		}
		this.#waiting.delete(message.id)
		waiting.silence.stop()
		if (message.kind === 'error') waiting.reject(deserializeError(message.error))
		else waiting.resolve(message.result as never)
	}

	#die(error: AppError): void {
		if (this.#ended) return
		this.#close(error)
		this.#onDeath(error)
	}

	#close(error: AppError): void {
		if (this.#ended) return
		this.#ended = error
		this.#worker.terminate()
		for (const { silence, reject } of this.#waiting.values()) {
			silence.stop()
			reject(error)
		}
		this.#waiting.clear()
	}
}

interface Silence {
	restart(): void
	stop(): void
}

function startSilence(milliseconds: number, onSilence: () => void): Silence {
	let timer = setTimeout(onSilence, milliseconds)
	return {
		restart() {
			clearTimeout(timer)
			timer = setTimeout(onSilence, milliseconds)
		},
		stop: () => clearTimeout(timer),
	}
}
