// A release's manifest: immutable, and enough to say which posts, which code and which parameters made it.
import * as v from 'valibot'
import { Calibration } from './calibration.ts'
import { Metrics, SplitKind } from './metrics.ts'
import { Prior } from './prior.ts'
import { Count, FileName, Instant, Parameters, ReleaseVersion, Sha256 } from './schema-parts.ts'

/** The largest model that a page accepts, in bytes, packed and unpacked. */
export const MAX_MODEL_BYTES = 64 * 1024 * 1024
export const MAX_DECODED_MODEL_BYTES = 256 * 1024 * 1024

const Size = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(max))

export const Manifest = v.object({
	schema: v.literal(1),
	version: ReleaseVersion,
	created: Instant,
	model: v.object({
		file: FileName,
		/** Bytes and digest of the file as it goes over the wire. */
		bytes: Size(MAX_MODEL_BYTES),
		sha256: Sha256,
		/** How the file is packed; a page takes it packed in another way too, and goes by the unpacked model's digest. */
		encoding: v.picklist(['identity', 'gzip']),
		/** Bytes and digest of the fastText file after decoding. */
		decodedBytes: Size(MAX_DECODED_MODEL_BYTES),
		decodedSha256: Sha256,
	}),
	/** The evaluation with its figures for each subreddit. */
	report: v.object({ file: FileName, bytes: Size(MAX_MODEL_BYTES), sha256: Sha256 }),
	labels: Count,
	/** How the model reads titles (`readingVersion`): a page refuses a way that it does not know. */
	normalizer: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	loss: v.picklist(['hs', 'ns', 'softmax', 'ova']),
	parameters: Parameters,
	calibration: Calibration,
	/** How much likelier each label is than the training posts say; releases of before there was one lack it. */
	prior: v.exactOptional(Prior),
	/** Measured on the released file, quantised as it is. */
	metrics: v.object({
		...Metrics.entries,
		split: SplitKind,
		testFrom: Instant,
		testUntil: Instant,
	}),
	data: v.object({
		snapshot: Sha256,
		posts: Count,
		subreddits: Count,
		from: Instant,
		until: Instant,
	}),
	code: v.object({ commit: v.string(), dirty: v.boolean() }),
	/** The executions that made it, in order: snapshot, train, quantize, evaluate. */
	executions: v.array(Count),
})
export type Manifest = v.InferOutput<typeof Manifest>
