// The store of this machine, with a shared one behind it where there is one: what is not here is taken from there.
import { readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { exists, linkFile, makeFolder, sha256, temporaryPath, writeFileAtomic } from '../files.ts'
import type { FileRecord } from '../recorded-files.ts'
import { hasSize, isWhole, objectName, objectPath, storeDir } from './objects.ts'
import type { SharedPlace } from './shared-place.ts'

export interface Store {
	/** Keeps a file that was just described; in the shared store, too. */
	put(path: string, file: FileRecord): Promise<void>
	/** Whether it could be taken; of a shared store by its name alone. */
	has(file: FileRecord): Promise<boolean>
	/** Brings a file back. @returns false where it is in neither store */
	take(file: FileRecord, path: string): Promise<boolean>
	/** A note under a name: small, and no object, as its name does not tell its content. */
	readNote(name: string): Promise<string | null>
	writeNote(name: string, text: string): Promise<void>
	/** Whether the store of this machine or the shared one lacks this note. */
	lacksNote(name: string): Promise<boolean>
}

export function openStore(effects: Effects, shared: SharedPlace | null): Store {
	const pathOf = (file: FileRecord) => objectPath(effects, file)
	const takeHere = async (file: FileRecord, path: string) => {
		// Its size is enough to try; its digest is checked now.
		const isHere = await hasSize(pathOf(file), file.bytes)
		if (!isHere && !(await fetchWhole(shared, file, pathOf(file)))) return false
		if (await isWhole(pathOf(file), file)) {
			await linkFile(pathOf(file), path)
			return true
		}
		await rm(pathOf(file), { force: true })
		return false
	}
	return {
		async put(path, file) {
			// It costs no space where the disk knows links.
			if (!(await hasSize(pathOf(file), file.bytes))) await linkFile(path, pathOf(file))
			if (shared && !(await shared.has(objectName(file))))
				await shared.put({ path, name: objectName(file), record: file })
		},
		has: async (file) =>
			(await isWhole(pathOf(file), file)) || ((await shared?.has(objectName(file))) ?? false),
		// A damaged one was removed, and the shared store may have a whole one.
		take: async (file, path) => (await takeHere(file, path)) || takeHere(file, path),
		async readNote(name) {
			const path = join(storeDir(effects), name)
			const text = await readText(path)
			if (text !== null || !(await shared?.download(name, path))) return text
			return readText(path)
		},
		async writeNote(name, text) {
			const path = join(storeDir(effects), name)
			await writeFileAtomic(path, text)
			const record = { bytes: Buffer.byteLength(text), sha256: sha256(text) }
			await shared?.put({ path, name, record })
		},
		lacksNote: async (name) =>
			!(await exists(join(storeDir(effects), name))) ||
			(shared !== null && !(await shared.has(name))),
	}
}

/** What comes over a network is checked before it counts. @throws AppError `damaged` */
async function fetchWhole(
	shared: SharedPlace | null,
	file: FileRecord,
	path: string,
): Promise<boolean> {
	if (!shared) return false
	const temporary = temporaryPath(path)
	await makeFolder(dirname(path))
	try {
		if (!(await shared.download(objectName(file), temporary))) return false
		if (await isWhole(temporary, file)) {
			await rename(temporary, path)
			return true
		}
	} finally {
		await rm(temporary, { force: true })
	}
	throw new AppError(
		'damaged',
		`${objectName(file)} in ${shared.location} is damaged: it is not what its name says; remove it there`,
	)
}

function readText(path: string): Promise<string | null> {
	return readFile(path, 'utf8').catch(() => null)
}
