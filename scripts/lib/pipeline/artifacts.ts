// What the steps make of one another: posts → snapshot → model → quantized → candidate → evaluation → comparison → release. Each kind has
// its files, by the names that stand here and nowhere else. Pure.
import * as v from 'valibot'
import { Count, Sha256 } from '../../../src/shared/schema-parts.ts'
import { sha256 } from '../files.ts'

export const ARTIFACT_KINDS = [
	/** The database: what a snapshot reads. */
	'posts',
	/** What people picked on the page, as it was imported into the database. */
	'picks',
	/** Files of posts, as `ingest` reads them. */
	'dumps',
	'snapshot',
	/** A trained model, with full precision. */
	'model',
	'quantized',
	/** A model with its adjustment, the prior and the calibration: all that a release suggests with. */
	'candidate',
	'evaluation',
	'comparison',
	'drift',
	/** How well subreddits are found that were left out of a training. */
	'unseen',
	'release',
] as const
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number]

/** The file that holds the model of each kind that has one. */
export const MODEL_FILES = { model: 'model.bin', quantized: 'model.ftz' } as const

/** Of a candidate, beside its model; not every one has a prior. */
export const CANDIDATE_FILES = { calibration: 'calibration.json', prior: 'prior.json' } as const

export const EVALUATION_FILES = { report: 'report.json', suggestions: 'suggestions.bin' } as const

export const COMPARISON_FILE = 'comparison.json'

export const DRIFT_FILE = 'drift.json'

export const UNSEEN_FIGURES_FILE = 'unseen.json'

/** Of a release, beside its manifest. The model's file has one more extension: how it is packed. */
export const RELEASE_FILES = { model: 'model.ftz', report: 'report.json' } as const

export const FileRecord = v.object({ name: v.string(), bytes: Count, sha256: Sha256 })
export type FileRecord = v.InferOutput<typeof FileRecord>

/** An execution's number and, where another machine may take the same one, six digits that tell them apart: `56-ab12cd`. */
export const ExecutionName = v.pipe(
	v.string(),
	v.regex(/^[1-9]\d*(-[0-9a-f]{6})?$/, 'expected the name of an execution, like 56-ab12cd'),
)

/** What a step reads or has made, by what it is and not by where it lies. */
export const ArtifactRef = v.object({
	kind: v.picklist(ARTIFACT_KINDS),
	/** As people call it: a snapshot's hash, a release's version, the names of dumps. */
	name: v.string(),
	/** What it is: the same digest is the same content. Null where that is not known, as for what came through stdin. */
	sha256: v.nullable(Sha256),
	/** The execution that made it; null where it is not of here. */
	execution: v.nullable(ExecutionName),
	files: v.array(FileRecord),
	/** Of a model that is asked in place of a release that has learnt the posts: the release's version. */
	twinOf: v.exactOptional(v.string()),
})
export type ArtifactRef = v.InferOutput<typeof ArtifactRef>

/** One for each of several kinds. */
export type ArtifactOf<Kind extends ArtifactKind> = Kind extends ArtifactKind
	? ArtifactRef & { readonly kind: Kind }
	: never

/** As people call a snapshot. */
export function snapshotName(hash: string): string {
	return hash.slice(0, 12)
}

/** The digest of an artefact by its files, whatever their order: that of the file where it is one. */
export function digestFiles(files: readonly FileRecord[]): string {
	const [only] = files
	if (only && files.length === 1) return only.sha256
	const lines = files.map(({ name, sha256: digest }) => `${digest}  ${name}\n`)
	return sha256(lines.sort().join(''))
}
