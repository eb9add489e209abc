// `release list`: the releases, and the channels that serve them.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { FIGURES_FOLDER } from '../../../src/shared/published-figures.ts'
import { ChannelName, channelVersion, type Releases } from '../../../src/shared/releases.ts'
import { ReleaseVersion } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { formatBytes, formatCount } from '../progress.ts'
import { readReleases } from '../release-files/releases-json.ts'
import { formatTable } from '../table.ts'
import { glanceAtRelease, type ReleaseProblem } from './verify.ts'

/** A listed release; `manifest` is null if its file is missing or damaged. */
export interface ListedRelease {
	readonly version: string
	/** The channels that serve it; a canary with its share. */
	readonly channels: readonly string[]
	readonly manifest: Manifest | null
	/** The time since which only manifest and report are kept. */
	readonly pruned: string | null
	/** Where its files are, if not here. */
	readonly location: string | null
	/** Problems that show without reading the large files; `release verify` reads those. */
	readonly problem: ReleaseProblem | null
}

/** Newest first. */
export async function listReleases({
	modelsDir,
}: Pick<Effects, 'modelsDir'>): Promise<ListedRelease[]> {
	const releases = await readReleases(modelsDir)
	return Promise.all(
		releases.releases.toReversed().map(async (entry) => ({
			version: entry.version,
			channels: channelsOf(releases, entry.version),
			pruned: entry.pruned ?? null,
			location: entry.location ?? null,
			...(await glanceAtRelease(modelsDir, entry)),
		})),
	)
}

function channelsOf(releases: Releases, version: string): string[] {
	return ChannelName.options
		.filter((channel) => channelVersion(releases, channel) === version)
		.map((channel) => {
			const share = channel === 'canary' ? releases.channels.canary?.share : undefined
			return share === undefined ? channel : `${channel} ${Math.round(share * 1000) / 10}%`
		})
}

/**
 * Warns about folders of releases, and files of figures, that releases.json does not list. A publish that was killed between its two
 * writes leaves one. Nothing is removed, because a running command may list it in a moment.
 */
export async function warnOfUnlisted({
	modelsDir,
	err,
}: Pick<Effects, 'modelsDir' | 'err'>): Promise<void> {
	const { releases, figures = [] } = await readReleases(modelsDir)
	const isListed = (name: string) => releases.some(({ version }) => version === name)
	const folders = (await readdir(modelsDir).catch(() => [])).filter((name) =>
		v.is(ReleaseVersion, name),
	)
	const figuresDir = join(modelsDir, FIGURES_FOLDER)
	const files = await readdir(figuresDir).catch(() => [])
	const left = [
		{
			paths: folders.filter((name) => !isListed(name)).map((name) => join(modelsDir, name)),
			command: 'release publish',
		},
		{
			paths: files
				.filter((name) => !figures.some(({ file }) => file === name))
				.map((name) => join(figuresDir, name)),
			command: 'report --publish',
		},
	]
	for (const { paths, command } of left)
		if (paths.length > 0)
			err(
				`warning: not in releases.json, probably left by a killed publish: ${paths.sort().join(', ')}; if no publish runs, remove it and run: ${command}`,
			)
}

/** The part of the list that programs read. */
export function toListJson(releases: readonly ListedRelease[]): object[] {
	return releases.map(({ version, channels, manifest, pruned, location, problem }) => ({
		version,
		channels,
		pruned,
		location,
		problem,
		created: manifest?.created ?? null,
		bytes: manifest?.model.bytes ?? null,
		metrics: manifest?.metrics ?? null,
		data: manifest?.data ?? null,
	}))
}

export function formatList(releases: readonly ListedRelease[]): string {
	if (releases.length === 0) return 'no release yet; run: release publish'
	const isAnyElsewhere = releases.some(({ location }) => location !== null)
	const rows = releases.map(({ version, channels, manifest, pruned, location, problem }) => [
		version,
		manifest ? formatCount(manifest.data.posts) : '',
		manifest ? formatCount(manifest.labels) : '',
		manifest ? manifest.metrics['recall@5'].toFixed(4) : '',
		problem ?? (pruned ? 'pruned' : manifest ? formatBytes(manifest.model.bytes) : ''),
		manifest ? manifest.created.slice(0, 16).replace('T', ' ') : '',
		...(isAnyElsewhere ? [location ? new URL(location).host : 'here'] : []),
		channels.join(', '),
	])
	const head = ['version', 'posts', 'labels', 'recall@5', 'size', 'created']
	if (isAnyElsewhere) head.push('lies at')
	head.push('channels')
	return formatTable([head, ...rows], { lastIsText: true })
}
