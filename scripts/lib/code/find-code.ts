// Looks at the code of a step: bundles it, and reads what it reads when it runs. Node.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '../files.ts'
import { type Bundle, bundle, type Entry } from './bundle.ts'
import type { Known } from './known-code.ts'
import { LOCK_FILE, lockedPackages, readLock } from './packages.ts'
import { digestTokens, isScript } from './speech.ts'

const DIGITS = 12

export async function findCode(entry: Entry, root: string): Promise<Known> {
	const bundles = await bundleAll(entry, root)
	const data = await readDataFiles(bundles, root)
	const names = new Set(bundles.flatMap(({ packages }) => packages))
	const packages = lockedPackages(await readLock(root), names)
	const files = new Map([
		...bundles.flatMap(({ modules }) => [...modules]),
		...data.files.map(({ path, text }) => [path, digestFile(path, text)] as const),
	])
	const parts = [
		bundles.map(({ text }) => text),
		data.files.map(({ path, text }) => [path, digestFile(path, text)]),
		packages.map(({ name, version, integrity }) => [name, version, integrity]),
	]
	const hash = {
		sha256: sha256(JSON.stringify(parts)),
		files: sorted([...files].map(([path, digest]) => [path, digest.slice(0, DIGITS)])),
		packages: sorted(packages.map(({ name, version }) => [name, version])),
	}
	const read = bundles.flatMap((one) => [...one.sources])
	const lock = [LOCK_FILE, sha256(await readFile(join(root, LOCK_FILE)))] as const
	return { hash, sources: Object.fromEntries([...read, ...data.sources, lock]) }
}

/** The entry first; then the scripts that run in other threads, which nothing imports. */
async function bundleAll(entry: Entry, root: string): Promise<Bundle[]> {
	const bundles = [await bundle(entry, root)]
	const seen = new Set<string>()
	for (const one of bundles)
		for (const path of one.references) {
			if (seen.has(path) || !isScript(path)) continue
			seen.add(path)
			bundles.push(await bundle({ module: path }, root))
		}
	return bundles
}

interface DataFiles {
	readonly files: readonly { readonly path: string; readonly text: Buffer }[]
	/** What was looked at, and its digest as it is on disk; of a folder its list of names. */
	readonly sources: readonly (readonly [string, string])[]
}

/** What is read when the step runs: files that are no scripts, and folders whole. */
async function readDataFiles(bundles: readonly Bundle[], root: string): Promise<DataFiles> {
	const references = new Set(bundles.flatMap((one) => one.references))
	const paths = [...references].filter((path) => !isScript(path)).sort()
	const files: { path: string; text: Buffer }[] = []
	const sources: [string, string][] = []
	for (const path of paths) {
		const isFolder = (await stat(join(root, path))).isDirectory()
		const names = isFolder ? (await readdir(join(root, path), { recursive: true })).sort() : []
		if (isFolder) sources.push([`${path}/`, sha256(names.join('\n'))])
		for (const file of isFolder ? names.map((name) => `${path}/${name}`) : [path]) {
			if (file.endsWith('/tsconfig.json')) continue
			if ((await stat(join(root, file))).isDirectory()) continue
			const text = await readFile(join(root, file))
			files.push({ path: file, text })
			sources.push([file, sha256(text)])
		}
	}
	return { files, sources }
}

// Kernels are no TypeScript that a bundler could read, but they have its words.
function digestFile(path: string, text: Buffer): string {
	return isScript(path) ? digestTokens(text.toString('utf8')) : sha256(text)
}

function sorted(entries: readonly (readonly [string, string])[]): Record<string, string> {
	return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
