// What was found about the code of steps, kept until one of the files changes that it was found from. Node.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { version as bundlerVersion } from 'esbuild'
import * as v from 'valibot'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Sha256 } from '../../../src/shared/schema-parts.ts'
import { sha256, writeFileAtomic } from '../files.ts'

/** Another number for another way to look at code. */
const SCHEMA = 1

/** SHA-256 of files as they are on disk, by path; of a folder, which ends with a slash, that of its names. */
const Sources = v.record(v.string(), Sha256)
type Sources = v.InferOutput<typeof Sources>

const Texts = v.record(v.string(), v.string())

const CodeHash = v.object({
	sha256: Sha256,
	/** The first digits of the digest of each module and file, by its path in the repository: they name what changed. */
	files: Texts,
	/** Locked versions, by name. */
	packages: Texts,
})
export type CodeHash = v.InferOutput<typeof CodeHash>

const Known = v.object({ hash: CodeHash, sources: Sources })
export type Known = v.InferOutput<typeof Known>

const KnownFile = v.object({
	schema: v.literal(SCHEMA),
	bundler: v.literal(bundlerVersion),
	steps: v.record(v.string(), Known),
})

export async function readKnown(path: string, name: string): Promise<Known | null> {
	return (await readSteps(path))[name] ?? null
}

export async function writeKnown(path: string, name: string, known: Known): Promise<void> {
	const steps = { ...(await readSteps(path)), [name]: known }
	const content = { schema: SCHEMA, bundler: bundlerVersion, steps }
	await writeFileAtomic(path, `${JSON.stringify(content)}\n`)
}

/** Whether each file is as it was. */
export async function isUnchanged(sources: Sources, root: string): Promise<boolean> {
	const all = await Promise.all(
		Object.entries(sources).map(
			async ([path, digest]) => (await digestSource(join(root, path), path)) === digest,
		),
	)
	return all.every((same) => same)
}

/** Null for what is not there. */
async function digestSource(file: string, path: string): Promise<string | null> {
	try {
		if (!path.endsWith('/')) return sha256(await readFile(file))
		return sha256((await readdir(file, { recursive: true })).sort().join('\n'))
	} catch {
		return null
	}
}

// Nothing is lost with it but time.
async function readSteps(path: string): Promise<Record<string, Known>> {
	try {
		return parseJsonWith(KnownFile, await readFile(path, 'utf8'), path).steps
	} catch {
		return {}
	}
}
