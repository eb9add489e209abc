// A model's answers to a stream of titles, in the stream's order. Few are asked of the engine one by one; many go through the
// trainer's kernels, where the model is one of theirs.
import type { Engine } from '../../../src/model/engine.ts'
import { readModel } from '../../../src/model/fasttext/read.ts'
import { TitleReranker } from '../../../src/model/reranker.ts'
import { type Adjustment, answerTitle, type TitleAnswer } from '../../../src/model/suggest.ts'
import { loadEngine } from '../engine.ts'
import {
	fitsKernels,
	KernelScorer,
	type Question,
	roundScore,
	type Scorer,
} from './kernel-scorer.ts'

const BATCH_TITLES = 1_000
/** Starting threads costs as much as some thousand predictions of 2,500 labels, or fewer of more labels. */
const SCORES_WORTH_THREADS = 20_000_000
/** Batches that are asked at once: while the kernels answer one, the next is prepared. */
const MOST_PENDING = 2

/** An item, and what the model says to it; no predictions where no word of the title is known. */
export interface Scored<Item extends Question> extends TitleAnswer {
	readonly item: Item
}

/** `bytes`: a `.bin` or `.ftz` file whose digest was checked; `labels`: from {@link readLabels}. */
interface ScoringModel extends Pick<Adjustment, 'reranker'> {
	readonly bytes: Uint8Array
	readonly labels: readonly string[]
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
 * @param model with a reranker: the predictions are those that it leaves
 * @param count how many predictions each item gets
 */
export async function* scoreAll<Item extends Question>(
	{ bytes, labels, reranker }: ScoringModel,
	items: AsyncIterable<Item>,
	count: number,
): AsyncGenerator<Scored<Item>> {
	const batches = batchesOf(items)[Symbol.asyncIterator]()
	const head = await takeUpTo(batches, SCORES_WORTH_THREADS / labels.length)
	const scorer = await createScorer({ bytes, reranker }, { isBusy: !head.ended })
	const pending: Pending<Item>[] = []
	try {
		for await (const batch of chain(head.batches, batches)) {
			const answers = scorer.predict(batch, count)
			// Its turn to be awaited comes later: until then a failure is no unhandled one.
			answers.catch(() => {})
			pending.push({ batch, answers })
			if (pending.length === MOST_PENDING) yield* answered(pending.shift())
		}
		for (const one of pending) yield* answered(one)
	} finally {
		await batches.return?.(undefined)
		await scorer.close()
	}
}

interface Pending<Item> {
	readonly batch: readonly Item[]
	readonly answers: Promise<TitleAnswer[]>
}

async function* answered<Item extends Question>(
	asked: Pending<Item> | undefined,
): AsyncGenerator<Scored<Item>> {
	if (!asked) return
	const { batch } = asked
	for (const [index, answer] of (await asked.answers).entries())
		yield { ...answer, item: batch[index] as Item }
}

async function createScorer(
	{ bytes, reranker }: Omit<ScoringModel, 'labels'>,
	{ isBusy }: { readonly isBusy: boolean },
): Promise<Scorer> {
	const engine = await loadEngine(bytes)
	try {
		const network = reranker ? new TitleReranker(reranker, engine.evidence) : null
		const model = isBusy ? readModel(bytes) : null
		if (model && fitsKernels(model)) return await KernelScorer.start(model, engine, network)
		return askEngine(engine, network)
	} catch (error) {
		engine.dispose()
		throw error
	}
}

/** Answers titles one by one. */
function askEngine(engine: Engine, network: TitleReranker | null): Scorer {
	return {
		async predict(questions, count) {
			return questions.map(({ text, reading }) => {
				const answer = answerTitle(engine, text, count, reading)
				const { words, knownWords, familiarity } = answer
				const predictions = answer.predictions.map(roundScore)
				const reranked = network?.rerank(answer.text, predictions) ?? predictions
				return { predictions: reranked, words, knownWords, familiarity }
			})
		},
		close: async () => engine.dispose(),
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
