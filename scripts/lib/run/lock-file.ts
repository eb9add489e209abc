// whichsub.lock, beside whichsub.yaml, says which inputs, parameters and code made which outputs and figures. It is written for review:
// sorted, one fact per line, and a run changes only the lines that differ.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { stringify } from 'yaml'
import { AppError } from '../../../src/shared/app-error.ts'
import { Count, Sha256 } from '../../../src/shared/schema-parts.ts'
import type { Effects } from '../effects.ts'
import { readFailure, writeFileAtomic } from '../files.ts'
import { sortKeys } from '../graph/key.ts'
import { ARTIFACT_KINDS, ExecutionName } from '../pipeline/artifacts.ts'
import { STEPS } from '../pipeline/execution-schema.ts'
import { parseYamlWith } from '../yaml.ts'

const Texts = v.record(v.string(), v.string())

/** Bytes and digest of a file that was made. */
const LockedFile = v.strictObject({ bytes: Count, sha256: Sha256 })

export const LockedStep = v.strictObject({
	/** The digest of everything that decides the outcome: inputs, parameters and code. */
	key: Sha256,
	/** The execution that made it. */
	execution: ExecutionName,
	parameters: v.record(v.string(), v.any()),
	/** The inputs by name; for posts, their number in each month and their digest. */
	inputs: v.record(v.string(), v.union([v.string(), Texts])),
	code: v.strictObject({ sha256: Sha256, files: Texts, packages: Texts }),
	output: v.strictObject({ kind: v.picklist(ARTIFACT_KINDS), name: v.string(), sha256: Sha256 }),
	files: v.record(v.string(), LockedFile),
	metrics: v.record(v.string(), v.pipe(v.number(), v.finite())),
})
export type LockedStep = v.InferOutput<typeof LockedStep>

const LockFile = v.strictObject({
	schema: v.literal(1),
	steps: v.strictObject(v.entriesFromList(STEPS, v.optional(LockedStep))),
})
export type LockedSteps = v.InferOutput<typeof LockFile>['steps']

export const LOCK_FILE = 'whichsub.lock'

const HEAD = '# Written by whichsub run: what made what. Review it, and do not edit it.\n'

export function lockPath({ parametersFile }: Pick<Effects, 'parametersFile'>): string {
	return join(dirname(parametersFile.path), LOCK_FILE)
}

/** The lock, with no steps if there is no file. @throws AppError `bad-data` that names the line */
export async function readLock(effects: Pick<Effects, 'parametersFile'>): Promise<LockedSteps> {
	const path = lockPath(effects)
	try {
		return parseLock(await readFile(path, 'utf8'), path)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
		throw readFailure(error, path, LOCK_FILE)
	}
}

/** @param what the name of the text in errors */
export function parseLock(text: string, what: string): LockedSteps {
	return parseYamlWith(LockFile, text, what).steps
}

export async function writeLock(
	steps: LockedSteps,
	effects: Pick<Effects, 'parametersFile'>,
): Promise<void> {
	await writeFileAtomic(lockPath(effects), formatLock(steps))
}

export function formatLock(steps: LockedSteps): string {
	const inOrder = STEPS.flatMap((name) => {
		const step = steps[name]
		return step ? [[name, sortKeys(step)] as const] : []
	})
	const content = { schema: 1, steps: Object.fromEntries(inOrder) }
	return HEAD + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** In commands, a name for the model that `run` made last, so that a workflow need not know its number. */
export const LOCKED_MODEL = 'locked'

/**
 * @param reference any name of a model
 * @returns the execution that whichsub.lock names, for {@link LOCKED_MODEL}; any other reference unchanged
 * @throws AppError `not-found` if whichsub.lock names none
 */
export async function resolveLockedModel(reference: string, effects: Effects): Promise<string> {
	if (reference !== LOCKED_MODEL) return reference
	const { adjust, quantize } = await readLock(effects)
	const made = adjust ?? quantize
	if (made) return made.execution
	throw new AppError('not-found', 'whichsub.lock names no candidate; run: run adjust')
}
