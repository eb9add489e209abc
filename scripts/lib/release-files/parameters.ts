// What whichsub.yaml says about where releases may lie. The build reads it, too.
import * as v from 'valibot'
import { ModelOrigin, originOf } from '../../../src/shared/release-location.ts'
import type { Effects } from '../effects.ts'
import { readSection } from '../yaml.ts'
import type { ReleaseEntry } from './releases-json.ts'

export const ReleasesParameters = v.strictObject({
	origins: v.pipe(
		v.optional(v.nullish(v.array(ModelOrigin), []), []),
		v.description('Other origins that the page may load releases from: docs/bucket.md.'),
	),
})

/** The section `releases` alone: the build of the page needs nothing else of the file. */
export async function readModelOrigins({
	parametersFile: { path },
}: Pick<Effects, 'parametersFile'>): Promise<readonly string[]> {
	return (await readSection('releases', ReleasesParameters, path)).origins
}

/** Releases that a page that may load from these origins only could not load, as `20200602.0 at https://…`. */
export function findUnreachable(
	{ releases }: { readonly releases: readonly Pick<ReleaseEntry, 'version' | 'location'>[] },
	origins: readonly string[],
): string[] {
	return releases.flatMap(({ version, location }) =>
		location === undefined || origins.includes(originOf(location))
			? []
			: [`${version} at ${originOf(location)}`],
	)
}
