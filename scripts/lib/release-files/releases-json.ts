// releases.json on disk, and which release a name stands for.
import { join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import {
	ChannelName,
	channelVersion,
	RELEASES_FILE,
	Releases,
} from '../../../src/shared/releases.ts'
import { exists, readTextFile } from '../files.ts'

export type ReleaseEntry = Releases['releases'][number]

/** Releases as they are on disk; none where there is no file yet. */
export async function readReleases(modelsDir: string): Promise<Releases> {
	const path = join(modelsDir, RELEASES_FILE)
	if (!(await exists(path))) return emptyReleases()
	return parseJsonWith(Releases, await readTextFile(path, 'releases'), path)
}

/**
 * The release that a version or a channel's name stands for.
 *
 * @throws AppError `not-found` that names what there is
 */
export function findRelease(releases: Releases, name: string): ReleaseEntry {
	const channel = ChannelName.options.find((option) => option === name)
	const version = channel ? channelVersion(releases, channel) : name
	if (version === null)
		throw new AppError(
			'not-found',
			`channel ${name} serves no release; run: release promote VERSION --channel ${name}`,
		)
	const entry = releases.releases.find((release) => release.version === version)
	if (entry) return entry
	const versions = releases.releases.map((release) => release.version)
	throw new AppError(
		'not-found',
		`no release ${name}; there ${versions.length === 0 ? 'is none yet; run: release publish' : `are: ${versions.join(', ')}`}`,
	)
}

function emptyReleases(): Releases {
	return {
		schema: 1,
		channels: { production: null, staging: null, canary: null },
		releases: [],
		history: [],
	}
}
