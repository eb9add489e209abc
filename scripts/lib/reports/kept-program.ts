// What Vite built, kept for the next process as long as its sources are the same.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { sha256, writeFileAtomic } from '../files.ts'

const BuiltProgram = v.object({
	/** An ES module for Node. */
	server: v.string(),
	/** An ES module for the browser. */
	client: v.string(),
	css: v.string(),
})
export type BuiltProgram = v.InferOutput<typeof BuiltProgram>

const Kept = v.object({ sources: v.string(), program: BuiltProgram })

/** @param sources their digest */
export async function readOrBuild(
	path: string,
	sources: string,
	build: () => Promise<BuiltProgram>,
): Promise<BuiltProgram> {
	const kept = await readKept(path)
	if (kept?.sources === sources) return kept.program
	const program = await build()
	// Where nothing can be written, as in an installation that may only be read, the next process builds it again.
	await writeFileAtomic(path, JSON.stringify({ sources, program })).catch(() => {})
	return program
}

/** A file that is missing or damaged is none. */
async function readKept(path: string): Promise<v.InferOutput<typeof Kept> | null> {
	try {
		return parseJsonWith(Kept, await readFile(path, 'utf8'), path)
	} catch {
		return null
	}
}

/** Digest of the names and contents of files, and of all files in folders, by their paths from `root`. */
export async function digestFiles(root: string, paths: readonly string[]): Promise<string> {
	const files = await Promise.all(paths.map((path) => listFiles(root, path)))
	const digests = files.flat().map(async (path) => [path, sha256(await readFile(join(root, path)))])
	return sha256(JSON.stringify(await Promise.all(digests)))
}

async function listFiles(root: string, path: string): Promise<string[]> {
	const entries = await readdir(join(root, path), { withFileTypes: true }).catch(
		(error: NodeJS.ErrnoException) => {
			if (error.code === 'ENOTDIR') return null
			throw error
		},
	)
	if (!entries) return [path]
	const names = entries.map(({ name }) => name).sort()
	return (await Promise.all(names.map((name) => listFiles(root, `${path}/${name}`)))).flat()
}
