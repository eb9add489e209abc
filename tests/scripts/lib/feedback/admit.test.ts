import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
	admitFeedback,
	type FeedbackTitle,
	type KnownPosts,
	MIN_FILE_LINES,
} from '../../../../scripts/lib/feedback/admit.ts'
import { DEFAULT_FEEDBACK_LIMITS, SUSPICIONS } from '../../../../scripts/lib/feedback/parameters.ts'

const LIMITS = DEFAULT_FEEDBACK_LIMITS
const OPEN = {
	feedbackPerPost: 100,
	feedbackFileShare: 1,
	feedbackShare: 1,
	feedbackInclude: [...SUSPICIONS],
}

/** A hundred subreddits with a thousand posts each; `stands` says where a title stands already. */
function knownPosts(stands: Readonly<Record<string, readonly string[]>> = {}): KnownPosts {
	const counts = new Map(Array.from({ length: 100 }, (_, index) => [`r${index}`, 1_000]))
	return {
		counts,
		subredditsOf: (text) => (stands[text] ? new Set(stands[text]) : undefined),
		labelsFromFeedback: 0,
	}
}

const DAY_MS = 86_400_000

/** The same titles from each of these sources, so many milliseconds apart. */
function fromSources(count: number, apart: Readonly<Record<string, number>>): FeedbackTitle[] {
	return makeTitles(count).map((title, n) => ({
		...title,
		sources: Object.entries(apart).map(([name, ms]) => ({ name, time: n * ms })),
	}))
}

/** Titles that have nothing in common, a day apart, each from a file of its own. */
function makeTitles(count: number, of: Partial<FeedbackTitle> = {}): FeedbackTitle[] {
	return Array.from({ length: count }, (_, n) => ({
		subreddit: 'r1',
		title: `one${n} two${n} three${n} four${n}`,
		weight: 3,
		sources: [{ name: `file ${n} of ${of.subreddit}`, time: n * DAY_MS }],
		...of,
	}))
}

const linesOf = (titles: readonly { readonly weight: number }[]) =>
	titles.reduce((sum, { weight }) => sum + weight, 0)

