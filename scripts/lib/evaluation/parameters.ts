// What the parameters file says about evaluations.
import * as v from 'valibot'
import { count } from '../parameter-parts.ts'

export const EvaluationParameters = v.strictObject({
	minPosts: v.optional(
		count(
			'Test posts that a subreddit needs to be listed by itself: with fewer, one post more or less would move its f1 by more than 0.05.',
		),
		20,
	),
})
