// Writing files so that a kill or a full disk at any moment leaves the old file or the new one, never a half.
import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import {
	copyFile,
	type FileHandle,
	link,
	mkdir,
	open,
	readdir,
	readFile,
	rename,
	rm,
	stat,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../src/shared/app-error.ts'

/** A name beside `path` for a file or folder that is still being written. */
export function temporaryPath(path: string): string {
	return join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`)
}

/** Whether {@link temporaryPath} gave this name. */
export function isTemporaryName(name: string): boolean {
	return /^\..+\.[0-9a-f]{8}\.tmp$/.test(name)
}

/** Writes `path` by temporary file, fsync and rename. */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
	await makeFolder(dirname(path))
	try {
		await replaceFile(path, (file) => file.writeFile(data))
	} catch (error) {
		throw storageError(error, path)
	}
}

/**
 * The same for what is written piece by piece.
 *
 * @param temporary in the same folder
 * @throws what `write` or the disk says, as it is; the temporary file is gone
 */
export async function replaceFile<T>(
	path: string,
	write: (file: FileHandle) => Promise<T>,
	temporary = temporaryPath(path),
): Promise<T> {
	try {
		const file = await open(temporary, 'w')
		let result: T
		try {
			result = await write(file)
			await file.sync()
		} finally {
			await file.close()
		}
		await rename(temporary, path)
		return result
	} catch (error) {
		await rm(temporary, { force: true })
		throw error
	}
}

/** Writes all of it: a disk may take less than it is asked to, and says only the next time that it is full. */
export async function writeAt(
	file: Pick<FileHandle, 'write'>,
	bytes: Uint8Array,
	position: number,
): Promise<void> {
	for (let done = 0; done < bytes.length; ) {
		const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
		done += bytesWritten
	}
}

/**
 * Gives a file a second name: the same bytes, as writers of ours replace files and never change one in place. Where there can be
 * none, as on another disk, it is a copy.
 */
export async function linkFile(from: string, to: string): Promise<void> {
	const temporary = temporaryPath(to)
	await makeFolder(dirname(to))
	try {
		await link(from, temporary).catch(() => copyFile(from, temporary, constants.COPYFILE_FICLONE))
		await rename(temporary, to)
	} catch (error) {
		throw storageError(error, to)
	} finally {
		// A rename of one name of a file to another name of it does nothing.
		await rm(temporary, { force: true })
	}
}

/** Makes a folder and those above it. @throws AppError `storage` or `storage-full` where that can't be */
export async function makeFolder(path: string): Promise<void> {
	try {
		await mkdir(path, { recursive: true })
	} catch (error) {
		throw storageError(error, path)
	}
}

/** An expected failure for what a disk may answer; anything else comes back as it is. */
export function storageError(error: unknown, path: string): unknown {
	const code = (error as NodeJS.ErrnoException).code
	if (code === 'ENOSPC' || code === 'EDQUOT')
		return new AppError(
			'storage-full',
			`disk is full: ${path}; free some space and run this again`,
			error,
		)
	if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
		return new AppError('storage', `may not be written: ${path}; check its permissions`, error)
	if (code === 'ENOTDIR' || code === 'EEXIST')
		return new AppError(
			'storage',
			`is no folder, or lies below a file: ${path}; name another`,
			error,
		)
	if (code === 'ELOOP')
		return new AppError('storage', `is a link to itself: ${path}; name another`, error)
	return error
}

/** @throws AppError `not-found` that names `what` and the path */
export async function readTextFile(path: string, what: string): Promise<string> {
	return (await readBytes(path, what)).toString('utf8')
}

/** @throws AppError `not-found`, `bad-input` or `storage` that names `what` and the path */
export async function readBytes(path: string, what: string): Promise<Buffer> {
	try {
		return await readFile(path)
	} catch (error) {
		throw readFailure(error, path, what)
	}
}

/** An expected failure for what a disk answers to reading; anything else comes back as it is. */
export function readFailure(error: unknown, path: string, what: string): unknown {
	switch ((error as NodeJS.ErrnoException).code) {
		case 'ENOENT':
		case 'ENOTDIR':
			return new AppError('not-found', `${what} not found: ${path}`, error)
		case 'EISDIR':
			return new AppError('bad-input', `${what} is a folder: ${path}`, error)
		case 'ELOOP':
			return new AppError('bad-input', `${what} is a link to itself: ${path}; remove it`, error)
		case 'EACCES':
		case 'EPERM':
			return new AppError(
				'storage',
				`${what} may not be read: ${path}; check its permissions`,
				error,
			)
		case 'EIO':
			return new AppError('storage', `${what} can't be read: ${path}; check the disk`, error)
		default:
			return error
	}
}

/** The names in a folder; none where there is no such folder. @throws AppError */
export async function readNames(path: string, what: string): Promise<string[]> {
	try {
		return await readdir(path)
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
		throw readFailure(error, path, what)
	}
}

export async function exists(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	)
}

/** SHA-256 in hex of bytes that are in memory. */
export function sha256(data: string | Uint8Array): string {
	return createHash('sha256').update(data).digest('hex')
}

/** Hashing in pieces of this size takes a third of the time that it takes in a stream's usual 64 kB. */
export const HASH_CHUNK_BYTES = 1 << 20

/** A file as records describe it. */
export interface DescribedFile {
	readonly name: string
	readonly bytes: number
	readonly sha256: string
}

/** Writes what a step made into its folder, by name. */
export async function writeOutputs(
	dir: string,
	contents: Readonly<Record<string, string | Uint8Array>>,
): Promise<DescribedFile[]> {
	const files: DescribedFile[] = []
	for (const [name, content] of Object.entries(contents)) {
		await writeFileAtomic(join(dir, name), content)
		files.push({ name, bytes: Buffer.byteLength(content), sha256: sha256(content) })
	}
	return files
}

/** Name, bytes and SHA-256 of a file, read as a stream. */
export async function describeFile(path: string): Promise<DescribedFile> {
	const hash = createHash('sha256')
	let bytes = 0
	const chunks = createReadStream(path, { highWaterMark: HASH_CHUNK_BYTES })
	for await (const chunk of chunks as AsyncIterable<Buffer>) {
		hash.update(chunk)
		bytes += chunk.length
	}
	return { name: basename(path), bytes, sha256: hash.digest('hex') }
}
