import { describe, expect, it } from 'vitest'
import { foldStandardisation } from '../../../../scripts/lib/evaluation/learn-reranker.ts'
import { RankingNetwork } from '../../../../scripts/lib/evaluation/ranking-network.ts'
import { standardise } from '../../../../scripts/lib/evaluation/standardisation.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'
import { lossOf, makeExamples, scoresOf } from '../../../fixtures/ranked-examples.ts'

const TITLES = Int32Array.from({ length: 20 }, (_, title) => title)
const UNITS = 7
const STEP = 1e-6

/** Every parameter is far from 0, so that no gradient vanishes for that reason. */
function makeNetwork(seed: number) {
	const examples = makeExamples(TITLES.length, seed)
	const standardisation = standardise(examples, TITLES)
	const network = new RankingNetwork(examples, standardisation, UNITS)
	const random = seededRandom(seed)
	const { all } = network.parameters
	for (let at = 0; at < all.length; at += 1) all[at] = (0.2 + random()) * (random() < 0.5 ? -1 : 1)
	return { examples, standardisation, network }
}

function lossOfAll(network: RankingNetwork): number {
	return TITLES.reduce((sum, title) => sum + network.addGradient(title), 0)
}

describe('RankingNetwork', () => {
	it('has the gradient that finite differences have, by every parameter', () => {
		for (const seed of [1, 2, 3]) {
			const { network } = makeNetwork(seed)
			lossOfAll(network)
			const gradient = network.gradient.all.slice()
			const { all } = network.parameters
			const differences = all.map((value, at) => {
				all[at] = value + STEP
				const above = lossOfAll(network)
				all[at] = value - STEP
				const below = lossOfAll(network)
				all[at] = value
				return (above - below) / (2 * STEP)
			})
			expect(gradient.some((slope) => Math.abs(slope) > 0.1)).toBe(true)
			for (const [at, slope] of gradient.entries())
				expect(slope).toBeCloseTo(differences[at] ?? 0, 5)
		}
	})

	it('has the loss that raw features have after the standardisation is folded in', () => {
		const { examples, standardisation, network } = makeNetwork(4)
		const reranker = foldStandardisation(network.parameters, standardisation)
		for (const title of TITLES) {
			const folded = lossOf(scoresOf(reranker, examples, title), examples.right[title] ?? 0)
			expect(folded).toBeCloseTo(network.addGradient(title), 3)
		}
	})

	it('has finite losses for scores that lie far apart', () => {
		const { network } = makeNetwork(5)
		network.parameters.temperature[0] = 1e5
		expect(lossOfAll(network)).toBeGreaterThan(1000)
		for (const slope of network.gradient.all) expect(slope).not.toBeNaN()
	})
})
