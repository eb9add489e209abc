// The trainer's workers and the memory that they share. Runs in Node's main thread.
import { Worker } from 'node:worker_threads'
import { AppError } from '../../../src/shared/app-error.ts'
import { Arena } from './arena.ts'
import { loadKernels } from './compile.ts'
import { type Layout, Struct, sizeOf } from './struct.ts'

/** The module's own data and stack stand below this address. */
const RESERVED_BYTES = 1 << 20
const PAGE = 65_536

/** What a worker is to do: call a kernel once, as long as it returns 1, or for each `at` of a range until it returns not 0. */
export type Task =
	| { mode: 'once' | 'repeat'; kernel: string; args: readonly number[] }
	| {
			mode: 'sweep'
			kernel: string
			args: readonly number[]
			from: number
			to: number
			step: number
	  }

/** A fixed number of workers; each runs one task at a time. */
export class Crew {
	readonly arena: Arena
	readonly threads: number
	readonly #workers: readonly Worker[]
	readonly #signal: AbortSignal
	readonly #stop: () => void
	#reject = new Set<(error: Error) => void>()

	private constructor(arena: Arena, workers: readonly Worker[], signal: AbortSignal) {
		this.arena = arena
		this.threads = workers.length
		this.#workers = workers
		this.#signal = signal
		this.#stop = () => this.#fail(new AppError('aborted', 'training stopped on request'))
		signal.addEventListener('abort', this.#stop, { once: true })
		for (const worker of workers) {
			worker.on('error', (error) => this.#fail(error))
			worker.unref()
		}
	}

	/** @param signal ends the workers at once, whatever they do */
	static async start(threads: number, signal: AbortSignal): Promise<Crew> {
		const module = await loadKernels()
		const memory = new WebAssembly.Memory({
			initial: RESERVED_BYTES / PAGE,
			maximum: 65_536,
			shared: true,
		})
		const workers = Array.from(
			{ length: threads },
			() =>
				new Worker(new URL('./worker.mjs', import.meta.url), {
					workerData: { module, memory },
					execArgv: [],
				}),
		)
		return new Crew(new Arena(memory, RESERVED_BYTES), workers, signal)
	}

	get buffer(): ArrayBufferLike {
		return this.arena.memory.buffer
	}

	/** A new record, zeroed but for `values`. */
	struct<L extends Layout>(
		layout: L,
		values: Partial<Record<keyof L & string, number>> = {},
	): Struct<L> {
		const address = this.arena.take(sizeOf(layout), 'bookkeeping')
		return new Struct(this.arena.memory, address, layout).set(values)
	}

	uint32(address: number, length: number): Uint32Array {
		return new Uint32Array(this.buffer, address, length)
	}

	float32(address: number, length: number): Float32Array {
		return new Float32Array(this.buffer, address, length)
	}

	/** Gives every worker its task; the results come in the order of the workers. */
	async runAll(taskOf: (thread: number) => Task): Promise<number[]> {
		return Promise.all(this.#workers.map((_, thread) => this.run(thread, taskOf(thread))))
	}

	/** @throws AppError `aborted`; a kernel's trap as it is */
	run(thread: number, task: Task): Promise<number> {
		if (this.#signal.aborted) throw new AppError('aborted', 'training stopped on request')
		const worker = this.#workers[thread]
		if (!worker) throw new RangeError(`no such worker: ${thread}`)
		return new Promise((done, fail) => {
			const settle = (result: number) => {
				// A worker that is being stopped must keep the process alive until it has ended: its last message may still come.
				if (this.#reject.delete(fail)) worker.unref()
				done(result)
			}
			this.#reject.add(fail)
			worker.ref()
			worker.once('message', settle)
			worker.postMessage(task)
		})
	}

	async stop(): Promise<void> {
		this.#signal.removeEventListener('abort', this.#stop)
		await Promise.all(this.#workers.map((worker) => worker.terminate()))
	}

	// One dead worker leaves the others at a barrier for ever.
	#fail(error: Error): void {
		for (const reject of this.#reject) reject(error)
		this.#reject = new Set()
		void this.stop()
	}
}
