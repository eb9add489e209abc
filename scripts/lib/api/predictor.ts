// Titles in, the text of a response out. The model lives on threads of their own, started when they are needed, so that loading it
// and asking it keep no other answer of the server waiting.
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { AppError, deserializeError, type SerializedError } from '../../../src/shared/app-error.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { fetchRelease } from '../release-files/release.ts'
import { startTypeScriptWorker } from '../typescript-worker.ts'

const THREAD = new URL('./predictor-thread.ts', import.meta.url)
/** Each thread has a model in its memory. */
const MAX_THREADS = 4
/** Titles that a thread gets at once: some 30 ms, after which another question has its turn. */
const PART_TITLES = 32

export interface PredictQuestion {
	readonly version: string
	/** Names another file where a version was made again. */
	readonly manifestSha256: string
	/** In lower case. */
	readonly withheld: readonly string[]
	readonly titles: readonly string[]
	readonly typing: boolean
}

/** Answers to the titles of a part, as a JSON list. */
export type FromThread = { readonly json: string } | { readonly error: SerializedError }

interface Thread {
	readonly worker: Worker
	/** What it is asked now, and what it takes up next, so that it need not wait for this thread. */
	readonly parts: { readonly asked: Asked; readonly part: number }[]
}

/** A question that is not answered yet. */
class Asked {
	readonly question: PredictQuestion
	readonly parts: (string | null)[]
	next = 0
	#left: number
	readonly #done: (json: string) => void
	readonly fail: (error: unknown) => void

	constructor(
		question: PredictQuestion,
		done: (json: string) => void,
		fail: (error: unknown) => void,
	) {
		this.question = question
		this.#left = Math.ceil(question.titles.length / PART_TITLES)
		this.parts = Array.from({ length: this.#left }, () => null)
		this.#done = done
		this.fail = fail
	}

	/** Titles that no thread has been given yet. */
	get waiting(): number {
		return Math.max(0, this.question.titles.length - this.next * PART_TITLES)
	}

	take(): { readonly part: number; readonly question: PredictQuestion } {
		const part = this.next
		this.next += 1
		const from = part * PART_TITLES
		const titles = this.question.titles.slice(from, from + PART_TITLES)
		return { part, question: { ...this.question, titles } }
	}

	/** @param json a list */
	answer(part: number, json: string): void {
		this.parts[part] = json.slice(1, -1)
		this.#left -= 1
		if (this.#left > 0) return
		const release = JSON.stringify(this.question.version)
		this.#done(`{"release":${release},"answers":[${this.parts.join(',')}]}`)
	}
}

export class Predictor {
	readonly #place: ReleasesPlace
	readonly #program: URL
	readonly #maxThreads = Math.min(MAX_THREADS, availableParallelism())
	#threads: Thread[] = []
	/** Those with parts that wait; the next one comes first. */
	#queue: Asked[] = []
	/** Each release that was asked, by its manifest's hash, once its files are on this machine: threads must not each download them. */
	readonly #fetched = new Map<string, Promise<void>>()
	#waitingForFiles = 0

	/** @param program of the threads; compiled, it starts in a third of the time */
	constructor(place: ReleasesPlace, program = THREAD) {
		this.#place = place
		this.#program = program
	}

	/** Titles that wait for a thread, or for the files of their release. */
	get waiting(): number {
		return this.#queue.reduce((sum, { waiting }) => sum + waiting, this.#waitingForFiles)
	}

	/**
	 * @returns JSON of a `PredictResponse`
	 * @throws AppError `aborted` once the signal says so; what opening the release throws
	 */
	async ask(question: PredictQuestion, signal: AbortSignal): Promise<string> {
		await this.#fetch(question)
		let leave = () => {}
		try {
			return await new Promise<string>((done, fail) => {
				const asked = new Asked(question, done, fail)
				leave = () => this.#drop(asked, new AppError('aborted', 'the client went away'))
				if (signal.aborted) return leave()
				signal.addEventListener('abort', leave, { once: true })
				this.#queue.push(asked)
				this.#handOut()
			})
		} finally {
			signal.removeEventListener('abort', leave)
		}
	}

	async close(): Promise<void> {
		const threads = this.#threads
		this.#threads = []
		await Promise.all(threads.map(({ worker }) => worker.terminate()))
	}

	async #fetch({ version, manifestSha256: key, titles }: PredictQuestion): Promise<void> {
		const fetched = this.#fetched.get(key) ?? fetchRelease(this.#place, version)
		this.#fetched.set(key, fetched)
		this.#waitingForFiles += titles.length
		try {
			await fetched
		} catch (error) {
			// The next question tries again.
			this.#fetched.delete(key)
			throw error
		} finally {
			this.#waitingForFiles -= titles.length
		}
	}

	#drop(asked: Asked, error: unknown): void {
		this.#queue = this.#queue.filter((one) => one !== asked)
		asked.fail(error)
	}

	/** Gives idle threads the next parts, one of each question in turn; starts a thread where none is idle. */
	#handOut(): void {
		for (;;) {
			const asked = this.#queue[0]
			const thread = asked && this.#findThread()
			if (!thread) return
			this.#queue.shift()
			const { part, question } = asked.take()
			if (asked.waiting > 0) this.#queue.push(asked)
			thread.parts.push({ asked, part })
			thread.worker.postMessage(question)
		}
	}

	/** One that is idle, else a new one, else the first that has nothing to take up next. */
	#findThread(): Thread | null {
		const withParts = (count: number) => this.#threads.find(({ parts }) => parts.length === count)
		const idle = withParts(0)
		if (idle) return idle
		if (this.#threads.length < this.#maxThreads) return this.#start()
		return withParts(1) ?? null
	}

	#start(): Thread {
		const worker = startTypeScriptWorker(this.#program, this.#place)
		const thread: Thread = { worker, parts: [] }
		worker.on('message', (message: FromThread) => this.#receive(thread, message))
		worker.on('error', (error) => this.#end(thread, error))
		worker.on('exit', () => this.#end(thread, new AppError('worker-died', 'the thread ended')))
		this.#threads.push(thread)
		return thread
	}

	#receive(thread: Thread, message: FromThread): void {
		const current = thread.parts.shift()
		if (current && 'json' in message) current.asked.answer(current.part, message.json)
		else if (current && 'error' in message)
			this.#drop(current.asked, deserializeError(message.error))
		this.#handOut()
	}

	/** The next question starts another thread. */
	#end(thread: Thread, error: unknown): void {
		if (!this.#threads.includes(thread)) return
		this.#threads = this.#threads.filter((one) => one !== thread)
		for (const { asked } of thread.parts) this.#drop(asked, error)
		this.#handOut()
	}
}
