// A release's manifest: immutable, and enough to say which posts, which code and which parameters made it.
import * as v from 'valibot'
import { Calibration } from './calibration.ts'
import { Metrics, TestPosts } from './metrics.ts'
import { Prior } from './prior.ts'
import { Reranker } from './reranker.ts'
import { Count, FileName, Instant, Parameters, ReleaseVersion, Sha256 } from './schema-parts.ts'
import { FactsFile } from './subreddit-facts.ts'
import { TailFileRecord, UnseenFile } from './unseen.ts'

/** The largest model that a page accepts, in bytes, packed and unpacked. */
export const MAX_MODEL_BYTES = 64 * 1024 * 1024
export const MAX_DECODED_MODEL_BYTES = 256 * 1024 * 1024

/** `whichsub-4` is the packing of src/model/packed; releases until 20261130.4 have the older ones, 2 and 3 with a table of evidence. */
export const MODEL_ENCODINGS = [
	'identity',
	'gzip',
	'whichsub-1',
	'whichsub-2',
	'whichsub-3',
	'whichsub-4',
] as const

const Size = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(max))

const Common = v.object({
	version: ReleaseVersion,
	created: Instant,
	model: v.object({
		file: FileName,
		/** Bytes and digest of the file as it goes over the wire. */
		bytes: Size(MAX_MODEL_BYTES),
		sha256: Sha256,
		/** How the file is packed; a page takes it packed in another way too, and goes by the unpacked model's digest. */
		encoding: v.picklist(MODEL_ENCODINGS),
		/** Bytes and digest of the fastText file after decoding. */
		decodedBytes: Size(MAX_DECODED_MODEL_BYTES),
		decodedSha256: Sha256,
	}),
	/** The evaluation with its figures for each subreddit. */
	report: v.object({ file: FileName, bytes: Size(MAX_MODEL_BYTES), sha256: Sha256 }),
	labels: Count,
	/** How the model reads titles (`readingVersion`): a page refuses a way that it does not know. */
	normalizer: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
	/** Subreddits that the model has not learnt; releases from before there was an index lack it. */
	unseen: v.exactOptional(UnseenFile),
	/** Members and telling words of each subreddit that it has learnt; releases from before there were any lack it. */
	facts: v.exactOptional(FactsFile),
	/** All of these that fit, for a search on request; absent where the index holds all, and in releases from before there was one. */
	tail: v.exactOptional(TailFileRecord),
	loss: v.picklist(['hs', 'ns', 'softmax', 'ova']),
	calibration: Calibration,
	/** How much likelier each label is than the training posts say; releases from before there was one lack it. */
	prior: v.exactOptional(Prior),
	/** Corrects the order of a title's best labels; releases from before there was one lack it. */
	reranker: v.exactOptional(Reranker),
	/** Measured on the released file, quantised as it is. */
	metrics: v.object({
		...Metrics.entries,
		...TestPosts,
	}),
	data: v.object({
		snapshot: Sha256,
		posts: Count,
		subreddits: Count,
		from: Instant,
		until: Instant,
	}),
	code: v.object({ commit: v.string(), dirty: v.boolean() }),
})

const Newest = v.object({
	schema: v.literal(2),
	...Common.entries,
	/** The recipes: the engine and all parameters of the training, and those of the quantizing. */
	training: Parameters,
	quantizing: Parameters,
	/** The executions that made it, by name, in order: snapshot, train, quantize, evaluate. */
	executions: v.array(v.string()),
	/**
	 * Whose figures, report and calibration these are: those of a twin, the same recipe trained on posts from before the test, as
	 * this model has learnt the test posts, too. Absent where the model itself was measured.
	 */
	twin: v.exactOptional(
		v.object({
			/** The twin's evaluation. */
			execution: v.string(),
			snapshot: Sha256,
			/** The twin's training posts were created before this instant; so were test posts where the split is `newest`. */
			trainedUntil: Instant,
		}),
	),
})

/** Begins the names of the quantizer's parameters in schema 1, which had both recipes in one. */
const QUANTIZER_PREFIX = 'quantize.'

const First = v.pipe(
	v.object({
		schema: v.literal(1),
		...Common.entries,
		parameters: Parameters,
		/** By number. */
		executions: v.array(Count),
	}),
	v.transform(({ parameters, executions, ...kept }): v.InferOutput<typeof Newest> => {
		const training: Parameters = {}
		const quantizing: Parameters = {}
		for (const [name, value] of Object.entries(parameters))
			if (name.startsWith(QUANTIZER_PREFIX)) quantizing[name.slice(QUANTIZER_PREFIX.length)] = value
			else training[name] = value
		return { ...kept, schema: 2, training, quantizing, executions: executions.map(String) }
	}),
)

/** Of schema 2, or of schema 1 as the first releases have it: read as one of schema 2. */
export const Manifest = v.variant('schema', [Newest, First])
export type Manifest = v.InferOutput<typeof Manifest>

/** What is written. */
export const NewManifest = Newest
