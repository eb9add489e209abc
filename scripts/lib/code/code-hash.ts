// What the code of a step is, as a digest: of all that its entry imports, after minifying, of the files that this reads when it
// runs, and of the locked packages. Comments, layout and what is only said to people change nothing of it (speech.ts). Node.
import type { Entry } from './bundle.ts'
import { type CodeHash, isUnchanged, readKnown, writeKnown } from './known-code.ts'

export interface CodeOptions {
	/** The repository. */
	readonly root: string
	/** Keeps what was found, so that nothing is bundled again before a file changes. */
	readonly cacheFile?: string
}

/** @throws AppError `bad-data` for code that can't be read */
export async function hashCode(entry: Entry, { root, cacheFile }: CodeOptions): Promise<CodeHash> {
	const name = [entry.module, ...(entry.exports ?? [])].join(' ')
	const known = cacheFile === undefined ? null : await readKnown(cacheFile, name)
	if (known && (await isUnchanged(known.sources, root))) return known.hash
	// Loading the compiler takes a while, and mostly nothing has changed.
	const { findCode } = await import('./find-code.ts')
	const found = await findCode(entry, root)
	if (cacheFile !== undefined) await writeKnown(cacheFile, name, found)
	return found.hash
}
