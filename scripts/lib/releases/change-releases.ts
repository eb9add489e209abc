// Changes releases.json, one command at a time.
import { join } from 'node:path'
import { parseWith } from '../../../src/shared/parse.ts'
import { RELEASES_FILE, Releases, schemaOf } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { withLock } from '../file-lock.ts'
import { writeFileAtomic } from '../files.ts'
import { type ReleaseEntry, readReleases } from '../release-files/releases-json.ts'

/** What to write, and what came of it. */
interface Changed<Result> {
	/** The same object as before for no change. */
	readonly releases: Releases
	readonly result: Result
}

/**
 * Changes releases.json. Commands take turns, and a kill at any moment leaves the old file or the new one.
 *
 * @param change gets what is on disk now
 * @param dryRun only asks what would change
 */
export async function changeReleases<Result>(
	{ modelsDir, ...effects }: Pick<Effects, 'modelsDir' | 'err' | 'signal'>,
	change: (before: Releases) => Promise<Changed<Result>>,
	{ dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Result> {
	if (dryRun) return (await change(await readReleases(modelsDir))).result
	const lock = {
		path: join(modelsDir, `.${RELEASES_FILE}.lock`),
		what: 'releases are being changed by another command',
	}
	const work = async () => {
		const before = await readReleases(modelsDir)
		const { releases, result } = await change(before)
		if (releases === before) return result
		const file = { ...releases, schema: schemaOf(releases.releases) }
		const checked = parseWith(Releases, file, RELEASES_FILE)
		await writeFileAtomic(join(modelsDir, RELEASES_FILE), `${JSON.stringify(checked, null, 2)}\n`)
		return result
	}
	return withLock(lock, work, effects)
}

/** Changes what releases.json says of one release. */
export async function changeEntry(
	version: string,
	effects: Pick<Effects, 'modelsDir' | 'err' | 'signal'>,
	change: (entry: ReleaseEntry) => ReleaseEntry,
): Promise<void> {
	await changeReleases(effects, async (before) => {
		const releases = before.releases.map((one) => (one.version === version ? change(one) : one))
		return { releases: { ...before, releases }, result: null }
	})
}
