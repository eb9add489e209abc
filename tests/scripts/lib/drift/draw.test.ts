import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawTitles } from '../../../../scripts/lib/drift/draw.ts'
import { testEffects } from '../../../fixtures/effects.ts'

function makeSet(count: number) {
	return {
		name: 'titles',
		async *read() {
			for (let index = 0; index < count; index += 1)
				yield { subreddit: 'cats', text: `${index}`, day: index }
		},
	}
}

describe('drawTitles', () => {
	it('draws so many, each once, in their order, and the same ones again', async () => {
		const effects = await testEffects()
		await fc.assert(
			fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 60 }), async (count, most) => {
				const { titles, total } = await drawTitles(makeSet(count), most, effects)
				expect(total).toBe(count)
				expect(titles).toHaveLength(Math.min(count, most))
				const days = titles.map(({ day }) => day ?? -1)
				expect(days).toEqual([...new Set(days)].sort((a, b) => a - b))
				expect((await drawTitles(makeSet(count), most, effects)).titles).toEqual(titles)
			}),
		)
	})

	it('gives each part of the titles its share', async () => {
		const { titles } = await drawTitles(makeSet(50_000), 10_000, await testEffects())
		for (let tenth = 0; tenth < 10; tenth += 1) {
			const drawn = titles.filter(({ day = -1 }) => Math.floor(day / 5_000) === tenth).length
			// 1,000 is expected, with a standard deviation of 27.
			expect(Math.abs(drawn - 1_000)).toBeLessThan(110)
		}
	})
})
