// Pairs two evaluations on the same posts, post by post, which narrows the interval of their difference.

import { AppError } from '../../../src/shared/app-error.ts'
import { comparePaired } from '../comparison/paired-difference.ts'
import type { Effects } from '../effects.ts'
import { readMeasurement } from '../evaluation/evaluate-step.ts'
import type { SuggestionList } from '../evaluation/suggestions-file.ts'
import { EVALUATION_FILES } from '../pipeline/artifacts.ts'
import { type AnyExecution, type Execution, isDone } from '../pipeline/execution-schema.ts'
import type { FindInterval } from './diff.ts'

/** The narrow intervals; empty unless both are evaluations on the same posts with their files here. */
export function findPairedIntervals(effects: Effects): FindInterval {
	return async (a, b) => {
		if (!hasSuggestions(a) || !hasSuggestions(b)) return {}
		const { posts } = a.inputs
		if (!posts?.sha256 || posts.sha256 !== b.inputs.posts?.sha256) return {}
		try {
			const one = (await readMeasurement(a, effects)).suggestions
			const other = (await readMeasurement(b, effects)).suggestions
			if (one.posts !== other.posts) return {}
			return { 'recall@1': pair(one, other, 1), 'recall@5': pair(one, other, 5) }
		} catch (error) {
			// The files may be on another machine; the wider interval is correct, too.
			if (error instanceof AppError) return {}
			throw error
		}
	}
}

function hasSuggestions(execution: AnyExecution): execution is Execution {
	const { step, outputs } = execution
	const isThere = outputs.some(({ name }) => name === EVALUATION_FILES.suggestions)
	return step === 'evaluate' && isDone(execution) && isThere
}

function pair(a: SuggestionList, b: SuggestionList, first: number) {
	let [onlyA, onlyB] = [0, 0]
	for (let post = 0; post < a.posts; post += 1) {
		const [isA, isB] = [a, b].map((list) => list.rankOf(post) >= 0 && list.rankOf(post) < first)
		if (isA && !isB) onlyA += 1
		if (isB && !isA) onlyB += 1
	}
	return comparePaired({ posts: a.posts, onlyA, onlyB })
}
