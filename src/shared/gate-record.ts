// The verdict on one release over another: a file of public/models/gates, which goes into git with the release.
import * as v from 'valibot'
import { GateVerdict } from './comparison-report.ts'
import { TestPosts } from './metrics.ts'
import { Count, Instant, ReleaseVersion, Sha256 } from './schema-parts.ts'

/** A release by the digest of its manifest, which names everything else by digest. */
const GatedRelease = v.object({ version: ReleaseVersion, manifest: Sha256 })
export type GatedRelease = v.InferOutput<typeof GatedRelease>

export const GateRecord = v.object({
	schema: v.literal(1),
	at: Instant,
	/** The one that wants to be served, and the one that was in production then. */
	release: GatedRelease,
	against: GatedRelease,
	/** What it was decided on. */
	testSet: v.string(),
	...TestPosts,
	/** The first verdicts lack it: they are of a split by time. */
	split: v.exactOptional(TestPosts.split),
	posts: Count,
	verdict: GateVerdict,
	/** The number of the comparison that has all figures. */
	execution: Count,
})
export type GateRecord = v.InferOutput<typeof GateRecord>
