// The kinds of artefacts that steps make: posts → snapshot → model → quantized → candidate → evaluation → comparison → release. The names
// of each kind's files stand only here. Pure.
import * as v from 'valibot'
import { Count, Sha256 } from '../../../src/shared/schema-parts.ts'
import { sha256 } from '../files.ts'

export const ARTIFACT_KINDS = [
	/** The database, from which a snapshot reads. */
	'posts',
	/** People's picks on the page, as imported into the database. */
	'picks',
	/** Files of posts, as `ingest` reads them. */
	'dumps',
	'snapshot',
	/** A trained model, with full precision. */
	'model',
	'quantized',
	/** A model with its reranker, its prior and its calibration: everything from which a release makes suggestions. */
	'candidate',
	'evaluation',
	'comparison',
	'drift',
	/** The measurement of how well subreddits are found that were left out of a training. */
	'unseen',
	'release',
] as const
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number]

/** The model's file, for each kind that has one. */
export const MODEL_FILES = { model: 'model.bin', quantized: 'model.ftz' } as const

/** A candidate's files beside its model; not every candidate has a prior or a reranker. */
export const CANDIDATE_FILES = {
	calibration: 'calibration.json',
	prior: 'prior.json',
	reranker: 'reranker.json',
} as const

export const EVALUATION_FILES = { report: 'report.json', suggestions: 'suggestions.bin' } as const

export const COMPARISON_FILE = 'comparison.json'

export const DRIFT_FILE = 'drift.json'

export const UNSEEN_FIGURES_FILE = 'unseen.json'

/** A release's files beside its manifest. The model's file has one more extension, for its packing. */
export const RELEASE_FILES = { model: 'model.ftz', report: 'report.json' } as const

export const FileRecord = v.object({ name: v.string(), bytes: Count, sha256: Sha256 })
export type FileRecord = v.InferOutput<typeof FileRecord>

/** An execution's number, and six digits in case another machine takes the same one: `56-ab12cd`. */
export const ExecutionName = v.pipe(
	v.string(),
	v.regex(/^[1-9]\d*(-[0-9a-f]{6})?$/, 'expected the name of an execution, like 56-ab12cd'),
)

/** Something that a step reads or has made, identified by its content and not by its place. */
export const ArtifactRef = v.object({
	kind: v.picklist(ARTIFACT_KINDS),
	/** Its name for people: a snapshot's hash, a release's version, the names of dumps. */
	name: v.string(),
	/** The digest of its content; null if that is unknown, as for stdin. */
	sha256: v.nullable(Sha256),
	/** The execution that made it; null if it came from elsewhere. */
	execution: v.nullable(ExecutionName),
	files: v.array(FileRecord),
	/** For a twin, which is asked instead of a release that has learnt the posts: the version of that release. */
	twinOf: v.exactOptional(v.string()),
})
export type ArtifactRef = v.InferOutput<typeof ArtifactRef>

/** A reference to an artefact of one of these kinds. */
export type ArtifactOf<Kind extends ArtifactKind> = Kind extends ArtifactKind
	? ArtifactRef & { readonly kind: Kind }
	: never

const BETWEEN_PATHS = ', '

/** The name of an artefact that is several files. */
export function joinPaths(paths: readonly string[]): string {
	return paths.join(BETWEEN_PATHS)
}

/** The paths in such a name. */
export function pathsOf({ name }: Pick<ArtifactRef, 'name'>): string[] {
	return name.split(BETWEEN_PATHS)
}

/** The name of a snapshot for people. */
export function snapshotName(hash: string): string {
	return hash.slice(0, 12)
}

/** The digest of an artefact from its files, in any order; for a single file, that file's digest. */
export function digestFiles(files: readonly FileRecord[]): string {
	const [only] = files
	if (only && files.length === 1) return only.sha256
	const lines = files.map(({ name, sha256: digest }) => `${digest}  ${name}\n`)
	return sha256(lines.sort().join(''))
}
