// The code of a step, as one digest over every module that its entry imports, the files that these read when they run, and the locked
// packages.
import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, posix, relative, sep } from 'node:path'
import { build, transform } from 'esbuild'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { readKernels } from '../assemblyscript.ts'
import { sha256 } from '../files.ts'
import { lockedPackages, readPackageLock } from './packages.ts'

export interface CodeDigest {
	readonly sha256: string
	/** The first digits of each file's digest, by its path in the repository; comparing them names the files that changed. */
	readonly files: Readonly<Record<string, string>>
	/** The locked version of each package, by its name. */
	readonly packages: Readonly<Record<string, string>>
}

const DIGITS = 12

/**
 * Finds the code of a step, and its digest.
 *
 * @param entry the module that the step begins with; a path in the repository, or an absolute one
 * @param root the repository
 * @throws AppError `bad-data` for code that can't be read
 */
export async function digestCode(entry: string, root: string): Promise<CodeDigest> {
	const found: Found = { files: new Map(), packages: new Set() }
	await addScript(isAbsolute(entry) ? relative(root, entry) : entry, root, found)
	const packages = lockedPackages(await readPackageLock(root), found.packages)
	const files = [...found.files].sort(byName)
	const locked = packages.map(({ name, version, integrity }) => [name, version, integrity])
	return {
		sha256: sha256(JSON.stringify([files, locked])),
		files: Object.fromEntries(files.map(([path, digest]) => [path, digest.slice(0, DIGITS)])),
		packages: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
	}
}

interface Found {
	readonly files: Map<string, string>
	readonly packages: Set<string>
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
	return a < b ? -1 : 1
}

/** A script, all of our modules that it imports, and the files that these name, such as threads to start and sources to compile. */
async function addScript(entry: string, root: string, found: Found): Promise<void> {
	const { inputs } = await findImports(entry, root)
	const modules = Object.entries(inputs).filter(([path]) => !found.files.has(path))
	const references = await Promise.all(
		modules.map(async ([path, { imports }]) => {
			const source = await readFile(join(root, path), 'utf8')
			found.files.set(path, await digestModule(source, path))
			for (const one of imports) if (one.external) addPackage(one.path, found)
			for (const [, file = ''] of source.matchAll(RESOLVED)) addPackage(file, found)
			return findReferences(source, path)
		}),
	)
	for (const path of references.flat()) await addReference(path, root, found)
}

async function findImports(entry: string, root: string) {
	try {
		const { metafile } = await build({
			entryPoints: [entry],
			absWorkingDir: root,
			bundle: true,
			packages: 'external',
			treeShaking: false,
			format: 'esm',
			platform: 'node',
			// The configuration of other tools must not change the digest.
			tsconfigRaw: {},
			outdir: root,
			write: false,
			metafile: true,
			logLevel: 'silent',
		})
		return metafile
	} catch (error) {
		throw new AppError('bad-data', `${entry} can't be bundled: ${errorMessage(error)}`, error)
	}
}

const digests = new Map<string, Promise<string>>()

/** A module without comments, layout and types, which change nothing. Kept, because most modules are part of several steps. */
function digestModule(source: string, path: string): Promise<string> {
	const known = digests.get(source)
	if (known) return known
	const options = { legalComments: 'none', minifyWhitespace: true, tsconfigRaw: {} } as const
	const loader = path.endsWith('.ts') ? 'ts' : 'js'
	const digest = transform(source, { ...options, loader }).then(({ code }) => sha256(code))
	digests.set(source, digest)
	return digest
}

/** `@scope/name/file` → `@scope/name`; none for what Node brings itself. */
function addPackage(path: string, { packages }: Found): void {
	if (path.startsWith('node:') || path.startsWith('.')) return
	packages.add(path.split('/', path.startsWith('@') ? 2 : 1).join('/'))
}

// A file of a package.
const RESOLVED = /createRequire\(import\.meta\.url\)\.resolve\(\s*['"]([^'"]+)['"]/g
const REFERENCE =
	/(?:new URL\(\s*['"]([^'"]+)['"],\s*import\.meta\.url|(?:join|resolve)\(\s*import\.meta\.dirname,\s*['"]([^'"]+)['"])/g

/** Only what lies beside or below the module: a path that goes up leads to a cache or to the repository itself. */
function findReferences(source: string, path: string): string[] {
	const names = [...source.matchAll(REFERENCE)].map(([, url, file]) => url ?? file ?? '')
	return names
		.filter((name) => !name.split('/').includes('..'))
		.map((name) => posix.join(dirname(path).split(sep).join('/'), name))
}

async function addReference(path: string, root: string, found: Found): Promise<void> {
	if (found.files.has(path)) return
	const info = await stat(join(root, path)).catch(() => null)
	if (!info) return
	if (info.isDirectory()) {
		// Kernels, which another compiler reads.
		for (const name of (await readKernels(join(root, path))).keys())
			await addFile(posix.join(path, name), root, found)
	} else if (/\.(m?ts|m?js)$/.test(path)) await addScript(path, root, found)
	else await addFile(path, root, found)
}

async function addFile(path: string, root: string, { files }: Found): Promise<void> {
	files.set(path, sha256(await readFile(join(root, path))))
}
