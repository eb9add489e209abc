// What the API takes and answers; its OpenAPI document is made from these.
import * as v from 'valibot'
import { SUGGESTION_COUNT } from '../../../src/shared/calibration.ts'
import { DOUBTS } from '../../../src/shared/doubt.ts'
import { ChannelName } from '../../../src/shared/releases.ts'
import { ReleaseVersion, UnitInterval } from '../../../src/shared/schema-parts.ts'

const MAX_TITLES = 1_000
/** Ten times what Reddit allows: titles with HTML entities fit. */
const MAX_TITLE_LENGTH = 3_000
/** 1,000 titles of Reddit's 300 characters fit, however JSON writes them. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024

export const PredictRequest = v.strictObject({
	titles: v.pipe(
		v.array(v.pipe(v.string(), v.maxLength(MAX_TITLE_LENGTH))),
		v.minLength(1),
		v.maxLength(MAX_TITLES),
		v.description('Titles as people write them'),
	),
	release: v.exactOptional(
		v.pipe(
			v.union([ChannelName, ReleaseVersion]),
			v.description('A channel or a version (default: production)'),
		),
	),
	typing: v.exactOptional(
		v.pipe(
			v.boolean(),
			v.description(
				"Whether each title's last word is unfinished, unless a space or a punctuation mark ends it (default: false)",
			),
		),
	),
})
export type PredictRequest = v.InferOutput<typeof PredictRequest>

export const PredictAnswers = v.pipe(
	v.array(
		v.strictObject({
			title: v.string(),
			known: v.pipe(
				v.boolean(),
				v.description('Whether the model knows a word of the title, so that there are suggestions'),
			),
			unknownWords: v.pipe(
				v.array(v.string()),
				v.description('Words of the title that the model has not learnt, normalised'),
			),
			suggestions: v.pipe(
				v.array(
					v.strictObject({
						subreddit: v.string(),
						probability: v.pipe(
							UnitInterval,
							v.description('Calibrated: of 100 suggestions with 0.3, about 30 are right'),
						),
					}),
				),
				v.maxLength(SUGGESTION_COUNT),
				v.description('Most probable first'),
			),
			doubt: v.pipe(
				v.nullable(v.picklist(DOUBTS)),
				v.description(
					'Why the suggestions are more of a guess: the model can read little of the title, or no subreddit stands out',
				),
			),
			unseen: v.pipe(
				v.array(v.string()),
				v.description('Subreddits that the model has not learnt but whose description fits'),
			),
		}),
	),
	v.description('One for each title, in the order of the titles'),
)

export const PredictResponse = v.strictObject({
	release: v.pipe(ReleaseVersion, v.description('The release that answered')),
	answers: PredictAnswers,
})

/** RFC 9457. With `about:blank` the status says what kind of problem it is, and the title is its phrase. */
export const Problem = v.strictObject({
	type: v.literal('about:blank'),
	title: v.string(),
	status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
	detail: v.string(),
})
export type Problem = v.InferOutput<typeof Problem>
