// `npm run bench -- calibration`: what production claims and what is true, by how much of a title it knows, on whole titles and
// on such with words made unknown; and how it does on first words of titles.
import { basename } from 'node:path'
import { indexPrior, PRIOR_CANDIDATES } from '../../src/model/prior.ts'
import { calibratePredictions, choosePredictions } from '../../src/model/suggest.ts'
import type { LabelledTitle } from '../../src/model/training-text.ts'
import { hideWords } from '../lib/evaluation/made-titles.ts'
import { loadModel, type MeasurableModel } from '../lib/evaluation/models.ts'
import { scoreAll } from '../lib/evaluation/scoring.ts'
import { openDumps } from '../lib/evaluation/titles.ts'
import { formatCount } from '../lib/progress.ts'
import { createRandom } from '../lib/snapshot/random.ts'
import type { Benchmark, Figure } from './benchmark.ts'
import { samplePosts } from './sample-posts.ts'

/** Shares of known words, each from its bound up to the next. */
const SHARES = [0, 0.5, 0.75, 0.9, 1]
const PREFIXES = [1, 2, 4]

interface Tally {
	titles: number
	claimed: number
	hits1: number
	hits5: number
}

interface Made extends LabelledTitle {
	readonly kind: string
}

export const benchCalibration: Benchmark = async (effects) => {
	const model = await loadModel({ release: 'production' }, effects)
	const { files } = await samplePosts(effects)
	const posts = openDumps(files.slice(-1), effects)
	const tallies = await tallyTitles(model, makeTitles(posts.read()))
	const note = `${model.name}, ${basename(files.at(-1) ?? '')}`
	return [...tallies]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.flatMap(([name, tally]) => toFigures(name, tally, note))
}

async function* makeTitles(titles: AsyncIterable<LabelledTitle>): AsyncGenerator<Made> {
	const random = createRandom(2)
	for await (const title of titles) {
		yield { ...title, kind: 'known' }
		yield { ...title, kind: 'known', text: hideWords(title.text, random) }
		const words = title.text.split(' ')
		for (const count of PREFIXES)
			if (words.length > count)
				yield {
					...title,
					kind: `first words: ${count}`,
					text: words.slice(0, count).join(' '),
				}
	}
}

async function tallyTitles(
	model: MeasurableModel,
	titles: AsyncIterable<Made>,
): Promise<Map<string, Tally>> {
	const weights = model.prior ? indexPrior(model.prior, model.labels) : null
	const tallies = new Map<string, Tally>()
	for await (const answer of scoreAll(model, titles, PRIOR_CANDIDATES)) {
		const { item, words, knownWords } = answer
		if (knownWords === 0) continue
		const predictions = choosePredictions(answer.predictions, weights)
		const [first] = calibratePredictions(model.calibration, predictions, answer)
		const name = item.kind === 'known' ? nameShare(knownWords / words) : item.kind
		const tally = tallies.get(name) ?? { titles: 0, claimed: 0, hits1: 0, hits5: 0 }
		const rank = predictions.findIndex(({ label }) => label === item.subreddit)
		tally.titles += 1
		tally.claimed += first?.probability ?? 0
		tally.hits1 += rank === 0 ? 1 : 0
		tally.hits5 += rank === -1 ? 0 : 1
		tallies.set(name, tally)
	}
	return tallies
}

function nameShare(share: number): string {
	const place = SHARES.findLastIndex((bound) => share >= bound)
	const percent = (bound: number) => `${Math.round(bound * 100)} %`
	const from = SHARES[place] ?? 0
	const until = SHARES[place + 1]
	return until === undefined
		? 'known words: all'
		: `known words: ${percent(from)} to ${percent(until)}`
}

function toFigures(name: string, { titles, claimed, hits1, hits5 }: Tally, note: string): Figure[] {
	const truth = hits1 / titles
	return [
		{
			name,
			value: claimed / titles,
			unit: 'p@1 claimed',
			peer: { name: 'true', value: truth },
			note: `difference ${(claimed / titles - truth).toFixed(3)}, recall@5 ${(hits5 / titles).toFixed(3)}, ${formatCount(titles)} titles, ${note}`,
		},
	]
}
