// Starts a command. What runs is whichsub as JavaScript, compiled once for as long as its sources stay the same: compiling TypeScript
// at each start took a second of the processor. Plain JavaScript itself, because Node 20 runs nothing else.
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = resolve(import.meta.dirname, '..')
const COMPILED = join(ROOT, 'node_modules/.cache/whichsub/commands')

// A bug's stack names the lines of the sources.
process.setSourceMapsEnabled(true)
const program = (await findCompiled()) ?? (await loadAsItIs())
await import(pathToFileURL(program).href)

/** @returns null where it can't be compiled, stored or read */
async function findCompiled() {
	try {
		const dir = join(COMPILED, stampOfSources())
		const compiled = join(dir, 'cli.mjs')
		if (existsSync(compiled)) markUsed(dir)
		else {
			const { tsImport } = await import('tsx/esm/api')
			const { storeCommands } = await tsImport('./dev/compile-programs.ts', import.meta.url)
			await storeCommands(dir)
		}
		accessSync(compiled, constants.R_OK)
		return compiled
	} catch {
		return null
	}
}

/** What is in use is not cleared away. */
function markUsed(dir) {
	const now = new Date()
	try {
		utimesSync(dir, now, now)
	} catch {
		// It is somebody else's, who clears it away or not.
	}
}

/** Slower, and says itself what is wrong with the sources. */
async function loadAsItIs() {
	const { register } = await import('tsx/esm/api')
	register()
	return join(ROOT, 'scripts/cli.ts')
}

/** Another one as soon as a source file has changed; and in a copy of the folder, because what is compiled names the folder. */
function stampOfSources() {
	const stamp = createHash('sha256').update(`${process.version} ${ROOT}\n`)
	const others = ['package.json', 'package-lock.json', 'tsconfig.json']
	for (const file of [...others, ...listSources('scripts'), ...listSources('src')]) {
		// An editor may just have removed it, or its lock is a link to nothing.
		const stats = statSync(join(ROOT, file), { throwIfNoEntry: false })
		if (stats) stamp.update(`${file} ${stats.mtimeMs} ${stats.size}\n`)
	}
	return stamp.digest('hex').slice(0, 16)
}

function listSources(folder) {
	const files = readdirSync(join(ROOT, folder), { recursive: true })
	const sources = files.filter((file) => /\.(?:ts|json)$/.test(file))
	return sources.sort().map((file) => join(folder, file))
}