describe('admitFeedback', () => {
	it('lets the picks of people through at their weight', () => {
		const titles = makeTitles(50)
		const admission = admitFeedback(titles, knownPosts(), LIMITS)
		expect(admission.titles).toHaveLength(50)
		expect(linesOf(admission.titles)).toBe(150)
		expect(admission).toMatchObject({ contradictions: 0, heldBack: [], overLimit: 0 })
	})

	it('gives a subreddit at most a quarter as many lines as it has posts', () => {
		const include = [...SUSPICIONS]
		const { titles, overLimit } = admitFeedback(makeTitles(400), knownPosts(), {
			...LIMITS,
			feedbackInclude: include,
		})
		expect(linesOf(titles)).toBe(250)
		expect([titles.length, overLimit]).toEqual([250, 150])
	})

	it('gives one file at most its share, and several that agree no more than theirs together', () => {
		const posts = knownPosts()
		const one = fromSources(300, { 'one file': DAY_MS })
		expect(linesOf(admitFeedback(one, posts, { ...LIMITS, feedbackPerPost: 10 }).titles)).toBe(200)
		const few = admitFeedback(one, { ...posts, counts: new Map([['r1', 1_000]]) }, LIMITS)
		expect(linesOf(few.titles)).toBe(MIN_FILE_LINES)
		const limits = { ...LIMITS, feedbackPerPost: 10, feedbackInclude: [...SUSPICIONS] }
		const two = fromSources(300, { one: DAY_MS, other: DAY_MS })
		expect(linesOf(admitFeedback(two, posts, limits).titles)).toBe(400)
		// What an exhausted file also names is charged to the other.
		const own = makeTitles(300).map(({ title, ...rest }) => ({ ...rest, title: `${title} own` }))
		const exhausted = own.map((title) => ({ ...title, sources: [{ name: 'one', time: 0 }] }))
		expect(linesOf(admitFeedback([...exhausted, ...two], posts, limits).titles)).toBe(400)
	})

	it('gives all picks together at most their share', () => {
		const titles = Array.from({ length: 100 }, (_, r) =>
			makeTitles(100, { subreddit: `r${r}` }).map((title) => ({
				...title,
				title: `${title.title} sub${r} more${r} words${r}`,
			})),
		).flat()
		expect(linesOf(admitFeedback(titles, knownPosts(), LIMITS).titles)).toBe(5_000)
	})

	it('weighs a contradiction one line, and a title that the posts confirm as any other', () => {
		const posts = knownPosts({ 'a title': ['r2'], 'another title': ['r1', 'r2'] })
		const titles = [
			{ subreddit: 'r1', title: 'A title', weight: 3 },
			{ subreddit: 'R1', title: 'Another title', weight: 3 },
		]
		const admission = admitFeedback(titles, posts, LIMITS)
		expect(admission.contradictions).toBe(1)
		expect(admission.titles).toEqual([
			{ subreddit: 'r1', text: 'a title', weight: 1 },
			{ subreddit: 'r1', text: 'another title', weight: 3 },
		])
	})

	it('leaves out a subreddit that is picked far beyond its share, unless asked for it', () => {
		const crowd = Array.from({ length: 99 }, (_, r) => makeTitles(5, { subreddit: `r${r}` })).flat()
		const pushed = makeTitles(600, { subreddit: 'r99' }).map((title) => ({
			...title,
			title: `${title.title} pushed${title.sources?.[0]?.time}`,
		}))
		const titles = [...crowd, ...pushed]
		const admission = admitFeedback(titles, knownPosts(), LIMITS)
		expect(admission.heldBack).toEqual([{ why: 'share', what: 'r99', titles: 600 }])
		expect(admission.titles.some(({ subreddit }) => subreddit === 'r99')).toBe(false)
		const asked = admitFeedback(titles, knownPosts(), { ...LIMITS, feedbackInclude: ['share'] })
		expect(asked.heldBack).toEqual([])
		expect(asked.titles.some(({ subreddit }) => subreddit === 'r99')).toBe(true)
	})

	it('keeps one of many copies with a word changed', () => {
		const copies = makeTitles(40).map((title, n) => ({
			...title,
			title: `you must all see what this great subreddit has for every one of you today ${n}`,
		}))
		const { titles, heldBack } = admitFeedback(copies, knownPosts(), LIMITS)
		expect(heldBack[0]).toMatchObject({ why: 'near-identical', what: 'r1' })
		expect(titles.length).toBeLessThan(8)
	})

	it('leaves out what a program picked within ten minutes, and keeps what a person did in a month', () => {
		const fast = fromSources(100, { bot: 1_000 })
		const slow = fromSources(100, { person: 3_600_000 }).map((title) => ({
			...title,
			title: `${title.title} slowly`,
		}))
		const { heldBack, titles } = admitFeedback([...fast, ...slow], knownPosts(), LIMITS)
		expect(heldBack).toEqual([{ why: 'burst', what: 'bot', titles: 100 }])
		expect(titles.every(({ text }) => text.endsWith('slowly'))).toBe(true)
	})

	it('leaves out what several programs picked as fast, and keeps what one source took its time for', () => {
		const twice = admitFeedback(
			fromSources(100, { bot: 1_000, 'other bot': 2_000 }),
			knownPosts(),
			LIMITS,
		)
		expect(twice.heldBack).toEqual([{ why: 'burst', what: 'bot', titles: 100 }])
		const vouched = fromSources(100, { bot: 1_000, person: 3_600_000 })
		expect(admitFeedback(vouched, knownPosts(), LIMITS).heldBack).toEqual([])
	})

	it('keeps every limit and does not care for the order, whatever is sent', () => {
		const title = fc.record({
			subreddit: fc.constantFrom('r1', 'R2', 'r3', 'unknown'),
			title: fc.lorem({ maxCount: 6 }),
			weight: fc.integer({ min: 1, max: 5 }),
			sources: fc.uniqueArray(
				fc.record({
					name: fc.constantFrom('a', 'b', 'c'),
					time: fc.integer({ min: 0, max: 3_600_000 }),
				}),
				{ selector: ({ name }) => name },
			),
		})
		fc.assert(
			fc.property(fc.array(title, { maxLength: 200 }), fc.boolean(), (titles, isOpen) => {
				const limits = isOpen
					? { ...OPEN, feedbackPerPost: 0.05 }
					: { ...LIMITS, feedbackPerPost: 0.05 }
				const unique = [...new Map(titles.map((one) => [one.title, one])).values()]
				const { titles: admitted, ...rest } = admitFeedback(unique, knownPosts(), limits)
				for (const subreddit of ['r1', 'r2', 'r3', 'unknown']) {
					const lines = linesOf(admitted.filter((one) => one.subreddit === subreddit))
					expect(lines).toBeLessThanOrEqual(subreddit === 'unknown' ? 0 : 50)
				}
				const held = rest.heldBack.reduce((sum, one) => sum + one.titles, 0)
				expect(admitted.length + held + rest.overLimit).toBe(unique.length)
				const turned = admitFeedback(unique.toReversed(), knownPosts(), limits)
				if (isOpen) expect(turned.titles).toEqual(admitted)
			}),
		)
	})
})
