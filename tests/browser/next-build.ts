// The build of a later version of the page, made of the one that there is: its scripts have other names, and know of each other.
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The assets that change from build to build; the engine's stay. */
const CHANGED = /^(?!engine|unpacker).+\.(js|css)$/
const TEXT = /\.(js|css|html)$/

/** @returns the folder of the new build, inside `into` */
export async function makeNextBuild(dist: string, into: string): Promise<string> {
	await mkdir(into, { recursive: true })
	const next = await mkdtemp(join(into, 'dist-'))
	await cp(dist, next, { recursive: true })
	const files = await readdir(next, { recursive: true })
	// What was compressed is of the build before.
	for (const file of files.filter((file) => /\.(br|gz)$/.test(file))) await rm(join(next, file))
	const assets = (await readdir(join(next, 'assets'))).filter((name) => CHANGED.test(name))
	for (const file of files.filter((file) => TEXT.test(file))) {
		const path = join(next, file)
		const text = await readFile(path, 'utf8')
		await writeFile(
			path,
			assets.reduce((changed, name) => changed.replaceAll(name, nextName(name)), text),
		)
	}
	for (const name of assets)
		await rename(join(next, 'assets', name), join(next, 'assets', nextName(name)))
	await markPage(next)
	return next
}

function nextName(name: string): string {
	return name.replace(/\.(\w+)$/, '-next.$1')
}

/** As the build does: the service worker knows the page by another revision. */
async function markPage(folder: string): Promise<void> {
	const path = join(folder, 'service-worker.js')
	const text = await readFile(path, 'utf8')
	await writeFile(path, text.replace(/"revision":"\w+"/, '"revision":"next"'))
}
