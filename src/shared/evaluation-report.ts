// A release's report.json: one evaluation with its figures for each subreddit. The manifest names it by digest.
import * as v from 'valibot'
import { Metrics, TestPosts } from './metrics.ts'
import { PriorStrengths } from './prior.ts'
import { Estimate, P1Bins } from './report-parts.ts'
import { Count, Instant, SubredditName, UnitInterval } from './schema-parts.ts'

/** The most pairs of subreddits that a report lists. */
export const MAX_CONFUSIONS = 50

/** More weeks than Reddit is old. */
const MAX_WEEKS = 2_000

const BasicFigures = {
	label: SubredditName,
	/** Test posts of this subreddit. */
	posts: Count,
	/** Those with the right first suggestion, and with the right one among five. */
	hits1: Count,
	hits5: Count,
	/** How often it was suggested first. */
	predicted: Count,
	/** Of the first suggestions; 0 where there is nothing to divide by. */
	precision: UnitInterval,
	recall: UnitInterval,
	f1: UnitInterval,
}

const SubredditFigures = v.object({
	...BasicFigures,
	/** Mean p@1 of the titles that it was suggested first for; 0 where there are none. */
	meanP1: UnitInterval,
})
export type SubredditFigures = v.InferOutput<typeof SubredditFigures>

/** Posts of one subreddit whose first suggestion was another one. */
const Confusion = v.object({ actual: SubredditName, predicted: SubredditName, posts: Count })
export type Confusion = v.InferOutput<typeof Confusion>

/** Figures of the posts of seven days. */
const WeekFigures = v.object({
	/** The week's begin: weeks are counted from the day of the first post. */
	from: Instant,
	posts: Count,
	'recall@1': UnitInterval,
	'recall@5': UnitInterval,
	meanP1: UnitInterval,
})
export type WeekFigures = v.InferOutput<typeof WeekFigures>

/** Words of all titles, each time they stand there. */
const WordFigures = v.object({
	known: Count,
	unknown: Count,
	/** Unknown ones of all; the interval knows that words come in titles. */
	unknownShare: Estimate,
})
export type WordFigures = v.InferOutput<typeof WordFigures>

const Measured = {
	metrics: Metrics,
	...TestPosts,
}

const Basics = {
	...Measured,
	/** Posts whose title has no word that the model knows. They count as misses. */
	unknownTitlePosts: Count,
}

export const EvaluationReport = v.object({
	schema: v.literal(2),
	...Basics,
	p1: v.object({ bins: P1Bins }),
	/** Most frequent first. */
	confusions: v.pipe(v.array(Confusion), v.maxLength(MAX_CONFUSIONS)),
	/**
	 * In their order, those without a post left out; none where it is not known when the posts were created, nor of the newest
	 * posts of each subreddit.
	 */
	weeks: v.pipe(v.array(WeekFigures), v.maxLength(MAX_WEEKS)),
	words: WordFigures,
	/** The prior behind the suggestions; absent where there was none, and in reports from before 26 November 2026. */
	prior: v.exactOptional(PriorStrengths),
	/** The size of the reranker behind the suggestions; absent if there was none, and in reports from before 20261130.5. */
	reranker: v.exactOptional(
		v.object({ hiddenUnits: Count, temperature: v.pipe(v.number(), v.finite()) }),
	),
	/**
	 * A model of the same recipe whose posts were split in another way, to stand beside this one: a random split flatters.
	 */
	beside: v.exactOptional(
		v.object({
			/** As in `execution #12`. */
			name: v.string(),
			...Measured,
		}),
	),
	/** By name, for each subreddit that occurs in the posts or is suggested first. */
	subreddits: v.array(SubredditFigures),
})
export type EvaluationReport = v.InferOutput<typeof EvaluationReport>

/** The first releases have it. */
const FirstEvaluationReport = v.object({
	schema: v.literal(1),
	...Basics,
	subreddits: v.array(v.object(BasicFigures)),
})

/** A report as it lies beside a release, whichever commands wrote it. */
export const StoredEvaluationReport = v.variant('schema', [FirstEvaluationReport, EvaluationReport])
export type StoredEvaluationReport = v.InferOutput<typeof StoredEvaluationReport>
