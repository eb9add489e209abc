// Learns a reranker on what a model says to validation titles, and keeps it only where it helps with titles that it did not see.
import type { EvidenceTable } from '../../../src/model/evidence/weigh-evidence.ts'
import {
	CandidateDescriber,
	LOG_SCORE,
	RERANKED,
	RERANKER_FEATURES,
	TitleReranker,
} from '../../../src/model/reranker.ts'
import type { Reranker } from '../../../src/shared/reranker.ts'
import type { Effects } from '../effects.ts'
import { loadEngine } from '../engine.ts'
import { Progress, withProgress } from '../progress.ts'
import type { Model } from './evaluate.ts'
import { learnReranker, type RankedExamples } from './learn-reranker.ts'
import { MADE_PER_TITLE } from './made-titles.ts'
import { RankedTitles } from './ranked-titles.ts'

/** With fewer titles to learn from a network of some hundred weights would learn their accidents. */
const LEAST_TAUGHT = 5_000
/** How many of a title's candidates are learnt from: it is the first few that have to be told apart. Measured: docs/training.md. */
const LEARNT_FROM = 40
const EPOCHS = 16
/** Of so many titles one is kept back, to see whether the network helps. */
const JUDGED_EVERY = 10
const SEED = 1
const FEATURES = RERANKER_FEATURES.length
/** Of a title whose subreddit is not among the candidates; smaller than any other score. */
const LEAST_SCORE = 1e-9

/** The rule, as the help of `adjust` states it. */
export const RERANKER_RULE = `A model with a table of evidence gets a reranker: a small network that sees of each of a title's ${RERANKED} best labels
what vectors, words, pairs and beginnings of words say for it, and corrects its score. It learns from the validation posts,
and from parts of their titles, and is kept if it gives the right subreddits of a tenth of them, which it does not see, a
higher score. With fewer than ${LEAST_TAUGHT.toLocaleString('en')} titles to learn from there is none.`

/**
 * A network that puts right answers higher than the model does; null where the model has no table of evidence, there are too few
 * titles to learn from, or it does not help with those that it was not taught.
 *
 * @param titles whole ones, each followed by those made of it
 */
export async function chooseReranker(
	model: Model,
	titles: RankedTitles,
	effects: Effects,
): Promise<Reranker | null> {
	const engine = await loadEngine(model.bytes)
	try {
		const table = engine.evidence
		if (!table) return null
		const { taught, judged } = divide(titles)
		if (taught.count < LEAST_TAUGHT) return null
		const reranker = await learn(await describeTitles(taught, table, effects), effects)
		if (!reranker) return null
		return (await helps(new TitleReranker(reranker, table), judged, effects)) ? reranker : null
	} finally {
		engine.dispose()
	}
}

/** What a reranker leaves of what a model said to titles. */
export async function rerankTitles(
	{ model, reranker }: { readonly model: Model; readonly reranker: Reranker },
	titles: RankedTitles,
	effects: Effects,
): Promise<RankedTitles> {
	const engine = await loadEngine(model.bytes)
	try {
		const network = new TitleReranker(reranker, engine.evidence)
		const reranked = new RankedTitles(model.labels)
		const label = `reranking the answers of ${model.name}`
		for await (const title of readTitles(titles, label, effects))
			reranked.add(title, { ...title, predictions: network.rerank(title.text, title.predictions) })
		return reranked
	} finally {
		engine.dispose()
	}
}

function readTitles(titles: RankedTitles, label: string, effects: Effects) {
	return withProgress(titles.read(), { label, total: titles.count, unit: 'titles' }, effects)
}

/** What is made of a title goes where the title goes. Of those to learn from, the ones that have their subreddit among the first candidates. */
function divide(titles: RankedTitles) {
	let read = -1
	const isJudged = () => {
		read += 1
		return Math.floor(read / (1 + MADE_PER_TITLE)) % JUDGED_EVERY === 0
	}
	const judged = titles.filter(isJudged)
	read = -1
	const taught = titles.filter((title) => {
		const right = titles.placeOfRight(title)
		return !isJudged() && right >= 0 && right < LEARNT_FROM
	})
	return { taught, judged }
}

async function describeTitles(
	titles: RankedTitles,
	table: EvidenceTable,
	effects: Effects,
): Promise<RankedExamples> {
	const describer = new CandidateDescriber(table)
	const features = new Float32Array(titles.count * LEARNT_FROM * FEATURES)
	const base = new Float32Array(titles.count * LEARNT_FROM)
	const counts = new Uint16Array(titles.count)
	const right = new Int16Array(titles.count).fill(-1)
	let number = 0
	for await (const title of readTitles(titles, 'describing titles for the reranker', effects)) {
		const described = describer.describe(title.text, title.predictions)
		if (described) {
			const count = Math.min(LEARNT_FROM, described.length / FEATURES)
			features.set(described.subarray(0, count * FEATURES), number * LEARNT_FROM * FEATURES)
			for (let at = 0; at < count; at += 1)
				base[number * LEARNT_FROM + at] = described[at * FEATURES + LOG_SCORE] as number
			counts[number] = count
			right[number] = titles.placeOfRight(title)
		}
		number += 1
	}
	return { width: LEARNT_FROM, featureCount: FEATURES, features, base, counts, right }
}

async function learn(examples: RankedExamples, effects: Effects): Promise<Reranker | null> {
	const progress = new Progress(
		{ label: 'learning the reranker', total: EPOCHS, unit: 'epochs' },
		effects,
	)
	try {
		return await learnReranker(examples, {
			seed: SEED,
			epochs: EPOCHS,
			onEpoch: (epoch) => progress.update(epoch),
			signal: effects.signal,
		})
	} finally {
		progress.finish()
	}
}

/** Whether the right subreddits of titles have higher scores than before, by the mean of their logarithms. */
async function helps(
	network: TitleReranker,
	titles: RankedTitles,
	effects: Effects,
): Promise<boolean> {
	let gained = 0
	const label = 'measuring the reranker on titles that it was not taught'
	for await (const { text, subreddit, predictions } of readTitles(titles, label, effects)) {
		const logOf = (ranked: typeof predictions) => {
			const sum = ranked.reduce((sum, { score }) => sum + score, LEAST_SCORE)
			const right = ranked.find(({ label }) => label === subreddit)
			return Math.log(Math.max(right?.score ?? 0, LEAST_SCORE) / sum)
		}
		const considered = predictions.slice(0, RERANKED)
		gained += logOf(network.rerank(text, considered)) - logOf(considered)
	}
	return gained > 0
}
