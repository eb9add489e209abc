import { describe, expect, it } from 'vitest'
import { Explainer } from '../../src/model/explain.ts'
import { readModel } from '../../src/model/fasttext/read.ts'
import { normalizeTitle } from '../../src/model/normalize.ts'
import { Reasons } from '../../src/model/reasons.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeModelFile } from '../fixtures/model-file.ts'

const model = readModel(makeModelFile({ topics: TOPICS }))
const reasons = new Reasons(model)

describe('Reasons', () => {
	it('says of each word of a title, once, what it adds for a subreddit', () => {
		const words = reasons.explain(normalizeTitle('Telescope, kitten and telescope!'), 'astronomy')
		expect(words.map(({ text }) => text)).toEqual(['telescope', ',', 'kitten', 'and', '!'])
		const adds = new Map(words.map(({ text, adds: number }) => [text, number]))
		expect(adds.get('telescope')).toBeGreaterThan(0)
		expect(adds.get('kitten')).toBeLessThan(0)
		expect(adds.get('and')).toBe(0)
	})

	it('adds up to what the whole explanation of the score adds up to', () => {
		const title = normalizeTitle('telescope of the kitten nebula')
		const { parts } = new Explainer(model).explain(title, ['astronomy'], null)
		const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
		expect(sum(reasons.explain(title, 'astronomy').map(({ adds }) => adds))).toBeCloseTo(
			sum(parts.map(({ adds: [first = 0] }) => first)),
		)
	})

	it('says nothing of a subreddit that the model has not learnt', () => {
		expect(reasons.explain('telescope', 'moonlore')).toEqual([])
	})
})
