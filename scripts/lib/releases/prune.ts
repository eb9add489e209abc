// `release prune`: what no channel and no rollback needs keeps its manifest and its report, and loses its model.
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../../../src/shared/manifest.ts'
import { ChannelName, channelVersion, type Releases } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { storageError } from '../files.ts'
import { readManifest } from '../models/release.ts'
import { type ReleaseEntry, readReleases } from '../models/releases-json.ts'
import { rollbackVersions } from './channels.ts'
import { changeReleases } from './store.ts'
import { servedFiles } from './verify.ts'

export interface PruneOptions {
	/** How many rollbacks of each channel shall stay possible. */
	readonly keep: number
	readonly dryRun: boolean
}

/** A release whose model goes or, in a dry run, would go. */
export interface PrunedRelease {
	readonly version: string
	/** Of the files that go. */
	readonly bytes: number
}

export interface Pruning {
	readonly pruned: readonly PrunedRelease[]
	/** Releases that stay whole, with what they are needed for, oldest first. */
	readonly kept: readonly { readonly version: string; readonly why: string }[]
}

type PruneEffects = Pick<Effects, 'modelsDir' | 'now' | 'err' | 'signal'>

/**
 * Removes the models of releases that nobody needs, and what belongs to serving them. releases.json is written first: a kill at
 * any moment leaves files that the next prune removes, and never a channel without its model.
 *
 * @throws AppError `damaged`, `storage`
 */
export async function pruneReleases(
	{ keep, dryRun }: PruneOptions,
	effects: PruneEffects,
): Promise<Pruning> {
	const { modelsDir } = effects
	const plan = (releases: Releases) => planPruning(releases, keep)
	if (dryRun) {
		const releases = await readReleases(modelsDir)
		return describePruning(releases, plan(releases), modelsDir)
	}
	let pruning: Pruning = { pruned: [], kept: [] }
	const after = await changeReleases(effects, async (before) => {
		const needed = plan(before)
		// Before anything is written: a manifest that is damaged names no files.
		pruning = await describePruning(before, needed, modelsDir)
		const goes = new Set(pruning.pruned.map(({ version }) => version))
		if (goes.size === 0) return before
		const pruned = effects.now().toISOString()
		const mark = (entry: ReleaseEntry) => (goes.has(entry.version) ? { pruned, ...entry } : entry)
		return { ...before, releases: before.releases.map(mark) }
	})
	for (const entry of after.releases)
		if (entry.pruned !== undefined) await removeServedFiles(entry, modelsDir)
	return pruning
}

/** What each release that stays is needed for. */
export function planPruning(releases: Releases, keep: number): Map<string, string> {
	const needed = new Map<string, string>()
	const need = (version: string | null | undefined, why: string) => {
		if (version && !needed.has(version)) needed.set(version, why)
	}
	for (const channel of ChannelName.options)
		need(channelVersion(releases, channel), `${channel} serves it`)
	for (const channel of ChannelName.options)
		for (const version of rollbackVersions(releases, channel).slice(0, keep))
			need(version, `a rollback of ${channel} needs it`)
	// It was published for a promotion that is still to come.
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
	const goes = releases.filter(
		({ version, pruned }) => !needed.has(version) && pruned === undefined,
	)
	const pruned: PrunedRelease[] = []
	for (const entry of goes) {
		const files = servedFiles(await readManifest(modelsDir, entry))
		const sizes = files.map(({ file }) => sizeOf(join(modelsDir, entry.version, file)))
		const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
		pruned.push({ version: entry.version, bytes })
	}
	const kept = releases.flatMap(({ version }) => {
		const why = needed.get(version)
		return why === undefined ? [] : [{ version, why }]
	})
	return { pruned, kept }
}

async function removeServedFiles(entry: ReleaseEntry, modelsDir: string): Promise<void> {
	const manifest: Manifest = await readManifest(modelsDir, entry)
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
