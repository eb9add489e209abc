// `release withhold`: stops released models from suggesting subreddits, by name or because today's policy refuses them.
import { readUnseenIndex } from '../../../src/model/unseen/index-file.ts'
import { TailFile } from '../../../src/model/unseen/tail-file.ts'
import { AppError } from '../../../src/shared/app-error.ts'
import { ChannelName, channelVersion, type Releases } from '../../../src/shared/releases.ts'
import type { Effects } from '../effects.ts'
import { readLabels } from '../evaluation/scoring.ts'
import { readNamePolicy } from '../policy/policy.ts'
import type { ReleasesPlace } from '../release-files/elsewhere.ts'
import { openRelease, readReleasedUnseen } from '../release-files/release.ts'
import { readReleases } from '../release-files/releases-json.ts'
import { changeReleases } from './change-releases.ts'

type Withheld = NonNullable<Releases['withheld']>[number]

export interface WithholdOptions {
	/** Without `r/`. */
	readonly names: readonly string[]
	/** Also withholds the names of served releases that the policy refuses. */
	readonly byPolicy: boolean
	/** Allows the names again. */
	readonly undo: boolean
	readonly why: string
	readonly dryRun: boolean
}

export interface WithholdChange {
	readonly added: readonly Withheld[]
	readonly removed: readonly Withheld[]
	/** All names that are withheld afterwards. */
	readonly withheld: readonly Withheld[]
}

type WithholdEffects = ReleasesPlace & Pick<Effects, 'parametersFile' | 'now' | 'err' | 'signal'>

/**
 * Changes the list in releases.json, which pages and commands obey at their next look. No release is made again.
 *
 * @throws AppError `bad-input` if there is nothing to do, `not-found` for a name to undo that is not withheld
 */
export async function withhold(
	options: WithholdOptions,
	effects: WithholdEffects,
): Promise<WithholdChange> {
	const { names, byPolicy, undo, dryRun } = options
	if (names.length === 0 && !byPolicy)
		throw new AppError('bad-input', 'no names; name subreddits, or let --by-policy find them')
	const found = byPolicy ? await findRefused(effects) : []
	const apply = async (releases: Releases) => {
		const result = undo ? giveBack(releases, names) : add(releases, options, found, effects.now())
		if (result.added.length + result.removed.length === 0) return { releases, result }
		return { releases: { ...releases, withheld: [...result.withheld] }, result }
	}
	return changeReleases(effects, apply, { dryRun })
}

function add(
	{ withheld = [] }: Releases,
	{ names, why }: WithholdOptions,
	found: readonly Omit<Withheld, 'at'>[],
	now: Date,
): WithholdChange {
	const known = new Set(withheld.map(({ name }) => name.toLowerCase()))
	const at = now.toISOString()
	const added: Withheld[] = []
	for (const one of [...names.map((name) => ({ name, why })), ...found]) {
		const key = one.name.toLowerCase()
		if (known.has(key)) continue
		known.add(key)
		added.push({ name: one.name, at, why: one.why })
	}
	return { added, removed: [], withheld: sorted([...withheld, ...added]) }
}

function giveBack({ withheld = [] }: Releases, names: readonly string[]): WithholdChange {
	const wanted = new Set(names.map((name) => name.toLowerCase()))
	const isWanted = ({ name }: Withheld) => wanted.has(name.toLowerCase())
	const removed = withheld.filter(isWanted)
	const missing = names.filter(
		(name) => !withheld.some((one) => one.name.toLowerCase() === name.toLowerCase()),
	)
	if (missing.length > 0)
		throw new AppError(
			'not-found',
			`not withheld: ${missing.map((name) => `r/${name}`).join(', ')}`,
		)
	return { added: [], removed, withheld: withheld.filter((one) => !isWanted(one)) }
}

/** The names that a served release can suggest and the policy refuses, each with its reason. */
async function findRefused(
	effects: ReleasesPlace & Pick<Effects, 'parametersFile'>,
): Promise<Omit<Withheld, 'at'>[]> {
	const policy = await readNamePolicy(effects)
	const releases = await readReleases(effects.modelsDir)
	const versions = new Set(
		ChannelName.options
			.map((channel) => channelVersion(releases, channel))
			.filter((v) => v !== null),
	)
	const names = new Set<string>()
	for (const version of versions) {
		const { manifest, model } = await openRelease(effects, version)
		for (const label of await readLabels(model)) names.add(label)
		const index = await readReleasedUnseen(effects, manifest)
		if (index) for (const name of readUnseenIndex(index).names) names.add(name)
		const tail = await readReleasedUnseen(effects, manifest, 'tail')
		if (tail) for (const name of namesOfTail(tail)) names.add(name)
	}
	return [...names].flatMap((name) => {
		const refusal = policy(name)
		return refusal ? [{ name, why: `${refusal.reason}: ${refusal.because}` }] : []
	})
}

function namesOfTail(file: Uint8Array): string[] {
	const tail = TailFile.open(Uint8Array.from(file))
	return Array.from({ length: tail.count }, (_, at) => tail.nameAt(at))
}

function sorted(list: readonly Withheld[]): Withheld[] {
	const key = ({ name }: Withheld) => name.toLowerCase()
	return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
