// One script with all that it imports of ours, minified: what nobody uses is gone from it. Node.
import { readFile, stat } from 'node:fs/promises'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { build, type Metafile, type Plugin, transform } from 'esbuild'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { sha256 } from '../files.ts'
import { dropSpeech } from './speech.ts'

/** Where a step's code begins. */
export interface Entry {
	/** Relative to `root`, with slashes. */
	readonly module: string
	/** What of it is used; everything that it exports where nothing is named. */
	readonly exports?: readonly string[]
}

export interface Bundle {
	readonly text: string
	/** The digest of each module of which something is in the bundle, by path. */
	readonly modules: ReadonlyMap<string, string>
	/** SHA-256 of all that was read, by path: also of modules that left nothing in the bundle. */
	readonly sources: ReadonlyMap<string, string>
	/** Names of the packages that are imported. */
	readonly packages: readonly string[]
	/** Files and folders that the modules name beside themselves, as threads to start and sources to compile. */
	readonly references: readonly string[]
}

interface Module {
	readonly source: string
	/** Without what is only said to people. */
	readonly code: string
}

export async function bundle({ module, exports }: Entry, root: string): Promise<Bundle> {
	const modules = new Map<string, Module>()
	const from = JSON.stringify(`./${module}`)
	const contents = exports
		? `export { ${exports.join(', ')} } from ${from}`
		: `export * from ${from}; import ${from}`
	const { outputFiles, metafile } = await buildBundle(contents, root, modules).catch(
		(error: unknown) => {
			throw new AppError('bad-data', `${module} can't be bundled: ${errorMessage(error)}`, error)
		},
	)
	const used = usedModules(metafile)
	const sources = [...modules].filter(([path]) => used.includes(path))
	const references = await findReferences(sources, root)
	return {
		text: await minify(outputFiles[0]?.text ?? ''),
		modules: new Map(
			await Promise.all(
				sources.map(async ([path, one]) => [path, await digestModule(one)] as const),
			),
		),
		sources: new Map([...modules].map(([path, { source }]) => [path, sha256(source)])),
		packages: [
			...importedPackages(metafile),
			...sources.flatMap(([, one]) => resolvedPackages(one)),
		],
		references,
	}
}

function buildBundle(contents: string, root: string, modules: Map<string, Module>) {
	return build({
		stdin: { contents, resolveDir: root, loader: 'ts' },
		absWorkingDir: root,
		bundle: true,
		minifySyntax: true,
		treeShaking: true,
		format: 'esm',
		platform: 'node',
		target: 'esnext',
		legalComments: 'none',
		// Whatever is configured for other tools has no part in it.
		tsconfigRaw: {},
		write: false,
		metafile: true,
		logLevel: 'silent',
		plugins: [readModules(root, modules)],
	})
}

// A module does nothing when it is loaded but declare (the house's rule), so one of which nothing is used is left out.
// The entry is no exception: a thread's script is named by `import`, which keeps it.
function readModules(root: string, modules: Map<string, Module>): Plugin {
	return {
		name: 'modules',
		setup({ onResolve, onLoad }) {
			onResolve({ filter: /.*/ }, ({ path, resolveDir, importer }) => {
				if (!path.startsWith('.')) return { path, external: true, sideEffects: false }
				const isEntry = importer === '<stdin>'
				return { path: resolve(resolveDir, path), ...(isEntry ? {} : { sideEffects: false }) }
			})
			onLoad({ filter: /.*/ }, async ({ path }) => {
				const source = await readFile(path, 'utf8')
				const name = relative(root, path).split(sep).join('/')
				const code = dropSpeech(name, source)
				modules.set(name, { source, code })
				return { contents: code, loader: /\.m?js$/.test(path) ? 'js' : 'ts' }
			})
		},
	}
}

async function digestModule({ code }: Module): Promise<string> {
	const { code: script } = await transform(code, { ...PLAIN, loader: 'ts' })
	return sha256(await minify(script))
}

const PLAIN = { legalComments: 'none', minifySyntax: true, tsconfigRaw: {} } as const

// In a pass of its own: new names of variables depend on the letters of all the text, with what is left out of a bundle and
// with types.
async function minify(script: string): Promise<string> {
	return (await transform(script, { ...PLAIN, loader: 'js', format: 'esm', minify: true })).code
}

function usedModules({ outputs }: Metafile): string[] {
	return Object.values(outputs).flatMap(({ inputs }) =>
		Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
			bytesInOutput > 0 ? [path] : [],
		),
	)
}

function importedPackages({ outputs }: Metafile): string[] {
	return Object.values(outputs)
		.flatMap(({ imports }) => imports.map(({ path }) => path))
		.flatMap(packageOf)
}

// A file of a package. The loader that runs TypeScript, which threads ask for, is no part of what they do.
const RESOLVED = /createRequire\(import\.meta\.url\)\.resolve\(\s*['"]([^'"]+)['"]/g

function resolvedPackages({ code }: Module): string[] {
	return [...code.matchAll(RESOLVED)].flatMap(([, path = '']) => packageOf(path))
}

/** `@scope/name/file` → `@scope/name`; none for what Node brings itself. */
function packageOf(path: string): string[] {
	if (path.startsWith('node:') || path.startsWith('.')) return []
	return [path.split('/', path.startsWith('@') ? 2 : 1).join('/')]
}

const REFERENCE =
	/(?:new URL\(\s*['"]([^'"]+)['"],\s*import\.meta\.url|(?:join|resolve)\(\s*import\.meta\.dirname,\s*['"]([^'"]+)['"])/g

// Only what lies beside or below the module: a path that goes up leads to a cache or to the repository itself.
async function findReferences(
	modules: readonly (readonly [string, Module])[],
	root: string,
): Promise<string[]> {
	const found: string[] = []
	for (const [path, { code }] of modules)
		for (const [, url, file] of code.matchAll(REFERENCE)) {
			const name = url ?? file ?? ''
			if (name.split('/').includes('..')) continue
			const referred = posix.join(dirname(path), name)
			if (await isThere(join(root, referred))) found.push(referred)
		}
	return found
}

function isThere(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	)
}
