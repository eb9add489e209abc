// The parameters of a snapshot as they are recorded. Pure.
import * as v from 'valibot'
import { Count, Instant } from '../../../src/shared/schema-parts.ts'
import { FeedbackParameters } from '../feedback/parameters.ts'
import { POLICY_RULES } from './apply-policy.ts'
import { SnapshotParameters } from './parameters.ts'
import { formatDay, isByTime } from './split.ts'

/** An instant; as the parameters file has it, in Unix seconds. Null: open. */
const Moment = v.optional(
	v.nullable(v.union([v.pipe(v.number(), v.transform(toInstant)), Instant])),
	null,
)

/** All of them, with what is left out of the parameters file. Those that contradict each other are refused, whatever the posts are. */
export const RecordedParameters = v.pipe(
	v.strictObject({
		...SnapshotParameters.entries,
		...{ from: Moment, until: Moment, testFrom: Moment, testUntil: Moment },
		// Records from before there was a policy say nothing of it.
		policy: v.optional(v.picklist(POLICY_RULES), 'off'),
		...FeedbackParameters.entries,
		/** 0: picks have no part in it. */
		feedbackWeight: v.optional(Count, 0),
	}),
	v.rawCheck(({ dataset, addIssue }) => {
		const problem = dataset.typed ? findContradiction(dataset.value) : null
		if (problem !== null) addIssue({ message: problem })
	}),
)
export type RecordedParameters = Readonly<v.InferOutput<typeof RecordedParameters>>

type Windows<Time> = Readonly<Record<'from' | 'until' | 'testFrom' | 'testUntil', Time | null>>

/** In Unix seconds, as the posts are dated. */
export function readWindows({
	from,
	until,
	testFrom,
	testUntil,
}: Windows<string>): Windows<number> {
	return {
		...{ from: toSeconds(from), until: toSeconds(until) },
		...{ testFrom: toSeconds(testFrom), testUntil: toSeconds(testUntil) },
	}
}

export function toSeconds(instant: string | null): number | null {
	return instant === null ? null : Date.parse(instant) / 1000
}

function toInstant(seconds: number): string {
	return new Date(seconds * 1000).toISOString()
}

/** Names the flag that is wrong. */
function findContradiction(
	recorded: Omit<SnapshotParameters, keyof Windows<string>> & Windows<string>,
): string | null {
	const { from, until, testFrom, testUntil } = readWindows(recorded)
	const { split, testShare, validationShare, minPosts, maxPosts, maxShare } = recorded
	if (!isByTime(recorded) && (testFrom !== null || testUntil !== null))
		return `--test-from and --test-until are for --split time; leave them out with --split ${split}`
	const ends = { '--until': until, '--test-from': testFrom, '--test-until': testUntil }
	for (const [flag, end] of Object.entries(ends))
		if (from !== null && end !== null && end <= from)
			return `training window is empty: ${flag} ${formatDay(end)} is not after --from ${formatDay(from)}`
	if (until !== null && testFrom !== null && testFrom < until)
		return `test window starts in the training window: --test-from ${formatDay(testFrom)} is before --until ${formatDay(until)}`
	const testStart = testFrom ?? until
	if (testStart !== null && testUntil !== null && testUntil <= testStart)
		return `test window is empty: --test-until ${formatDay(testUntil)} is not after ${formatDay(testStart)}, where it starts`
	if (testShare <= 0 || testShare >= 1)
		return `--test-share is ${testShare}; it must be between 0 and 1`
	if (validationShare >= 1) return `--validation-share is ${validationShare}; it must be below 1`
	if (maxPosts !== null && maxPosts < minPosts)
		return `--max-posts ${maxPosts} is below --min-posts ${minPosts}`
	return maxShare === 0 ? '--max-share is 0; it must be above' : null
}
