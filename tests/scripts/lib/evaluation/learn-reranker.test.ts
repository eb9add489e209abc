import { describe, expect, it } from 'vitest'
import {
	LEAST_EXAMPLES,
	learnReranker,
	type RankedExamples,
} from '../../../../scripts/lib/evaluation/learn-reranker.ts'
import type { Reranker } from '../../../../src/shared/reranker.ts'
import { makeExamples, scoresOf, shareRight } from '../../../fixtures/ranked-examples.ts'

const EXAMPLES = makeExamples(1000, 1)
/** A small network, quick to learn. */
const OPTIONS = { seed: 1, hidden: 8, batch: 50, learningRate: 2e-2 }

async function learn(examples: RankedExamples, options = {}): Promise<Reranker> {
	const reranker = await learnReranker(examples, { ...OPTIONS, ...options })
	if (!reranker) throw new Error('too few titles')
	return reranker
}

/** The examples with titles that have no right candidate before, between and behind them; all numbers of those are NaN. */
function addTitlesWithoutRight(examples: RankedExamples): RankedExamples {
	const titles = examples.right.length
	const added = {
		...examples,
		features: new Float32Array(2 * examples.features.length).fill(Number.NaN),
		base: new Float32Array(2 * examples.base.length).fill(Number.NaN),
		counts: new Uint16Array(2 * titles).fill(examples.width),
		right: new Int16Array(2 * titles).fill(-1),
	}
	const { width, featureCount } = examples
	for (let title = 0; title < titles; title += 1) {
		const to = title % 3 === 0 ? 2 * title + 1 : 2 * title
		const [size, start] = [width * featureCount, title * width]
		const features = examples.features.subarray(title * size, (title + 1) * size)
		added.features.set(features, to * size)
		added.base.set(examples.base.subarray(start, start + width), to * width)
		added.counts[to] = examples.counts[title] ?? 0
		added.right[to] = examples.right[title] ?? 0
	}
	return added
}

/** The examples with one more feature. */
function addFeature(examples: RankedExamples, makeFeature: (at: number) => number): RankedExamples {
	const featureCount = examples.featureCount + 1
	const features = new Float32Array(examples.base.length * featureCount)
	for (let at = 0; at < examples.base.length; at += 1) {
		const start = at * examples.featureCount
		features.set(
			examples.features.subarray(start, start + examples.featureCount),
			at * featureCount,
		)
		features[(at + 1) * featureCount - 1] = makeFeature(at)
	}
	return { ...examples, featureCount, features }
}

describe('learnReranker', () => {
	it('learns a rule that neither the base nor weights of the features alone can say', async () => {
		const reranker = await learn(EXAMPLES)
		const others = makeExamples(1000, 2)
		const before = { ...reranker, temperature: 1, output: reranker.output.map(() => 0) }
		expect(shareRight(others, (title) => scoresOf(before, others, title))).toBeLessThan(0.5)
		expect(shareRight(others, (title) => scoresOf(reranker, others, title))).toBeGreaterThan(0.9)
	})

	it('gives the same network for a seed, and another for another', async () => {
		const options = { epochs: 2 }
		const text = JSON.stringify(await learn(EXAMPLES, options))
		expect(JSON.stringify(await learn(EXAMPLES, options))).toBe(text)
		expect(JSON.stringify(await learn(EXAMPLES, { ...options, seed: 2 }))).not.toBe(text)
	})

	it('tells each epoch with a loss that falls', async () => {
		const told: number[][] = []
		const onEpoch = (...epoch: number[]) => told.push(epoch)
		await learn(EXAMPLES, { epochs: 3, onEpoch })
		expect(told.map(([epoch, epochs]) => [epoch, epochs])).toEqual([
			[1, 3],
			[2, 3],
			[3, 3],
		])
		const losses = told.map(([, , loss]) => loss ?? Number.NaN)
		expect(losses).toEqual(losses.toSorted((one, other) => other - one))
		expect(losses[2]).toBeLessThan((losses[0] ?? 0) - 0.1)
	})

	it('learns nothing from titles without a right candidate', async () => {
		const options = { epochs: 2 }
		const added = addTitlesWithoutRight(EXAMPLES)
		expect(await learn(added, options)).toEqual(await learn(EXAMPLES, options))
	})

	it('gives nothing where too few titles have a right candidate', async () => {
		const few = addTitlesWithoutRight(makeExamples(LEAST_EXAMPLES - 1, 1))
		expect(await learnReranker(few, OPTIONS)).toBeNull()
		expect(await learn(makeExamples(LEAST_EXAMPLES, 1), { epochs: 1 })).toBeDefined()
	})

	it('gives a constant feature no weight, and learns the rest as well', async () => {
		const others = makeExamples(1000, 2)
		for (const constant of [0, 7, 1e6]) {
			const makeFeature = (at: number) => constant * (1 + 1e-6 * (at % 2))
			const reranker = await learn(addFeature(EXAMPLES, makeFeature))
			for (const row of reranker.hidden) expect(row[3]).toBe(0)
			const tested = addFeature(others, makeFeature)
			expect(shareRight(tested, (title) => scoresOf(reranker, tested, title))).toBeGreaterThan(0.9)
		}
	})

	it('has at most six significant digits in each number', async () => {
		const { temperature, hidden, bias, output } = await learn(EXAMPLES, { epochs: 1 })
		for (const value of [temperature, ...hidden.flat(), ...bias, ...output])
			expect(value).toBe(Number(value.toPrecision(6)))
	})

	it('stops when it is told to', async () => {
		const stop = new AbortController()
		const epochs: number[] = []
		const onEpoch = (epoch: number) => {
			epochs.push(epoch)
			if (epoch === 2) stop.abort()
		}
		const learning = learn(EXAMPLES, { onEpoch, signal: stop.signal })
		await expect(learning).rejects.toMatchObject({ code: 'aborted' })
		expect(epochs).toEqual([1, 2])
	})

	it('lets other work run between batches', async () => {
		let isLearning = true
		let turns = 0
		const count = () => {
			turns += 1
			if (isLearning) setImmediate(count)
		}
		setImmediate(count)
		await learn(EXAMPLES, { epochs: 1 })
		isLearning = false
		expect(turns).toBeGreaterThanOrEqual(EXAMPLES.right.length / OPTIONS.batch - 1)
	})

	it('says so when it diverges', async () => {
		await expect(learn(EXAMPLES, { learningRate: 1e300 })).rejects.toMatchObject({
			code: 'diverged',
			message: expect.stringContaining('lower the learning rate'),
		})
	})

	it('refuses examples that it cannot learn from', async () => {
		const { base, features, counts, right } = EXAMPLES
		const wrong = [
			[{ base: base.with(0, Number.NEGATIVE_INFINITY) }, /title 0: the base/],
			[{ features: features.with(1, Number.NaN) }, /title 0: a feature/],
			[{ right: right.with(0, 5) }, /title 0: candidate 5 is right of/],
			[{ counts: counts.with(0, 6) }, /title 0: candidate \d is right of 6, in room for 5/],
			[{ base: base.slice(1) }, /base of 1000 titles: expected 5000 numbers, got 4999/],
			[{ features: features.slice(1) }, /features of 1000 titles/],
			[{ right: right.slice(1) }, /right of 1000 titles/],
		] as const
		for (const [change, message] of wrong)
			await expect(learn({ ...EXAMPLES, ...change })).rejects.toThrow(message)
	})
})
