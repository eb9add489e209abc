import { describe, expect, it } from 'vitest'
import type { Question } from '../../../../scripts/lib/evaluation/kernel-scorer.ts'
import { readLabels, scoreAll } from '../../../../scripts/lib/evaluation/scoring.ts'
import { makeCorpus, TOPICS } from '../../../fixtures/corpus.ts'
import { makeModelFile } from '../../../fixtures/model-file.ts'

/** So many that threads are worth it. */
const MANY = 9_500

interface Numbered extends Question {
	readonly number: number
}

const bytes = makeModelFile({ topics: TOPICS })
const texts = makeCorpus({ postsPerSubreddit: 50, from: 0, until: 1 }).map(({ title }) =>
	title.toLowerCase().replace('?', ' ?'),
)

async function* questions(count: number, onEnd = () => {}): AsyncGenerator<Numbered> {
	try {
		for (let number = 0; number < count; number += 1)
			yield { number, text: texts[number % texts.length] ?? '' }
	} finally {
		onEnd()
	}
}

async function scoreCount(count: number) {
	const model = { bytes, labels: await readLabels(bytes) }
	const answers = []
	for await (const answer of scoreAll(model, questions(count), 5)) answers.push(answer)
	return answers
}

describe('scoreAll', () => {
	it('gives the same answers to many as to few, in the order of the questions', async () => {
		const few = await scoreCount(texts.length)
		const many = await scoreCount(MANY)
		expect(many.map(({ item }) => item.number)).toEqual(Array.from({ length: MANY }, (_, i) => i))
		for (const [index, { predictions }] of many.entries()) {
			const same = few[index % texts.length]?.predictions ?? []
			// All labels but one have the same score here: which of them come next is nobody's business.
			const isSame = predictions.every(
				({ label, score }, rank) =>
					Math.abs(score - (same[rank]?.score ?? Number.NaN)) < 1e-6 &&
					(rank > 0 || label === same[rank]?.label),
			)
			if (!isSame || predictions.length !== same.length) expect(predictions).toEqual(same)
		}
		expect(few[0]?.predictions).toHaveLength(5)
	})

	it('suggests nothing for a title without a known word', async () => {
		const model = { bytes, labels: await readLabels(bytes) }
		async function* ask() {
			yield { text: 'stone' }
			yield { text: '' }
		}
		for await (const { predictions } of scoreAll(model, ask(), 5)) expect(predictions).toEqual([])
	})

	it.each([100, MANY])(
		'ends the questions when nobody wants more answers, of %i',
		async (count) => {
			let isEnded = false
			const model = { bytes, labels: await readLabels(bytes) }
			const asked = questions(count, () => {
				isEnded = true
			})
			for await (const { item } of scoreAll(model, asked, 5)) if (item.number === 3) break
			expect(isEnded).toBe(true)
		},
	)

	it.each([10, MANY])('fails where the model is none, with %i questions', async (count) => {
		const model = { bytes: Buffer.from('no model'), labels: [] }
		const all = async () => {
			for await (const _ of scoreAll(model, questions(count), 5));
		}
		await expect(all()).rejects.toThrow(/this is no fastText model/)
	})
})
