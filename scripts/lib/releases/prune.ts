// `release prune`: a release that no channel and no rollback needs loses its model, and keeps its manifest and its report. A release
// that is kept elsewhere loses only its local copies, whether it is needed or not.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { ChannelName, channelVersion, type Releases } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { storageError } from '../files.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { readManifest } from '../release-files/release.ts'
import type { ReleaseEntry } from '../release-files/releases-json.ts'
import { changeReleases } from './change-releases.ts'
import { rollbackVersions } from './channels.ts'
import { checkElsewhere, damagedError, servedFiles } from './verify.ts'

export interface PruneOptions {
	/** How many rollbacks of each channel stay possible. */
	readonly keep: number
	readonly dryRun: boolean
}

/** A release whose model is removed or, in a dry run, would be. */
export interface PrunedRelease {
	readonly version: string
	/** The size of the removed files. */
	readonly bytes: number
}

export interface Pruning {
	readonly pruned: readonly PrunedRelease[]
	/** Releases that are kept elsewhere and lose their local files; they are served as before. */
	readonly moved: readonly (PrunedRelease & { readonly location: string })[]
	/** Releases that stay whole, and what needs them, oldest first. */
	readonly kept: readonly { readonly version: string; readonly why: string }[]
}

type PruneEffects = ReleasesPlace & Pick<Effects, 'now' | 'err' | 'signal'>

/**
 * Removes the models of releases that nothing needs, with the other files that serve them. releases.json is written first, so a kill at
 * any moment leaves files that the next prune removes, and never a channel without its model.
 *
 * @throws AppError `damaged`, `storage`; nothing is removed of a release whose copy elsewhere is not whole
 */
export async function pruneReleases(
	{ keep, dryRun }: PruneOptions,
	effects: PruneEffects,
): Promise<Pruning> {
	const { modelsDir } = effects
	const apply = async (before: Releases) => {
		// Read before anything is written, because a damaged manifest names no files.
		const pruning = await describePruning(before, planPruning(before, keep), modelsDir)
		const goes = new Set(pruning.pruned.map(({ version }) => version))
		const pruned = effects.now().toISOString()
		const mark = (entry: ReleaseEntry) => (goes.has(entry.version) ? { pruned, ...entry } : entry)
		const releases = goes.size === 0 ? before : { ...before, releases: before.releases.map(mark) }
		return { releases, result: { pruning, entries: releases.releases } }
	}
	const { pruning, entries } = await changeReleases(effects, apply, { dryRun })
	if (dryRun) return pruning
	for (const entry of entries)
		if (entry.pruned !== undefined) await removeServedFiles(entry, modelsDir)
	const moved = new Set(pruning.moved.map(({ version }) => version))
	for (const entry of entries) {
		if (entry.location === undefined || !moved.has(entry.version)) continue
		await requireThere(entry.location, await readManifest(modelsDir, entry), effects)
		await removeServedFiles(entry, modelsDir)
	}
	return pruning
}

async function requireThere(
	location: string,
	manifest: Manifest,
	effects: PruneEffects,
): Promise<void> {
	const checks = await checkElsewhere(location, manifest, effects)
	const wrong = checks.filter(({ problem }) => problem !== null)
	if (wrong.length > 0) throw damagedError(wrong)
}

/** For each release that stays, what needs it. */
function planPruning(releases: Releases, keep: number): Map<string, string> {
	const needed = new Map<string, string>()
	const need = (version: string | null | undefined, why: string) => {
		if (version && !needed.has(version)) needed.set(version, why)
	}
	for (const channel of ChannelName.options)
		need(channelVersion(releases, channel), `${channel} serves it`)
	for (const channel of ChannelName.options)
		for (const version of rollbackVersions(releases, channel).slice(0, keep))
			need(version, `a rollback of ${channel} needs it`)
	// Newer than production: its promotion may still come.
	for (const version of newerThanProduction(releases)) need(version, 'newer than production')
	return needed
}

function newerThanProduction({ releases, channels }: Releases): string[] {
	const versions = releases.map(({ version }) => version)
	return versions.slice(versions.indexOf(channels.production ?? '') + 1)
}

async function describePruning(
	{ releases }: Releases,
	needed: ReadonlyMap<string, string>,
	modelsDir: string,
): Promise<Pruning> {
	const pruned: PrunedRelease[] = []
	const moved: Pruning['moved'][number][] = []
	for (const entry of releases) {
		const { version, location } = entry
		if (entry.pruned !== undefined || (location === undefined && needed.has(version))) continue
		const files = servedFiles(await readManifest(modelsDir, entry))
		const sizes = files.map(({ file }) => sizeOf(join(modelsDir, version, file)))
		const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
		if (location === undefined) pruned.push({ version, bytes })
		else if (bytes > 0) moved.push({ version, bytes, location })
	}
	const kept = releases.flatMap(({ version }) => {
		const why = needed.get(version)
		return why === undefined ? [] : [{ version, why }]
	})
	return { pruned, moved, kept }
}

/** Removes all files but the manifest and the report. */
export async function removeServedFiles(entry: ReleaseEntry, modelsDir: string): Promise<void> {
	const manifest = await readManifest(modelsDir, entry)
	for (const { file } of servedFiles(manifest)) {
		const path = join(modelsDir, entry.version, file)
		await rm(path, { force: true }).catch((error: unknown) => {
			throw storageError(error, path)
		})
	}
}

async function sizeOf(path: string): Promise<number> {
	return (await stat(path).catch(() => null))?.size ?? 0
}
