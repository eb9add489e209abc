// From the suggestions for each post to everything that a report holds. Pure.
import type { Knowledge } from '../../../src/model/engine.ts'
import type { Suggestion } from '../../../src/model/suggest.ts'
import {
	type Confusion,
	type EvaluationReport,
	MAX_CONFUSIONS,
} from '../../../src/shared/evaluation-report.ts'
import { P1Tally } from '../statistics/p1-tally.ts'
import { WordTally } from '../statistics/word-tally.ts'
import { MetricsTally } from './metrics.ts'
import { WeekTally } from './week-tally.ts'

type BareSuggestion = Pick<Suggestion, 'subreddit' | 'probability'>

/** A post, and what a model says to its title. */
export interface AnsweredPost<S extends BareSuggestion = Suggestion> extends Knowledge {
	readonly subreddit: string
	/** When it was created, in days from 1970-01-01 in UTC, where that is known. */
	readonly day?: number | undefined
	/** Most probable first; none where the model knows no word of the title. */
	readonly suggestions: readonly S[]
}

export class ReportTally {
	readonly #metrics: MetricsTally
	readonly #p1 = new P1Tally()
	readonly #confusions = new ConfusionTally()
	readonly #weeks = new WeekTally()
	readonly #words = new WordTally()

	/** @param labels and what else {@link MetricsTally} takes */
	constructor(...labels: ConstructorParameters<typeof MetricsTally>) {
		this.#metrics = new MetricsTally(...labels)
	}

	add(post: AnsweredPost<BareSuggestion>): void {
		const { subreddit, day, suggestions } = post
		this.#metrics.add(subreddit, suggestions)
		const [first] = suggestions
		const rank = suggestions.findIndex((suggestion) => suggestion.subreddit === subreddit)
		const hit1 = rank === 0
		const p1 = first?.probability ?? 0
		this.#p1.add(p1, hit1)
		if (first) this.#confusions.add(subreddit, first.subreddit)
		this.#weeks.add(day, { hit1, hit5: rank !== -1, p1 })
		this.#words.add(post)
	}

	/**
	 * @param testFrom the first instant of the posts
	 * @throws AppError `bad-input` where no post was added
	 */
	finish(testFrom: string): Omit<EvaluationReport, 'schema' | 'split' | 'testFrom' | 'testUntil'> {
		const { metrics, subreddits, unknownTitlePosts } = this.#metrics.finish()
		return {
			metrics,
			unknownTitlePosts,
			p1: { bins: this.#p1.finish() },
			confusions: this.#confusions.finish(),
			weeks: this.#weeks.finish(testFrom),
			words: this.#words.finish(),
			subreddits: [...subreddits],
		}
	}
}

/** Counts which subreddits are taken for which. */
class ConfusionTally {
	readonly #misses = new Map<string, Map<string, number>>()

	/** @param predicted suggested first for a post of `actual` */
	add(actual: string, predicted: string): void {
		if (predicted === actual) return
		const row = this.#misses.get(actual) ?? new Map<string, number>()
		if (row.size === 0) this.#misses.set(actual, row)
		row.set(predicted, (row.get(predicted) ?? 0) + 1)
	}

	/** The most frequent ones, most frequent first; those as frequent by their names. */
	finish(): Confusion[] {
		const all: Confusion[] = []
		for (const [actual, row] of this.#misses)
			for (const [predicted, posts] of row) all.push({ actual, predicted, posts })
		return all.sort(compare).slice(0, MAX_CONFUSIONS)
	}
}

function compare(a: Confusion, b: Confusion): number {
	if (a.posts !== b.posts) return b.posts - a.posts
	const [nameA, nameB] = [`${a.actual} ${a.predicted}`, `${b.actual} ${b.predicted}`]
	return nameA < nameB ? -1 : 1
}
