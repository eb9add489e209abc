import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readCorpus } from '../../../../scripts/lib/trainer/corpus.ts'
import { Crew } from '../../../../scripts/lib/trainer/crew.ts'
import { encodeSamples, indexNgrams } from '../../../../scripts/lib/trainer/samples.ts'
import { trainWeights } from '../../../../scripts/lib/trainer/training.ts'
import type { TrainingOptions } from '../../../../scripts/lib/trainer/training-job.ts'
import { countVocabulary, rowCount } from '../../../../scripts/lib/trainer/vocabulary.ts'
import { createWeights } from '../../../../scripts/lib/trainer/weights.ts'
import { temporaryFolder, testEffects } from '../../../fixtures/effects.ts'

const OPTIONS: TrainingOptions = {
	epochs: 30,
	inputRate: 0.5,
	outputRate: 0.1,
	batch: 64,
	negatives: 4,
	correctSampling: false,
	balance: 0,
	firstSquare: 1e-6,
	seed: 1,
	dilution: 0,
	pieces: 0,
}

/** Trains on lines and returns the full softmax of a text of one word. */
async function probabilities(lines: readonly string[], word: string, options: TrainingOptions) {
	const dir = await temporaryFolder()
	const path = join(dir, 'train.txt')
	await writeFile(path, lines.join('\n'))
	const effects = await testEffects()
	const crew = await Crew.start(2, effects.signal)
	onTestFinished(() => crew.stop())
	const corpus = await readCorpus(crew, path)
	const counting = { minCount: 1, wordNgrams: 1 }
	const vocabulary = await countVocabulary(crew, corpus, counting)
	const index = await indexNgrams(crew, vocabulary)
	const samples = await encodeSamples(crew, corpus, vocabulary, index)
	const labels = vocabulary.labels.length
	const weights = await createWeights(crew, {
		rows: rowCount(vocabulary),
		labels,
		dim: 16,
		seed: 1,
	})
	await trainWeights(crew, weights, samples, options, effects)
	const { input, output, stride } = weights
	const x = crew.float32(input + vocabulary.words.indexOf(word) * stride * 4, stride)
	const scores = vocabulary.labels.map((_, label) =>
		crew
			.float32(output + label * stride * 4, stride)
			.reduce((sum, value, k) => sum + value * (x[k] ?? 0), 0),
	)
	const sum = scores.reduce((total, score) => total + Math.exp(score), 0)
	return new Map(vocabulary.labels.map((name, i) => [name, Math.exp(scores[i] ?? 0) / sum]))
}

// Half of the posts with the word are of one label, which is in nearly every batch; the other half is spread over many.
function skewedLines(): string[] {
	const rare = Array.from({ length: 200 }, (_, i) => `__label__rare${i}`)
	return rare.flatMap((label) => [`${label} foo`, '__label__big foo'])
}

describe('trainWeights', () => {
	it('estimates the full softmax where labels are skewed, if the sampling is corrected', async () => {
		const lines = skewedLines()
		const plain = await probabilities(lines, 'foo', OPTIONS)
		const corrected = await probabilities(lines, 'foo', { ...OPTIONS, correctSampling: true })
		const far = (found: Map<string, number>) => Math.abs((found.get('__label__big') ?? 0) - 0.5)
		expect(far(corrected)).toBeLessThan(0.12)
		expect(far(plain)).toBeGreaterThan(far(corrected) + 0.1)
	})

	it('is a full softmax where there are as many negatives as labels', async () => {
		const found = await probabilities(skewedLines(), 'foo', { ...OPTIONS, negatives: 1000 })
		expect(found.get('__label__big')).toBeGreaterThan(0.4)
		expect(found.get('__label__big')).toBeLessThan(0.6)
	})

	it('hears a label no louder for its many posts, if they are balanced', async () => {
		const full = { ...OPTIONS, negatives: 1000 }
		const half = await probabilities(skewedLines(), 'foo', { ...full, balance: 0.5 })
		const whole = await probabilities(skewedLines(), 'foo', { ...full, balance: 1 })
		// All labels have the word alone: of 201 each should have its share.
		expect(whole.get('__label__big')).toBeLessThan(0.02)
		expect(half.get('__label__big')).toBeGreaterThan(0.02)
		expect(half.get('__label__big')).toBeLessThan(0.2)
	})
})
