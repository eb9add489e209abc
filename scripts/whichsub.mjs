// Starts a command. What runs is whichsub as JavaScript, compiled once for as long as its sources stay the same: compiling TypeScript
// at each start took a second of the processor. Plain JavaScript itself, because Node 20 runs nothing else.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = resolve(import.meta.dirname, '..')
const COMPILED = join(ROOT, 'node_modules/.cache/whichsub/commands')

// A bug's stack names the lines of the sources.
process.setSourceMapsEnabled(true)
const program = (await findCompiled()) ?? (await loadAsItIs())
await import(pathToFileURL(program).href)

/** @returns null where it can't be compiled or stored */
async function findCompiled() {
	const dir = join(COMPILED, stampOfSources())
	try {
		if (existsSync(dir)) markUsed(dir)
		else {
			const { tsImport } = await import('tsx/esm/api')
			const { storeCommands } = await tsImport('./dev/compile-programs.ts', import.meta.url)
			await storeCommands(dir)
		}
		return join(dir, 'cli.mjs')
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

/** Another one as soon as a source file has changed. */
function stampOfSources() {
	const stamp = createHash('sha256').update(process.version)
	for (const file of ['package-lock.json', ...listSources('scripts'), ...listSources('src')]) {
		const { mtimeMs, size } = statSync(join(ROOT, file))
		stamp.update(`${file} ${mtimeMs} ${size}\n`)
	}
	return stamp.digest('hex').slice(0, 16)
}

function listSources(folder) {
	const files = readdirSync(join(ROOT, folder), { recursive: true })
	const sources = files.filter((file) => /\.(?:ts|json)$/.test(file))
	return sources.sort().map((file) => join(folder, file))
}
