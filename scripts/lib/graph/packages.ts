// The packages that code uses, with everything that they depend on, as locked in package-lock.json.
import { join } from 'node:path'
import * as v from 'valibot'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { readTextFile } from '../files.ts'

export const PACKAGE_LOCK = 'package-lock.json'

const Dependencies = v.optional(v.record(v.string(), v.string()), {})

const Package = v.object({
	version: v.optional(v.string(), ''),
	integrity: v.optional(v.string(), ''),
	/** The operating systems that it is for. */
	os: v.optional(v.array(v.string()), []),
	dependencies: Dependencies,
	optionalDependencies: Dependencies,
})
type Package = v.InferOutput<typeof Package>

const Lock = v.object({ packages: v.record(v.string(), Package) })
type Lock = v.InferOutput<typeof Lock>

export interface LockedPackage {
	readonly name: string
	readonly version: string
	readonly integrity: string
}

/** @throws AppError `not-found`, `bad-data` */
export async function readPackageLock(root: string): Promise<Lock> {
	const path = join(root, PACKAGE_LOCK)
	return parseJsonWith(Lock, await readTextFile(path, PACKAGE_LOCK), path)
}

/** Sorted by name, then version. A package that is not in the lock, such as a linked one, is left out. */
export function lockedPackages({ packages }: Lock, names: Iterable<string>): LockedPackage[] {
	const found = new Map<string, LockedPackage>()
	const follow = (name: string, from: string) => {
		// Types have no effect at run time.
		const place = name.startsWith('@types/') ? null : findPlace(packages, name, from)
		if (place === null || found.has(place)) return
		const locked = packages[place] as Package
		// A package for a single platform has the version for which the package that chooses among them asks.
		if (locked.os.length > 0) return
		found.set(place, { name, version: locked.version, integrity: locked.integrity })
		const { dependencies, optionalDependencies } = locked
		for (const next of Object.keys({ ...dependencies, ...optionalDependencies }))
			follow(next, place)
	}
	for (const name of names) follow(name, '')
	const key = ({ name, version }: LockedPackage) => `${name}\0${version}`
	return [...found.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** Resolved as Node does: beside the package that imports it, then in the folders above. */
function findPlace(packages: Lock['packages'], name: string, from: string): string | null {
	const place = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`
	if (packages[place]) return place
	if (from === '') return null
	return findPlace(packages, name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
}
