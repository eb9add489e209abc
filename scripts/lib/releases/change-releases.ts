// Changes releases.json, one command at a time.
import { join } from 'node:path'
import { parseWith } from '../../../src/shared/parse.ts'
import { RELEASES_FILE, Releases, schemaOf } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { withLock } from '../file-lock.ts'
import { writeFileAtomic } from '../files.ts'
import { readReleases } from '../models/releases-json.ts'

/**
 * Changes releases.json. Commands take turns, and a kill at any moment leaves the old file or the new one.
 *
 * @param change gets what is on disk now and returns what to write, or the same object for no change
 */
export async function changeReleases(
	{ modelsDir, ...effects }: Pick<Effects, 'modelsDir' | 'err' | 'signal'>,
	change: (releases: Releases) => Promise<Releases>,
): Promise<Releases> {
	const lock = {
		path: join(modelsDir, `.${RELEASES_FILE}.lock`),
		what: 'releases are being changed by another command',
	}
	const work = async () => {
		const before = await readReleases(modelsDir)
		const after = await change(before)
		if (after === before) return before
		const file = { ...after, schema: schemaOf(after.releases) }
		const checked = parseWith(Releases, file, RELEASES_FILE)
		await writeFileAtomic(join(modelsDir, RELEASES_FILE), `${JSON.stringify(checked, null, 2)}\n`)
		return checked
	}
	return withLock(lock, work, effects)
}
