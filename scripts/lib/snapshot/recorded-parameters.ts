// The parameters of a snapshot as they are recorded, and the options that they stand for. Pure.
import * as v from 'valibot'
import { Count, Instant } from '../../../src/shared/schema-parts.ts'
import { FeedbackParameters } from '../feedback/parameters.ts'
import { POLICY_RULES } from './apply-policy.ts'
import { SnapshotParameters } from './parameters.ts'
import type { SnapshotOptions } from './snapshot.ts'

/** An instant; as the parameters file has it, in Unix seconds. Null: open. */
const Moment = v.optional(
	v.nullable(v.union([v.pipe(v.number(), v.transform(toInstant)), Instant])),
	null,
)
/** All of them, with what is left out of the parameters file. */
export const RecordedParameters = v.strictObject({
	...SnapshotParameters.entries,
	...{ from: Moment, until: Moment, testFrom: Moment, testUntil: Moment },
	// Records of before there was a policy say nothing of it.
	policy: v.optional(v.picklist(POLICY_RULES), 'off'),
	...FeedbackParameters.entries,
	/** 0: picks have no part in it. */
	feedbackWeight: v.optional(Count, 0),
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
