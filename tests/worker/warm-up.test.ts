import { describe, expect, it } from 'vitest'
import { warmUp } from '../../src/worker/warm-up.ts'

const NAMES = ['ant', 'bee', 'cat']

/** A table of these words, of which only what a title is made of is asked. */
function wordsOf(names: readonly string[]) {
	return {
		startingWith: () => ({ from: 0, until: names.length }),
		word: (place: number) => names[place] as string,
		hash: () => 0,
		signsOf: () => ({
			labels: new Uint32Array(),
			marks: new Uint8Array(),
			follows: new Uint8Array(),
		}),
	}
}

async function warmed(names: readonly string[], countAsked: (already: number) => number) {
	const titles: string[] = []
	await warmUp(
		wordsOf(names),
		(title) => void titles.push(title),
		() => countAsked(titles.length),
	)
	return titles
}

describe('warmUp', () => {
	it('asks about a title of the model’s own words, letter by letter', async () => {
		const titles = await warmed(NAMES, () => 0)
		expect(titles.length).toBeGreaterThan(10)
		for (const [key, title] of titles.entries())
			expect(titles[key + 1]?.startsWith(title) ?? true).toBe(true)
		for (const word of (titles.at(-1) as string).split(' ').slice(0, -1))
			expect(NAMES).toContain(word)
	})

	it('asks the less, the more a person has asked meanwhile', async () => {
		const alone = (await warmed(NAMES, () => 0)).length
		expect(await warmed(NAMES, (already) => (already < 5 ? 0 : 8))).toHaveLength(alone - 8)
		expect(await warmed(NAMES, () => 1000)).toEqual([])
	})

	it('lets other calls through between two keys', async () => {
		let turns = 0
		const turn = setInterval(() => (turns += 1), 0)
		const before: number[] = []
		await warmUp(
			wordsOf(NAMES),
			() => void before.push(turns),
			() => 0,
		)
		clearInterval(turn)
		expect(new Set(before).size).toBeGreaterThan(before.length / 2)
	})

	it('asks nothing of a model without words', async () => {
		expect(await warmed([], () => 0)).toEqual([])
	})
})
