import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../scripts/lib/engine.ts'
import { joinModelFile, writeEvidence } from '../../src/model/evidence/evidence-file.ts'
import { writeModel } from '../../src/model/fasttext/write.ts'
import { normalizeTitle } from '../../src/model/normalize.ts'
import { explainWords } from '../../src/model/reasons.ts'
import { TitleReranker } from '../../src/model/reranker.ts'
import type { WordReason } from '../../src/shared/classifier-protocol.ts'
import { TOPICS } from '../fixtures/corpus.ts'
import { makeEvidence } from '../fixtures/evidence.ts'
import { LABELS, makeModel, WORDS } from '../fixtures/made-vectors.ts'
import { makeModelFile } from '../fixtures/model-file.ts'
import { makeReranker } from '../fixtures/reranker.ts'

const engine = await loadEngine(makeModelFile({ topics: TOPICS }))

/** Runs to the end. */
function explain(title: string, ...subreddits: string[]): WordReason[][] {
	return finish(explainWords({ engine, reranker: null }, normalizeTitle(title), subreddits))
}

function finish(work: ReturnType<typeof explainWords>): WordReason[][] {
	for (;;) {
		const { done, value } = work.next()
		if (done) return value
	}
}

describe('explainWords', () => {
	it('says of each word of a title, once, what it adds for each suggestion', () => {
		const [astronomy = [], cats = []] = explain(
			'Telescope, kitten and telescope!',
			'astronomy',
			'cats',
		)
		expect(astronomy.map(({ text }) => text)).toEqual(['telescope', ',', 'kitten', 'and', '!'])
		expect(cats.map(({ text }) => text)).toEqual(astronomy.map(({ text }) => text))
		const addsOf = (words: readonly WordReason[], word: string) =>
			words.find(({ text }) => text === word)?.adds
		expect(addsOf(astronomy, 'telescope')).toBeGreaterThan(0)
		expect(addsOf(astronomy, 'kitten')).toBeLessThan(0)
		expect(addsOf(cats, 'kitten')).toBeGreaterThan(0)
		expect(addsOf(astronomy, ',')).toBe(0)
	})

	it('pauses before each question to the model after the first', () => {
		const work = explainWords({ engine, reranker: null }, normalizeTitle('telescope kitten'), [
			'cats',
		])
		expect([work.next().done, work.next().done, work.next().done]).toEqual([false, false, true])
	})

	it('gives a title of one word that word as its reason', () => {
		const [[word] = []] = explain('telescope', 'astronomy')
		expect(word?.text).toBe('telescope')
		expect(word?.adds).toBeGreaterThan(0)
	})

	it('ends for a title of words without end', () => {
		const title = Array.from({ length: 150 }, (_, at) => `telescope kitten ${at}`).join(' ')
		expect(explain(title, 'astronomy')).toHaveLength(1)
	})

	it('says what a word adds to what the reranker makes of the answers', async () => {
		const fastText = Buffer.concat([...writeModel(makeModel(3, [1, 5, 7], 4))])
		const evidence = makeEvidence({ labels: LABELS.length, words: WORDS, seed: 3 })
		const engine = await loadEngine(joinModelFile({ fastText, evidence: writeEvidence(evidence) }))
		const reranker = new TitleReranker(makeReranker(2), engine.evidence)
		const [title, rest] = [WORDS.slice(0, 3).join(' '), WORDS.slice(1, 3).join(' ')]
		const oddsOf = (title: string, label: string) => {
			const answers = reranker.rerank(title, engine.predict(title, LABELS.length))
			const share = answers.find((answer) => answer.label === label)?.score ?? 0
			return Math.log(share / (1 - share))
		}
		const [plain, reranked] = [null, reranker].map((reranker) =>
			finish(explainWords({ engine, reranker }, title, LABELS)),
		)
		for (const [at, label] of LABELS.entries()) {
			const adds = reranked?.[at]?.[0]?.adds
			expect(adds).toBeCloseTo(oddsOf(title, label) - oddsOf(rest, label), 3)
			expect(adds).not.toBeCloseTo(plain?.[at]?.[0]?.adds ?? Number.NaN, 3)
		}
		engine.dispose()
	})
})
