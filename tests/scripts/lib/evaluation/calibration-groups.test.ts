import { describe, expect, it } from 'vitest'
import {
	ClaimTally,
	COUNT_GROUPS,
	MAX_CLAIM_GAP,
	nameCount,
	nameShare,
	SHARE_GROUPS,
} from '../../../../scripts/bench/claim-tally.ts'
import {
	addMadeTitles,
	hideWords,
	takeFirst,
} from '../../../../scripts/lib/evaluation/made-titles.ts'
import { type AnsweredTitle, fitCalibration } from '../../../../src/model/calibration.ts'
import { isWord } from '../../../../src/model/normalize.ts'
import { calibratePredictions } from '../../../../src/model/suggest.ts'
import { seededRandom } from '../../../fixtures/corpus.ts'

const RIGHT = 'cats'

interface Answered extends Omit<AnsweredTitle, 'outcomes'> {
	readonly score: number
	readonly hit: boolean
}

/** Titles of 1 to 30 words; a whole one ends with a mark, which is how this world knows it. */
function makeTitles(count: number, random: () => number): string[] {
	return Array.from({ length: count }, () => {
		const length = 1 + Math.floor(30 * random() ** 2)
		return [...Array.from({ length }, () => 'word'), '.'].join(' ')
	})
}

/** A score means more the longer a title is, less where words of it are unknown, and less where it breaks off. */
function answer(text: string, random: () => number): Answered {
	const words = text.split(' ').filter(isWord)
	const knownWords = words.filter((word) => word === 'word').length
	const score = random()
	const known = (0.3 + Math.min(28, knownWords) / 40) * (0.8 + (0.2 * knownWords) / words.length)
	const truth = score * known * (text.endsWith('.') ? 1 : 0.85)
	return { words: words.length, knownWords, score, hit: random() < truth }
}

async function fitOnMade(random: () => number) {
	async function* titles() {
		for (const text of makeTitles(20_000, random)) yield { subreddit: RIGHT, text }
	}
	const answered: AnsweredTitle[] = []
	for await (const { text } of addMadeTitles(titles())) {
		const { score, hit, ...knowledge } = answer(text, random)
		if (knowledge.knownWords > 0) answered.push({ ...knowledge, outcomes: [{ score, hit }] })
	}
	return fitCalibration(answered)
}

describe('a calibration fitted on made titles', () => {
	it('claims what is true to 0.03 in each group by the share of known words, and of prefixes by their number', async () => {
		const random = seededRandom(4)
		const calibration = await fitOnMade(random)
		const tally = new ClaimTally()
		const ask = (text: string, nameGroup: (of: Answered) => string) => {
			const one = answer(text, random)
			if (one.knownWords === 0) return
			const predictions = [{ label: RIGHT, score: one.score }]
			const actual = one.hit ? RIGHT : 'aww'
			const title = { ...one, familiarity: 1 }
			tally.add(nameGroup(one), actual, calibratePredictions(calibration, predictions, title))
		}
		for (const text of makeTitles(20_000, random)) {
			for (const made of [text, hideWords(text, random)])
				ask(made, (one) => `share ${nameShare(one)}`)
			for (const length of [1, 2, 4, 8, 12])
				if (text.split(' ').length > length)
					ask(takeFirst(text, length), (one) => `count ${nameCount(one)}`)
		}
		const claims = tally.finish()
		const groups = [
			...SHARE_GROUPS.map((group) => `share ${group}`),
			...COUNT_GROUPS.map((group) => `count ${group}`),
		]
		expect([...claims.keys()].sort()).toEqual(groups.sort())
		for (const [group, { claimed, 'recall@1': right, titles }] of claims) {
			expect(titles, group).toBeGreaterThan(500)
			expect(Math.abs(claimed - right), group).toBeLessThan(MAX_CLAIM_GAP)
		}
	}, 60_000)
})
