// What whichsub.yaml says about which subreddits may be suggested.
import * as v from 'valibot'
import { SubredditName } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { count } from '../parameter-parts.ts'
import { readSection } from '../yaml.ts'

export const PolicyParameters = v.strictObject({
	listedDays: v.optional(
		count(
			'A subreddit counts as gone if the newest list is more than this many days newer than the last one that names it.',
		),
		366,
	),
	postDays: v.optional(
		count(
			'It does not count as gone if it has a post within this many days before the newest post of all.',
		),
		366,
	),
	never: v.pipe(
		v.optional(v.nullish(v.record(SubredditName, v.string()), {}), {}),
		v.description('Subreddits that are never suggested, each with its reason.'),
	),
	keep: v.pipe(
		v.optional(v.nullish(v.record(SubredditName, v.string()), {}), {}),
		v.description(
			'Subreddits that stay in spite of a term or of a missing line in a list, each with its reason.',
		),
	),
})
export type PolicyParameters = v.InferOutput<typeof PolicyParameters>

/** The section `policy` alone: the file's other sections are those of rooms above this one. */
export function readPolicyParameters({
	parametersFile: { path },
}: Pick<Effects, 'parametersFile'>): Promise<PolicyParameters> {
	return readSection('policy', PolicyParameters, path)
}
