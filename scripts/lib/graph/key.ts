// The key of a step's run: one digest of everything that decides the outcome, which are the inputs, the parameters that matter, and the
// code. The same key means the same outcome, whoever asks for it.

import { sha256 } from '../files.ts'
import type { ArtifactRef } from '../pipeline/artifacts.ts'
import { ROOT } from '../pipeline/machine.ts'
import type { Step } from '../pipeline/step.ts'
import { type CodeDigest, digestCode } from './code-digest.ts'

/** The part of a step that its key depends on. */
export type KeyedStep = Pick<Step, 'name' | 'entry' | 'indifferent'>

/** Undefined for an input that the step runs without. */
export type StepInputs = Readonly<Record<string, ArtifactRef | undefined>>

export interface StepKey {
	/** The key; null if an input is unknown until it is read, such as stdin. */
	readonly key: string | null
	readonly code: CodeDigest
	/** The parameters that can change the outcome, sorted by name. */
	readonly decisive: Readonly<Record<string, unknown>>
}

export async function keyOf(
	step: KeyedStep,
	inputs: StepInputs,
	parameters: object,
): Promise<StepKey> {
	const code = await digestOnce(step.entry)
	const known = Object.entries(parameters).filter(
		([name, value]) => value !== undefined && !step.indifferent.includes(name),
	)
	const decisive = sortKeys(Object.fromEntries(known)) as StepKey['decisive']
	const digests = Object.entries(inputs).flatMap(([role, ref]) =>
		ref ? [identify(role, ref)] : [],
	)
	if (digests.some(([, digest]) => digest === null)) return { key: null, code, decisive }
	const parts = [step.name, decisive, digests.sort(), code.sha256]
	return { key: sha256(JSON.stringify(parts)), code, decisive }
}

/** Names a release together with its model: two releases may have one model with different priors, and one twin. */
function identify(role: string, { kind, name, sha256: digest, twinOf }: ArtifactRef) {
	return [role, digest, ...(kind === 'release' ? [name] : []), ...(twinOf ? [twinOf] : [])]
}

/** The same value, with the keys of its objects sorted. */
export function sortKeys(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sortKeys)
	if (typeof value !== 'object' || value === null) return value
	const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
	return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]))
}

const digests = new Map<string, Promise<CodeDigest>>()

/** Kept for the life of the process, which runs the code that it loaded, whatever is on disk by now. */
function digestOnce(entry: string): Promise<CodeDigest> {
	const digest = digests.get(entry) ?? digestCode(entry, ROOT)
	digests.set(entry, digest)
	return digest
}
