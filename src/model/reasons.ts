// What each word of a title adds for its suggestions: the model is asked once more without it. Pure: browser and Node.
// (`explain.ts` takes scores apart exactly; for that it holds the whole model, of which a page keeps no copy of its own.)
import type { WordReason } from '../shared/classifier-protocol.ts'
import type { Engine, Prediction } from './engine.ts'
import { EVIDENCE_CANDIDATES } from './evidence/weigh-evidence.ts'
import type { TitleReranker } from './reranker.ts'

/** A long title has its reasons soon, too: words beyond these add nothing. */
const MAX_WORDS = 30
/** Odds beyond this say no more than these. */
const LEAST_SHARE = 1e-6

/** What answers a title: the model, and what puts its answers into a better order. */
export interface ExplainedModel {
	readonly engine: Pick<Engine, 'know' | 'predict'>
	readonly reranker: Pick<TitleReranker, 'rerank'> | null
}

/**
 * Pauses between questions to the model, so that whoever runs it can do something else meanwhile, or give up.
 *
 * @param subreddits suggestions for the title
 * @returns for each of them the words in the title's order; what the model has not learnt adds nothing
 */
export function* explainWords(
	{ engine, reranker }: ExplainedModel,
	normalized: string,
	subreddits: readonly string[],
): Generator<void, WordReason[][]> {
	const tokens = normalized.split(' ').filter(Boolean)
	const words = [...new Set(tokens)]
	const oddsOf = (title: string) => {
		const predictions = engine.predict(title, EVIDENCE_CANDIDATES)
		return logOddsOf(reranker ? rerankBest(reranker, title, predictions) : predictions, subreddits)
	}
	const whole = oddsOf(normalized)
	const without = new Map<string, number[]>()
	for (const word of words) {
		if (without.size === MAX_WORDS) break
		if (engine.know(word).knownWords === 0) continue
		yield
		without.set(word, oddsOf(tokens.filter((token) => token !== word).join(' ')))
	}
	return subreddits.map((_, at) =>
		words.map((text) => {
			const rest = without.get(text)?.[at]
			return { text, adds: rest === undefined ? 0 : (whole[at] as number) - rest }
		}),
	)
}

/** The best labels share anew what they had; those below keep theirs. */
function rerankBest(
	reranker: Pick<TitleReranker, 'rerank'>,
	title: string,
	predictions: readonly Prediction[],
): readonly Prediction[] {
	const best = reranker.rerank(title, predictions)
	if (best === predictions) return predictions
	const shared = predictions.slice(0, best.length).reduce((sum, { score }) => sum + score, 0)
	return [
		...best.map(({ label, score }) => ({ label, score: score * shared })),
		...predictions.slice(best.length),
	]
}

/** A subreddit that is not among the candidates is as far away as the last of them. */
function logOddsOf(candidates: readonly Prediction[], subreddits: readonly string[]): number[] {
	const shares = new Map(candidates.map(({ label, score }) => [label, score]))
	const last = candidates.at(-1)?.score ?? 0
	return subreddits.map((name) => {
		const share = shares.get(name) ?? last
		const within = Math.min(Math.max(share, LEAST_SHARE), 1 - LEAST_SHARE)
		return Math.log(within / (1 - within))
	})
}
