import { afterAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../../../scripts/lib/engine.ts'
import { chooseReranker, rerankTitles } from '../../../../scripts/lib/evaluation/choose-reranker.ts'
import { MADE_PER_TITLE } from '../../../../scripts/lib/evaluation/made-titles.ts'
import { RankedTitles } from '../../../../scripts/lib/evaluation/ranked-titles.ts'
import { joinModelFile, writeEvidence } from '../../../../src/model/evidence/evidence-file.ts'
import { writeModel } from '../../../../src/model/fasttext/write.ts'
import { answerTitle } from '../../../../src/model/suggest.ts'
import { testEffects } from '../../../fixtures/effects.ts'
import { createDraw, makeEvidence } from '../../../fixtures/evidence.ts'
import { LABELS, makeModel, WORDS } from '../../../fixtures/made-vectors.ts'
import { makeReranker } from '../../../fixtures/reranker.ts'

const fastText = Buffer.concat([...writeModel(makeModel(3, [1, 5, 7], 4))])
const evidence = writeEvidence(makeEvidence({ labels: LABELS.length, words: WORDS, seed: 3 }))
const model = { name: 'a model', labels: LABELS, bytes: joinModelFile({ fastText, evidence }) }
const engine = await loadEngine(model.bytes)

afterAll(() => engine.dispose())

/** With those made of them, and without those that are kept back, just as many as are needed. */
const ENOUGH = 2_000

/** What a title is of. @param labels the model's, most probable first */
type Rule = (labels: readonly string[]) => string | undefined

/** Titles of one to eight words, and as many made of each as in the product. */
function askTitles(count: number, rule: Rule): RankedTitles {
	const next = createDraw(7)
	const titles = new RankedTitles(LABELS)
	const pick = () => WORDS[Math.floor(next() * WORDS.length)] ?? ''
	for (let number = 0; number < count; number += 1) {
		const text = Array.from({ length: 1 + Math.floor(next() * 8) }, pick).join(' ')
		const answer = answerTitle(engine, text, LABELS.length)
		const labels = answer.predictions.map(({ label }) => label)
		const subreddit = rule(labels) ?? 'cats'
		for (let made = 0; made <= MADE_PER_TITLE; made += 1)
			titles.add({ subreddit, text, isWhole: made === 0 }, answer)
	}
	return titles
}

function countFirst(titles: RankedTitles): number {
	return [...titles.read()].filter(({ subreddit, predictions }) => {
		return predictions[0]?.label === subreddit
	}).length
}

describe('choosing a reranker', () => {
	it('learns where the model is wrong in the same way each time', async () => {
		// The second is right: a rule that no temperature and no prior can express.
		const effects = await testEffects()
		const titles = askTitles(ENOUGH, ([, second]) => second)
		const reranker = await chooseReranker(model, titles, effects)
		if (!reranker) throw new Error('none was learnt')
		const reranked = await rerankTitles({ model, reranker }, titles, effects)
		expect(reranked.count).toBe(titles.count)
		expect(countFirst(titles)).toBe(0)
		expect(countFirst(reranked)).toBeGreaterThan(0.6 * titles.count)
	})

	it.each([
		'describing titles for the reranker',
		'learning the reranker',
		'reranking the answers of a model',
	])('says how far it is with %s, and stops there on request', async (label) => {
		const stop = new AbortController()
		let seconds = 0
		const lines: string[] = []
		const effects = await testEffects({
			signal: stop.signal,
			terminalColumns: 200,
			now: () => {
				seconds += 1
				return new Date(seconds * 1000)
			},
			redraw: (line) => {
				if (line !== '') lines.push(line)
				// As a signal of the system, which waits for its turn.
				if (line.startsWith(label)) setImmediate(() => stop.abort())
			},
		})
		const titles = askTitles(ENOUGH, ([, second]) => second)
		const work = label.startsWith('reranking')
			? rerankTitles({ model, reranker: makeReranker(1) }, titles, effects)
			: chooseReranker(model, titles, effects)
		await expect(work).rejects.toMatchObject({ code: 'aborted' })
		const said = lines.filter((line) => line.startsWith(label))
		expect(said.length).toBeGreaterThan(0)
		expect(said.length).toBeLessThan(3)
		expect(lines.at(-1)).toBe(said.at(-1))
	})

	it('needs some thousand titles, and a table of evidence', async () => {
		const effects = await testEffects()
		expect(
			await chooseReranker(
				model,
				askTitles(500, ([, second]) => second),
				effects,
			),
		).toBeNull()
		const plain = { ...model, bytes: fastText }
		expect(
			await chooseReranker(
				plain,
				askTitles(ENOUGH, ([first]) => first),
				effects,
			),
		).toBeNull()
	})
})
