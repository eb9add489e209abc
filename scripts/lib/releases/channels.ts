// Changes what a channel serves: promotes a release to it, or takes the newest promotion back.
import { AppError } from '../../../src/shared/app-error.ts'
import type { GateRecord } from '../../../src/shared/gate-record.ts'
import { type ChannelName, channelVersion, type Releases } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { readGateRecord } from '../release-files/gates.ts'
import { findRelease } from '../release-files/releases-json.ts'
import { changeReleases } from './change-releases.ts'
import { requireServable } from './verify.ts'

/** Of visitors. */
export const DEFAULT_CANARY_SHARE = 0.1

export interface PromoteOptions {
	readonly version: string
	readonly channel: ChannelName
	/** Share of visitors; for the canary only. */
	readonly share?: number | undefined
	/** Lets production serve a release that did not pass the gate; `why` gives the reason. */
	readonly force?: boolean | undefined
	readonly why: string
	readonly dryRun: boolean
}

export type RollbackOptions = Pick<PromoteOptions, 'channel' | 'why' | 'dryRun'>

type ChannelEffects = ReleasesPlace & Pick<Effects, 'now' | 'err' | 'signal'>

/** The change of a channel, made or, in a dry run, planned. */
export interface ChannelChange {
	readonly channel: ChannelName
	readonly from: string | null
	readonly to: string | null
	readonly share?: number
	/** Whether it was made in spite of the gate. */
	readonly forced?: true
	/** False if the channel serves exactly that already. */
	readonly changed: boolean
}

interface Served {
	readonly version: string | null
	readonly share?: number | undefined
}

/**
 * Makes a channel serve a release whose files are sound; production, only one that passed the gate over what it serves. Commands at
 * the same time take turns.
 *
 * @throws AppError `not-found`, `damaged`, `conflict` without a passed gate; releases.json is then unchanged
 */
export async function promote(
	options: PromoteOptions,
	effects: ChannelEffects,
): Promise<ChannelChange> {
	const { channel, version, force = false } = options
	if (force && options.why === '')
		throw new AppError('bad-input', 'forced without a reason; say why, for the history')
	const share = channel === 'canary' ? (options.share ?? DEFAULT_CANARY_SHARE) : undefined
	return changeChannel(options, effects, async (releases) => {
		await requireServable(effects, findRelease(releases, version))
		const problem =
			channel === 'production' ? await findGateProblem(effects.modelsDir, releases, version) : null
		if (problem !== null && !force)
			throw new AppError(
				'conflict',
				`${problem}; run: compare production ${version} --gate, or promote it with --force --why TEXT`,
			)
		const forced = problem === null ? {} : ({ forced: true } as const)
		return { action: 'promote', served: { version, share }, forced }
	})
}

/**
 * Why production may not serve a release: the gate refused it, or was not asked about it and exactly what production serves today.
 * Null if it may; the very first release needs no gate, because there is nothing that it could be worse than.
 */
async function findGateProblem(
	modelsDir: string,
	releases: Releases,
	version: string,
): Promise<string | null> {
	const { production } = releases.channels
	if (production === null || production === version) return null
	const record = await readGateRecord(modelsDir, version, production)
	const pair = `release ${version} over ${production}, which production serves`
	if (record === null) return `the gate was not asked about ${pair}`
	const isOf = (gated: GateRecord['release'], meant: string) =>
		gated.version === meant && findRelease(releases, meant).manifest.sha256 === gated.manifest
	if (!isOf(record.release, version) || !isOf(record.against, production))
		return `the gate was asked about other files than those of ${pair}`
	const failed = record.verdict.rules.filter(({ passed }) => !passed)
	if (failed.length === 0) return null
	return `the gate refused ${pair}: ${failed.map(({ says }) => says).join('; ')}`
}

/**
 * Takes back the newest promotion of a channel that was not taken back yet, so two rollbacks in a row go two releases back. Staging
 * and canary may go back to nothing, production may not.
 *
 * @throws AppError `not-found` if it served nothing before, `damaged`
 */
export async function rollback(
	options: RollbackOptions,
	effects: ChannelEffects,
): Promise<ChannelChange> {
	const { channel } = options
	return changeChannel(options, effects, async (releases) => {
		const served = pileOf(releases, channel).at(-2)
		if (!served || (served.version === null && channel === 'production'))
			throw new AppError(
				'not-found',
				`nothing to roll back to: ${channel} served no release before; promote another one`,
			)
		if (served.version !== null)
			await requireServable(effects, findRelease(releases, served.version))
		return { action: 'rollback', served, forced: {} }
	})
}

interface Decision {
	readonly action: 'promote' | 'rollback'
	readonly served: Served
	readonly forced: { readonly forced?: true }
}

async function changeChannel(
	{ channel, why, dryRun }: RollbackOptions,
	effects: ChannelEffects,
	decide: (releases: Releases) => Promise<Decision>,
): Promise<ChannelChange> {
	const apply = async (releases: Releases) => {
		const { action, served, forced } = await decide(releases)
		const { version, share } = served
		const from = channelVersion(releases, channel)
		const isSameShare = share === undefined || share === releases.channels.canary?.share
		const changed = from !== version || !isSameShare
		const details = { ...(share === undefined ? {} : { share }), ...forced }
		const result = { channel, from, to: version, changed, ...details }
		if (!changed) return { releases, result }
		const entry = {
			at: effects.now().toISOString(),
			channel,
			from,
			to: version,
			action,
			...details,
		}
		const channels = { ...releases.channels, [channel]: channelValue(channel, served) }
		const history = [...releases.history, { ...entry, why }]
		return { releases: { ...releases, channels, history }, result }
	}
	return changeReleases(effects, apply, { dryRun })
}

function channelValue(channel: ChannelName, { version, share }: Served) {
	if (channel !== 'canary' || version === null) return version
	return { version, share: share ?? DEFAULT_CANARY_SHARE }
}

/** What a channel serves after one rollback, after two, and so on. */
export function rollbackVersions(releases: Releases, channel: ChannelName): string[] {
	return pileOf(releases, channel)
		.slice(0, -1)
		.flatMap(({ version }) => version ?? [])
		.toReversed()
}

/** Replays the channel's history as a stack: a promotion is pushed, a rollback pops one. The last is what it serves. */
function pileOf(releases: Releases, channel: ChannelName): Served[] {
	const pile: Served[] = [{ version: null }]
	for (const { channel: changed, action, to, share } of releases.history) {
		if (changed !== channel) continue
		if (action === 'rollback' && pile.length > 1) pile.pop()
		// Another share for the same canary, or a history that someone edited by hand: the entry counts as it is.
		if (pile.at(-1)?.version === to) pile[pile.length - 1] = { version: to, share }
		else pile.push({ version: to, share })
	}
	// Someone changed the channel by hand: the end of the history is what it served before.
	const current = channelVersion(releases, channel)
	if (pile.at(-1)?.version !== current) pile.push({ version: current })
	return pile
}
