// A line of exported feedback (JSON Lines): what was shown to a person, and what they picked.
import * as v from 'valibot'
import { SUGGESTION_COUNT } from './calibration.ts'
import { ChannelName } from './releases.ts'
import { Instant, ReleaseVersion, SubredditName, UnitInterval } from './schema-parts.ts'

/** The longest title that is kept, in UTF-16 units; Reddit's own limit is 300 characters. */
export const MAX_TITLE_LENGTH = 1_200

/** How far ahead of ours a clock may be: a day, because some show their local time as UTC. */
export const MAX_CLOCK_LEAD_MS = 24 * 60 * 60 * 1000

/** As a person wrote it, but well-formed and on one line: pages have exported other titles too. */
const Title = v.pipe(
	v.string(),
	v.minLength(1),
	v.maxLength(MAX_TITLE_LENGTH),
	v.transform((title) => title.replace(/\p{Surrogate}/gu, '\ufffd').replace(/\p{Cc}/gu, ' ')),
)

const Pick = v.variant('how', [
	v.object({
		how: v.literal('suggestion'),
		/** 1 is the first suggestion. */
		rank: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SUGGESTION_COUNT)),
		subreddit: SubredditName,
	}),
	/** Found among the labels of the release. */
	v.object({ how: v.literal('search'), subreddit: SubredditName }),
	/** One that the release has not learnt: shown beside the suggestions, or found by its name in the index of such. */
	v.object({ how: v.literal('unseen'), subreddit: SubredditName }),
	/** Typed by hand: perhaps a subreddit that no release knows yet. */
	v.object({ how: v.literal('typed'), subreddit: SubredditName }),
	/** None of these, and no better one named. */
	v.object({ how: v.literal('none') }),
])
export type Pick = v.InferOutput<typeof Pick>

export const Feedback = v.pipe(
	v.object({
		schema: v.literal(1),
		/** The same in any case. */
		id: v.pipe(v.string(), v.uuid('expected a UUID'), v.toLowerCase()),
		time: Instant,
		title: Title,
		suggestions: v.pipe(
			v.array(v.object({ subreddit: SubredditName, probability: UnitInterval })),
			v.maxLength(SUGGESTION_COUNT),
		),
		/** What stood beside them that the release has not learnt; 0 where its probability was not measured. Absent where nothing did. */
		unseen: v.exactOptional(
			v.pipe(
				v.array(v.object({ subreddit: SubredditName, probability: UnitInterval })),
				v.maxLength(SUGGESTION_COUNT),
			),
		),
		pick: Pick,
		release: ReleaseVersion,
		channel: ChannelName,
		/** Version of the page. */
		app: v.pipe(v.string(), v.maxLength(40)),
	}),
	v.check(
		({ pick, suggestions }) =>
			pick.how !== 'suggestion' || suggestions[pick.rank - 1]?.subreddit === pick.subreddit,
		'the pick is not the suggestion at its rank',
	),
)
export type Feedback = v.InferOutput<typeof Feedback>
