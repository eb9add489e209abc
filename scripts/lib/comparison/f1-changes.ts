// How the f1 of each subreddit changes between two models, and how wide such changes are by chance alone. Pure.
import type { F1Changes, F1Spread } from '../../../src/shared/comparison-report.ts'
import { binChanges } from '../../../src/shared/f1-changes.ts'
import { createRandom } from '../snapshot/random.ts'
import { firstOf, NONE, type PairedAnswers } from './paired-answers.ts'

// Chance is the same in every run.
const SEED = 1

/**
 * @param minPosts test posts that a subreddit needs to count
 * @returns null where none has as many
 */
export function measureF1Changes(answers: PairedAnswers, minPosts: number): F1Changes | null {
	const chosen = chooseLabels(answers, minPosts)
	if (chosen.length === 0) return null
	const [a, b] = [tallyFirsts(answers), tallyFirsts(answers)]
	const [even, odd] = [tallyFirsts(answers), tallyFirsts(answers)]
	const [heads, tails] = [tallyFirsts(answers), tallyFirsts(answers)]
	const random = createRandom(SEED)
	for (let post = 0; post < answers.posts; post += 1) {
		const actual = answers.actual[post] ?? NONE
		const [ofA, ofB] = [firstOf(answers.a, post), firstOf(answers.b, post)]
		const isHalf = random() < 0.5
		const isSwapped = random() < 0.5
		a.add(actual, ofA)
		b.add(actual, ofB)
		;(isHalf ? even : odd).add(actual, ofB)
		heads.add(actual, isSwapped ? ofB : ofA)
		tails.add(actual, isSwapped ? ofA : ofB)
	}
	const changes = chosen.map((label) => b.f1(label) - a.f1(label))
	const inHalves = chosen.filter((label) => even.posts(label) > 0 && odd.posts(label) > 0)
	const swapped = chosen.map((label) => tails.f1(label) - heads.f1(label))
	return {
		...spreadOf(changes),
		chance:
			inHalves.length > 0
				? spreadOf(inHalves.map((label) => odd.f1(label) - even.f1(label)))
				: null,
		swapped: spreadOf(swapped),
	}
}

/** @throws RangeError for no change at all, or one that is none */
export function spreadOf(changes: readonly number[]): F1Spread {
	if (changes.length === 0 || changes.some((change) => !(Math.abs(change) <= 1)))
		throw new RangeError('changes of f1: expected some, from -1 to 1')
	const squares = changes.reduce((sum, change) => sum + change ** 2, 0)
	return {
		...binChanges(changes),
		subreddits: changes.length,
		deviation: Math.sqrt(squares / changes.length),
	}
}

function chooseLabels({ actual, labels }: PairedAnswers, minPosts: number): number[] {
	const posts = new Uint32Array(labels.length)
	for (const label of actual) if (label !== NONE) posts[label] = (posts[label] ?? 0) + 1
	return [...posts.keys()].filter((label) => (posts[label] ?? 0) >= Math.max(1, minPosts))
}

/** Counts first suggestions; f1 is 2 hits / (posts + how often suggested), as in an evaluation. */
function tallyFirsts({ labels }: PairedAnswers) {
	const posts = new Uint32Array(labels.length)
	const hits = new Uint32Array(labels.length)
	const predicted = new Uint32Array(labels.length)
	const raise = (counts: Uint32Array, label: number) => {
		if (label !== NONE) counts[label] = (counts[label] ?? 0) + 1
	}
	return {
		add(actual: number, first: number): void {
			raise(posts, actual)
			raise(predicted, first)
			if (actual === first) raise(hits, actual)
		},
		posts: (label: number) => posts[label] ?? 0,
		f1(label: number): number {
			return (2 * (hits[label] ?? 0)) / ((posts[label] ?? 0) + (predicted[label] ?? 0))
		},
	}
}
