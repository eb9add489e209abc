// A model's answers to a stream of titles, in the stream's order. Few are asked of the engine one by one; many go through the
// trainer's kernels, or, where the model is none of ours, through engines on threads.
import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { Prediction } from '../../../src/model/engine.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import type { TitleAnswer } from '../../../src/model/suggest.ts'
import { loadEngine } from '../engine.ts'
import { startTypeScriptWorker } from '../typescript-worker.ts'
import { fitsKernels, KernelScorer } from './kernel-scorer.ts'
import {
	type Batch,
	indexEngine,
	type PackedAnswers,
	predictBatch,
	type Question,
} from './predict-batch.ts'

const BATCH_TITLES = 1_000
// Starting threads costs as much as some thousand predictions of 2,500 labels, or fewer of more labels.
const SCORES_WORTH_THREADS = 20_000_000
const MAX_THREADS = 8

/** An item, and what the model says to it; no predictions where no word of the title is known. */
export interface Scored<Item extends Question> extends TitleAnswer {
	readonly item: Item
}

/** A loaded model that answers batches. */
interface Scorer {
	readonly threads: number
	predict(batch: Batch): Promise<PackedAnswers>
	close(): Promise<void>
}

/** The labels of a model, in the engine's order. */
export async function readLabels(model: Uint8Array): Promise<readonly string[]> {
	const engine = await loadEngine(model)
	try {
		return engine.labels()
	} finally {
		engine.dispose()
	}
}

/**
 * Asks the model about each item.
 *
 * @param model `bytes`: a `.bin` or `.ftz` file whose digest was checked; `labels`: from {@link readLabels}
 * @param count how many predictions each item gets
 */
export async function* scoreAll<Item extends Question>(
	{ bytes: model, labels }: { readonly bytes: Uint8Array; readonly labels: readonly string[] },
	items: AsyncIterable<Item>,
	count: number,
): AsyncGenerator<Scored<Item>> {
	const batches = batchesOf(items)[Symbol.asyncIterator]()
	const head = await takeUpTo(batches, SCORES_WORTH_THREADS / labels.length)
	const scorer = await (head.ended ? createScorer(model) : createBusyScorer(model))
	const pending: { batch: Item[]; answers: Promise<PackedAnswers> }[] = []
	try {
		for await (const batch of chain(head.batches, batches)) {
			pending.push({ batch, answers: startPrediction(scorer, batch, count) })
			// One batch waits at each thread, so that none of them idles.
			if (pending.length < scorer.threads * 2) continue
			const first = pending.shift()
			if (first) yield* unpack(first.batch, await first.answers, labels, count)
		}
		for (const { batch, answers } of pending) yield* unpack(batch, await answers, labels, count)
	} finally {
		await batches.return?.(undefined)
		await scorer.close()
	}
}

function startPrediction(
	scorer: Scorer,
	batch: readonly Question[],
	count: number,
): Promise<PackedAnswers> {
	// Items may hold what can't be sent to a thread.
	const questions = batch.map(({ text, reading }) => (reading ? { text, reading } : { text }))
	const answers = scorer.predict({ questions, count })
	// Its turn to be awaited comes later: until then a failure is no unhandled one.
	answers.catch(() => {})
	return answers
}

function* unpack<Item extends Question>(
	batch: readonly Item[],
	answers: PackedAnswers,
	labels: readonly string[],
	count: number,
): Generator<Scored<Item>> {
	for (const [index, item] of batch.entries()) {
		const start = index * count
		const places = answers.labels.subarray(start, start + count)
		const predictions: Prediction[] = []
		for (const [rank, place] of places.entries()) {
			const label = labels[place]
			const score = answers.scores[start + rank]
			if (label !== undefined && score !== undefined) predictions.push({ label, score })
		}
		const words = answers.words[index] ?? 0
		const knownWords = answers.knownWords[index] ?? 0
		yield { item, predictions, words, knownWords }
	}
}

async function createScorer(model: Uint8Array): Promise<Scorer> {
	const engine = await loadEngine(model)
	const indexed = indexEngine(engine)
	return {
		threads: 1,
		predict: async (batch) => predictBatch(indexed, batch),
		close: async () => engine.dispose(),
	}
}

/** For many titles. */
async function createBusyScorer(bytes: Uint8Array): Promise<Scorer> {
	const engine = await loadEngine(bytes)
	const model = readModel(bytes)
	if (fitsKernels(model)) return KernelScorer.start(model, engine)
	engine.dispose()
	return createThreadedScorer(bytes)
}

async function createThreadedScorer(model: Uint8Array): Promise<Scorer> {
	const count = Math.min(MAX_THREADS, availableParallelism())
	const threads = Array.from({ length: count }, () => new ScoringThread(model))
	let turn = 0
	return {
		threads: count,
		predict: (texts) => {
			const thread = threads[turn % count]
			turn += 1
			if (!thread) throw new RangeError('no thread')
			return thread.predict(texts)
		},
		close: async () => {
			await Promise.all(threads.map((thread) => thread.close()))
		},
	}
}

/** A worker answers its batches in the order that they were sent. */
class ScoringThread {
	readonly #worker: Worker
	readonly #waiting: { done(answers: PackedAnswers): void; fail(error: unknown): void }[] = []
	#broken: Error | null = null

	constructor(model: Uint8Array) {
		const url = new URL('./scoring-worker.ts', import.meta.url)
		this.#worker = startTypeScriptWorker(url, model)
		this.#worker.on('message', (answers: PackedAnswers) => this.#waiting.shift()?.done(answers))
		this.#worker.on('error', (error) => this.#break(error))
		this.#worker.on('exit', () => this.#break(new Error('a scoring thread ended')))
	}

	predict(batch: Batch): Promise<PackedAnswers> {
		return new Promise((done, fail) => {
			if (this.#broken) return fail(this.#broken)
			this.#waiting.push({ done, fail })
			this.#worker.postMessage(batch)
		})
	}

	async close(): Promise<void> {
		await this.#worker.terminate()
	}

	#break(error: Error): void {
		this.#broken ??= error
		for (const { fail } of this.#waiting.splice(0)) fail(this.#broken)
	}
}

async function* batchesOf<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
	let batch: Item[] = []
	for await (const item of items) {
		batch.push(item)
		if (batch.length < BATCH_TITLES) continue
		yield batch
		batch = []
	}
	if (batch.length > 0) yield batch
}

async function takeUpTo<Item>(
	batches: AsyncIterator<Item[]>,
	limit: number,
): Promise<{ batches: Item[][]; ended: boolean }> {
	const taken: Item[][] = []
	while (taken.length * BATCH_TITLES < limit) {
		const next = await batches.next()
		if (next.done) return { batches: taken, ended: true }
		taken.push(next.value)
	}
	return { batches: taken, ended: false }
}

async function* chain<Item>(
	head: readonly Item[],
	rest: AsyncIterator<Item>,
): AsyncGenerator<Item> {
	yield* head
	for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
