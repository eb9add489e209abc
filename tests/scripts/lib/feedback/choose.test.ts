import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	type Choice,
	chooseTitles as chooseSourced,
} from '../../../../scripts/lib/feedback/choose.ts'
import type { Feedback } from '../../../../src/shared/feedback.ts'
import { makeFeedback } from '../../../fixtures/feedback.ts'

/** What is chosen of lines from one file, without the file and the times. */
function chooseTitles(lines: Iterable<Feedback>) {
	const choice: Choice = chooseSourced([...lines].map((line) => ({ line, source: 'file' })))
	const titles = choice.titles.map(({ subreddit, title }) => ({ subreddit, title }))
	return { ...choice, titles }
}

const typed = (subreddit: string) => ({ how: 'typed', subreddit }) as const

describe('chooseTitles', () => {
	it('knows all sources of a title, and when each last picked it', () => {
		const line = (id: number) =>
			makeFeedback({ id, title: 'A cat', pick: { how: 'typed', subreddit: 'cats' } })
		const choose = (...sources: string[]) =>
			chooseSourced(sources.map((source, id) => ({ line: line(id + 1), source }))).titles[0]
		const timeOf = (id: number) => Date.parse(line(id).time)
		expect(choose('a', 'a')?.sources).toEqual([{ name: 'a', time: timeOf(2) }])
		expect(choose('b', 'a', 'b')?.sources).toEqual([
			{ name: 'a', time: timeOf(2) },
			{ name: 'b', time: timeOf(3) },
		])
	})

	it('takes suggestions, searches and typed names, and no "none of these"', () => {
		const picks = [
			{ how: 'suggestion', rank: 2, subreddit: 'cats' },
			{ how: 'search', subreddit: 'aww' },
			{ how: 'typed', subreddit: 'newsub' },
			{ how: 'none' },
		] as const
		const lines = picks.map((pick, id) => makeFeedback({ id, title: `title ${id}`, pick }))
		expect(chooseTitles(lines)).toEqual({
			titles: [
				{ subreddit: 'cats', title: 'title 0' },
				{ subreddit: 'aww', title: 'title 1' },
				{ subreddit: 'newsub', title: 'title 2' },
			],
			unusable: 1,
			conflicts: 0,
		})
	})

	it('gives a title to the subreddit that most sources name, however often one of them repeats', () => {
		const named = [
			['cats', 'a'],
			['Cats', 'b'],
			...Array.from({ length: 3 }, () => ['evil', 'c'] as const),
		] as const
		const lines = named.map(([name, source], id) => ({
			line: makeFeedback({ id, title: id % 2 ? 'my  CAT !' : 'My cat!', pick: typed(name) }),
			source,
		}))
		const { titles, conflicts } = chooseSourced(lines)
		expect(titles).toMatchObject([
			{ subreddit: 'Cats', title: 'my  CAT !', sources: [{ name: 'a' }, { name: 'b' }] },
		])
		expect(conflicts).toBe(1)
	})

	it('takes the newest pick on a tie', () => {
		const lines = [
			makeFeedback({ id: 1, title: 'A cat', pick: typed('cats'), minute: 30 }),
			makeFeedback({ id: 2, title: 'A cat', pick: typed('aww'), minute: 10 }),
		]
		expect(chooseTitles(lines).titles[0]?.subreddit).toBe('cats')
	})

	it('gives a title no more weight for being picked again and again', () => {
		const lines = Array.from({ length: 50 }, (_, id) =>
			makeFeedback({ id, title: 'A cat', pick: typed('cats') }),
		)
		expect(chooseTitles(lines).titles).toHaveLength(1)
	})

	it('takes no title with nothing left after normalising', () => {
		const lines = [makeFeedback({ id: 1, title: '\u200b r/pics', pick: typed('pics') })]
		expect(chooseTitles(lines)).toEqual({ titles: [], unusable: 1, conflicts: 0 })
	})

	it('chooses the same titles whatever the order of the lines', () => {
		const line = fc.record({
			title: fc.constantFrom('a cat', 'A  cat', 'a dog', 'a bird'),
			subreddit: fc.constantFrom('cats', 'Cats', 'dogs', 'aww'),
			minute: fc.integer({ min: 0, max: 5 }),
		})
		fc.assert(
			fc.property(fc.array(line, { maxLength: 20 }), fc.nat(), (drafts, turn) => {
				const lines = drafts.map(({ title, subreddit, minute }, id) =>
					makeFeedback({ id, title, pick: typed(subreddit), minute }),
				)
				const place = lines.length === 0 ? 0 : turn % lines.length
				const turned = [...lines.slice(place), ...lines.slice(0, place)].toReversed()
				const names = (all: typeof lines) =>
					chooseTitles(all)
						.titles.map(({ subreddit, title }) => `${subreddit} ${title}`.toLowerCase())
						.map((text) => text.replace(/\s+/g, ' '))
						.sort()
				expect(names(turned)).toEqual(names(lines))
			}),
		)
	})
})
