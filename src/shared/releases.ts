// releases.json: channels, releases, history; the only file of a models folder that ever changes.
import * as v from 'valibot'
import { PublishedFigures } from './published-figures.ts'
import { ReleaseLocation } from './release-location.ts'
import {
	Count,
	Instant,
	ReleaseVersion,
	Sha256,
	SubredditName,
	UnitInterval,
} from './schema-parts.ts'

export const ChannelName = v.picklist(['production', 'staging', 'canary'])
export type ChannelName = v.InferOutput<typeof ChannelName>

const Version = v.nullable(ReleaseVersion)

/** Why a channel or a release changed. */
export const Why = v.pipe(v.string(), v.maxLength(500, 'expected at most 500 characters'))

export const Releases = v.pipe(
	v.object({
		/** 2 where a release lies elsewhere: pages from before there were such releases then say that they are too old. */
		schema: v.picklist([1, 2]),
		channels: v.object({
			production: Version,
			staging: Version,
			/** The share of visitors who get the canary's release in place of production's. */
			canary: v.nullable(v.object({ version: ReleaseVersion, share: UnitInterval })),
		}),
		releases: v.array(
			v.object({
				version: ReleaseVersion,
				manifest: v.object({ bytes: Count, sha256: Sha256 }),
				/** Since when only its manifest and its report are kept: it can be read about, and not be served. */
				pruned: v.exactOptional(Instant),
				/**
				 * The folder of its model and of what is served with it, at another origin; absent: they lie beside its manifest. The
				 * manifest and the report always lie beside the page. Nothing there is trusted: the manifest has the digests.
				 */
				location: v.exactOptional(ReleaseLocation),
			}),
		),
		/** Oldest first. */
		history: v.array(
			v.object({
				at: Instant,
				channel: ChannelName,
				from: Version,
				to: Version,
				/** A rollback takes back the channel's newest promotion that still holds. */
				action: v.picklist(['promote', 'rollback']),
				share: v.optional(UnitInterval),
				/** A promotion to production without a passed gate. */
				forced: v.optional(v.literal(true)),
				why: Why,
			}),
		),
		/**
		 * Subreddits that no release suggests or names any more, whatever it has learnt: a policy that changed after it was made.
		 * Alphabetical, in any case.
		 */
		withheld: v.exactOptional(v.array(v.object({ name: SubredditName, at: Instant, why: Why }))),
		/** Comparisons and drift that the page shows, oldest first; files from before there were any lack it. */
		figures: v.exactOptional(v.array(PublishedFigures)),
	}),
	v.check(
		({ channels, releases }) =>
			[channels.production, channels.staging, channels.canary?.version].every(
				(version) => version == null || releases.some((release) => release.version === version),
			),
		'a channel names a release that is not listed',
	),
	v.check(
		({ channels, releases }) =>
			!releases.some(({ version, pruned }) => pruned !== undefined && isServed(channels, version)),
		'a channel names a release whose model was pruned',
	),
	v.check(
		({ releases }) =>
			!releases.some(({ pruned, location }) => pruned !== undefined && location !== undefined),
		'a release that was pruned has a location',
	),
	v.check(
		({ schema, releases }) => schema === schemaOf(releases),
		'releases have locations in schema 2, and only there',
	),
)
export type Releases = v.InferOutput<typeof Releases>

/** The schema of a file that lists these. */
export function schemaOf(releases: readonly { readonly location?: string }[]): 1 | 2 {
	return releases.some(({ location }) => location !== undefined) ? 2 : 1
}

/** The names that are withheld, in lower case. */
export function withheldNames({ withheld = [] }: Pick<Releases, 'withheld'>): string[] {
	return withheld.map(({ name }) => name.toLowerCase())
}

/** Whether any channel serves a version. */
function isServed(
	{
		production,
		staging,
		canary,
	}: { production: string | null; staging: string | null; canary: { version: string } | null },
	version: string,
): boolean {
	return [production, staging, canary?.version].includes(version)
}

export const RELEASES_FILE = 'releases.json'
export const MANIFEST_FILE = 'manifest.json'

/** The version that a channel serves, or null where it serves none. */
export function channelVersion(releases: Releases, channel: ChannelName): ReleaseVersion | null {
	if (channel === 'canary') return releases.channels.canary?.version ?? null
	return releases.channels[channel]
}

/**
 * The channel that a visitor is on.
 *
 * @param ticket the visitor's own number in [0, 1), drawn once and kept: a visitor stays in or out of a canary
 */
export function channelForVisitor(releases: Releases, ticket: number): ChannelName {
	const { canary } = releases.channels
	return canary && ticket < canary.share ? 'canary' : 'production'
}
