// Comparisons and drift that are published beside the releases: which there are, and where they lie.
import * as v from 'valibot'
import { Count, FileName, Instant, ReleaseVersion, Sha256 } from './schema-parts.ts'

/** The folder of what is published, inside that of the releases. */
export const FIGURES_FOLDER = 'figures'

const File = {
	/** In {@link FIGURES_FOLDER}. */
	file: FileName,
	bytes: Count,
	sha256: Sha256,
	published: Instant,
}

const TWIN_OF = 'twin of '

/** What comparisons call the twin of a release: `release 20200602.0` → `twin of release 20200602.0`. */
export function nameOfTwin(release: string): string {
	return `${TWIN_OF}${release}`
}

/** `twin of release 20200602.0` → `release 20200602.0`; other names stay as they are. */
export function withoutTwin(name: string): string {
	return name.startsWith(TWIN_OF) ? name.slice(TWIN_OF.length) : name
}

/** releases.json lists these; the files never change. */
export const PublishedFigures = v.variant('kind', [
	v.object({ kind: v.literal('comparison'), a: ReleaseVersion, b: ReleaseVersion, ...File }),
	v.object({
		kind: v.literal('drift'),
		release: ReleaseVersion,
		/** What drifted, as in `RS_2013-07.zst`. */
		name: v.pipe(v.string(), v.maxLength(200)),
		...File,
	}),
])
export type PublishedFigures = v.InferOutput<typeof PublishedFigures>
