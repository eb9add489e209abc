// Our programs as JavaScript: it starts four times as fast as TypeScript that is compiled at each start.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const ROOT = resolve(import.meta.dirname, '../..')
/** A command may run for days, and loads parts of itself as it needs them. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000

interface CompileOptions {
	/** Where the programs believe to be: what they read beside their code is there. */
	readonly root?: string
	/** Whether stacks can name lines of the sources. */
	readonly sourcemap?: boolean
}

export async function compilePrograms(
	scripts: readonly string[],
	outdir: string,
	{ root = ROOT, sourcemap = false }: CompileOptions = {},
): Promise<void> {
	await build({
		entryPoints: [...scripts],
		entryNames: '[name]',
		// No package.json near them says that they are modules.
		outExtension: { '.js': '.mjs' },
		absWorkingDir: ROOT,
		outdir,
		bundle: true,
		splitting: true,
		packages: 'external',
		format: 'esm',
		platform: 'node',
		plugins: [ownPlaces(root)],
		sourcemap,
		// The sources are there.
		sourcesContent: false,
		logLevel: 'error',
	})
}

/** Stores the compiled commands in a folder, whole or not at all, and clears away those of older sources. */
export async function storeCommands(dir: string): Promise<void> {
	const store = dirname(dir)
	// Other users may read it, unlike a temporary folder.
	const unfinished = join(store, `unfinished-${randomUUID()}`)
	await mkdir(unfinished, { recursive: true })
	try {
		await compilePrograms(['scripts/cli.ts'], unfinished, { sourcemap: true })
		// Another command may have compiled the same meanwhile.
		await rename(unfinished, dir).catch(() => {})
	} finally {
		await rm(unfinished, { recursive: true, force: true })
	}
	// Another command may clear it away, too, or it is somebody else's.
	for (const name of await readdir(store))
		if (name !== basename(dir)) await clearAway(join(store, name)).catch(() => {})
}

async function clearAway(dir: string): Promise<void> {
	const { mtimeMs } = await stat(dir)
	if (Date.now() - mtimeMs > KEPT_MS) await rm(dir, { recursive: true, force: true })
}

/** Each module keeps its own place, though its code lies elsewhere. */
function ownPlaces(root: string): Plugin {
	return {
		name: 'own places',
		setup: ({ onLoad }) =>
			onLoad({ filter: /\.ts$/ }, async ({ path }) => {
				const place = join(root, relative(ROOT, path))
				const source = await readFile(path, 'utf8')
				// By functions: a path may have a `$`.
				const contents = source
					.replaceAll('import.meta.filename', () => JSON.stringify(place))
					.replaceAll('import.meta.dirname', () => JSON.stringify(dirname(place)))
					.replaceAll('import.meta.url', () => JSON.stringify(pathToFileURL(place).href))
				return { contents, loader: 'ts' }
			}),
	}
}
