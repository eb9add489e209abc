// comparison.json: two models on the same posts. Figures only; what `compare` writes and charts draw.
import * as v from 'valibot'
import { Metrics, TestPosts } from './metrics.ts'
import { PriorStrengths } from './prior.ts'
import { Bins, Estimate, JudgedRule } from './report-parts.ts'
import { Count, Instant, SubredditName, UnitInterval } from './schema-parts.ts'

const Finite = v.pipe(v.number(), v.finite())
const Difference = v.pipe(v.number(), v.minValue(-1), v.maxValue(1))

/** The second model's share of hits minus the first's, on the same posts. */
const PairedDifference = {
	difference: Difference,
	/** An interval that holds the true difference in 95 of 100 cases. */
	low: Difference,
	high: Difference,
	/** How probable a difference at least as large would be between models that are equally good. */
	p: UnitInterval,
}

const Measured = v.object({
	name: v.string(),
	metrics: Metrics,
	/** Absent as in an evaluation's report. */
	prior: v.exactOptional(PriorStrengths),
})

/** f1 of first suggestions, with both models. */
const F1Change = v.object({
	label: SubredditName,
	posts: Count,
	a: UnitInterval,
	b: UnitInterval,
})
export type F1Change = v.InferOutput<typeof F1Change>

/** A share of all first suggestions, with both models. */
const FirstShare = v.object({ label: SubredditName, a: UnitInterval, b: UnitInterval })
export type FirstShare = v.InferOutput<typeof FirstShare>

/** Changes of f1, subreddit by subreddit. */
const F1Spread = v.object({
	/** 41 bins over [-1.025, 1.025], so that one of them lies around zero. */
	bins: v.pipe(
		Bins,
		v.check(({ counts }) => counts.length % 2 === 1, 'expected an odd number of bins'),
	),
	subreddits: Count,
	/** The share of the subreddits whose f1 changed by at most 0.2. */
	within20: UnitInterval,
	/** Standard deviation of the changes around zero: the root of their mean square. */
	deviation: v.pipe(Finite, v.minValue(0)),
})
export type F1Spread = v.InferOutput<typeof F1Spread>

const F1Changes = v.object({
	...F1Spread.entries,
	/**
	 * The same between two random halves of the test posts, both asked of B: one model, one month. What is as wide as this
	 * would be so without any change. Null where there are too few posts.
	 */
	chance: v.nullable(F1Spread),
	/**
	 * The same where each post's first suggestions of A and B are swapped by chance: how wide the changes of two equally good
	 * models are that differ as often as these two.
	 */
	swapped: F1Spread,
})
export type F1Changes = v.InferOutput<typeof F1Changes>

const GroupRecall = v.object({ a: UnitInterval, b: UnitInterval, ...PairedDifference })

/** Subreddits that are watched together, as the parameters name them. */
const GroupComparison = v.object({
	name: v.string(),
	/** Those that occur in the test posts. */
	labels: v.array(SubredditName),
	posts: v.pipe(Count, v.minValue(1)),
	'recall@1': GroupRecall,
	'recall@5': GroupRecall,
})
export type GroupComparison = v.InferOutput<typeof GroupComparison>

/** How much the suggestions of A and B differ, whoever is right. */
const Churn = v.object({
	/** As in `test posts of snapshot 1a2b3c4d` or `posts of 2013-05`. */
	name: v.string(),
	/** Whether these are the posts that the figures are measured on, or older ones. */
	kind: v.picklist(['test', 'history']),
	from: Instant,
	until: Instant,
	posts: v.pipe(Count, v.minValue(1)),
	/** Share of the posts whose first suggestion is another one. */
	first: Estimate,
	/** Mean share of the five suggestions that are others, whatever their order. */
	five: Estimate,
})
export type Churn = v.InferOutput<typeof Churn>

/** A rule of the gate; `value` is null where there was nothing to measure it on, which does not pass. */
const GateRule = v.object({ ...JudgedRule.entries, value: v.nullable(Finite) })
export type GateRule = v.InferOutput<typeof GateRule>

export const GateVerdict = v.pipe(
	v.object({ passed: v.boolean(), rules: v.pipe(v.array(GateRule), v.minLength(1)) }),
	v.check(
		({ passed, rules }) => passed === rules.every((rule) => rule.passed),
		'expected passed to be true where every rule is',
	),
)
export type GateVerdict = v.InferOutput<typeof GateVerdict>

export const ComparisonReport = v.object({
	schema: v.literal(1),
	testSet: v.string(),
	...TestPosts,
	/** The one that is there, and the one that may replace it. */
	a: Measured,
	b: Measured,
	'recall@1': v.object(PairedDifference),
	'recall@5': v.object(PairedDifference),
	/** About `b`, by recall@5. */
	verdict: v.picklist(['better', 'worse', 'no clear difference']),
	/** Test posts that a subreddit needs to be among those that gained or lost, and in `f1Changes`. */
	minPosts: Count,
	/** Largest change of f1 first, ten at most. */
	gained: v.array(F1Change),
	lost: v.array(F1Change),
	/** Whose share of all first suggestions moved most: largest rise first, then largest fall; ten at most of each. */
	risen: v.array(FirstShare),
	fallen: v.array(FirstShare),
	/** By name: each that occurs in the test posts or is suggested first by one of the two. */
	subreddits: v.array(v.object({ ...F1Change.entries, predictedA: Count, predictedB: Count })),
	/** Null where no subreddit has `minPosts` test posts. */
	f1Changes: v.nullable(F1Changes),
	groups: v.array(GroupComparison),
	/** Groups of the parameters of which no test post is. */
	emptyGroups: v.array(v.string()),
	/** Labels that only B has, and only A; with their test posts. */
	came: v.array(v.object({ label: SubredditName, posts: Count })),
	went: v.array(v.object({ label: SubredditName, posts: Count })),
	/** The test posts first, then older ones. */
	churn: v.pipe(v.array(Churn), v.minLength(1)),
	/** Where it was asked for. */
	gate: v.exactOptional(GateVerdict),
	/** Models that may have seen these posts in training: figures that flatter. */
	warnings: v.array(v.string()),
})
export type ComparisonReport = v.InferOutput<typeof ComparisonReport>
