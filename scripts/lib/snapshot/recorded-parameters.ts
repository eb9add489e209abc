// The parameters of a snapshot as they are recorded, and the options that they stand for. Pure.
import * as v from 'valibot'
import { Count, Instant, UnitInterval } from '../../../src/shared/schema-parts.ts'
import { DEFAULT_FEEDBACK_LIMITS, SUSPICIONS } from '../feedback/limits.ts'
import { POLICY_RULES } from './apply-policy.ts'
import { REPOST_RULES } from './compose.ts'
import type { SnapshotOptions } from './snapshot.ts'
import { SPLIT_CHOICES } from './split.ts'

/** An instant; as the parameters file has it, in Unix seconds. Null: open. */
const Moment = v.optional(
	v.nullable(v.union([v.pipe(v.number(), v.transform(toInstant)), Instant])),
	null,
)
const Positive = v.pipe(Count, v.minValue(1))
const Factor = v.pipe(v.number(), v.finite(), v.gtValue(0))
const LIMITS = DEFAULT_FEEDBACK_LIMITS

/** All of them, with what is left out of the parameters file. */
export const RecordedParameters = v.strictObject({
	/** How training and test posts are divided. */
	split: v.optional(v.picklist(SPLIT_CHOICES), 'auto'),
	from: Moment,
	until: Moment,
	testFrom: Moment,
	testUntil: Moment,
	testShare: v.optional(UnitInterval, 0.1),
	validationShare: v.optional(UnitInterval, 0.02),
	testPosts: v.optional(Positive, 8),
	validationPosts: v.optional(Positive, 2),
	minPosts: v.optional(Positive, 30),
	maxPosts: v.optional(v.nullable(Positive), null),
	maxShare: v.optional(v.nullable(UnitInterval), null),
	olderPosts: v.optional(Count, 0),
	about: v.optional(v.boolean(), false),
	reposts: v.optional(v.picklist(REPOST_RULES), 'keep'),
	// Records of before there was a policy say nothing of it.
	policy: v.optional(v.picklist(POLICY_RULES), 'off'),
	seed: v.optional(Count, 1),
	/** Lines of the training file that a picked title becomes; 0: picks have no part in it. */
	feedbackWeight: v.optional(Count, 0),
	feedbackTestShare: v.optional(UnitInterval, 0),
	feedbackPerPost: v.optional(Factor, LIMITS.feedbackPerPost),
	feedbackFileShare: v.optional(UnitInterval, LIMITS.feedbackFileShare),
	feedbackShare: v.optional(UnitInterval, LIMITS.feedbackShare),
	feedbackInclude: v.optional(v.array(v.picklist(SUSPICIONS)), [...LIMITS.feedbackInclude]),
	labelsFromFeedback: v.optional(v.boolean(), false),
})
export type RecordedParameters = Readonly<v.InferOutput<typeof RecordedParameters>>

export function toOptions(recorded: RecordedParameters): SnapshotOptions {
	const { feedbackWeight: _, from, until, testFrom, testUntil, ...same } = recorded
	return {
		...same,
		...{ from: toSeconds(from), until: toSeconds(until) },
		...{ testFrom: toSeconds(testFrom), testUntil: toSeconds(testUntil) },
	}
}

/** @param feedbackWeight lines that a picked title becomes */
export function toRecorded(options: SnapshotOptions, feedbackWeight = 0): RecordedParameters {
	const { feedback: _, overridden: __, ...given } = options
	return v.parse(RecordedParameters, { ...given, feedbackWeight })
}

function toSeconds(instant: string | null): number | null {
	return instant === null ? null : Date.parse(instant) / 1000
}

function toInstant(seconds: number): string {
	return new Date(seconds * 1000).toISOString()
}
