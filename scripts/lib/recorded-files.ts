// Files that a record describes: an execution's, a snapshot's, a release's. Whoever reads one reads it through here, and
// it is checked against the size and SHA-256 of its record every time.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type * as v from 'valibot'
import { AppError } from '../../src/shared/app-error.ts'
import { parseWith } from '../../src/shared/parse.ts'
import { HASH_CHUNK_BYTES, readBytes, readFailure, sha256 } from './files.ts'

/** What a record says of a file. */
export interface FileRecord {
	readonly bytes: number
	readonly sha256: string
}

export interface RecordedFile {
	readonly path: string
	readonly record: FileRecord
	/** What errors call it, as in `model of execution #3`. */
	readonly what: string
	/** What to do where it is missing or damaged, as in `run train again`. */
	readonly remedy: string
}

/** Reads a whole file. @throws AppError `not-found`, `damaged`, `storage` */
export async function readRecordedFile(file: RecordedFile): Promise<Buffer> {
	await checkSize(file)
	const bytes = await readBytes(file.path, file.what)
	checkRecordedBytes(bytes, file)
	return bytes
}

/**
 * Checks a file that is too large for memory, or that another program reads.
 *
 * @returns its path
 * @throws AppError `not-found`, `damaged`, `storage`
 */
export async function checkRecordedFile(file: RecordedFile): Promise<string> {
	await checkSize(file)
	const hash = createHash('sha256')
	try {
		const chunks = createReadStream(file.path, { highWaterMark: HASH_CHUNK_BYTES })
		for await (const chunk of chunks as AsyncIterable<Buffer>) hash.update(chunk)
	} catch (error) {
		throw readFailure(error, file.path, file.what)
	}
	if (hash.digest('hex') !== file.record.sha256) throw wrongDigest(file)
	return file.path
}

/** Checks bytes that are in memory already. @throws AppError `damaged` */
export function checkRecordedBytes(
	bytes: Uint8Array,
	file: Pick<RecordedFile, 'path' | 'record' | 'remedy'>,
): void {
	if (bytes.length !== file.record.bytes) throw wrongSize(file, bytes.length)
	if (sha256(bytes) !== file.record.sha256) throw wrongDigest(file)
}

/**
 * Reads a JSON file that nothing holds a digest of: a record itself.
 *
 * @param file `oldest` and `newest`: the versions of its schema that are read
 * @throws AppError `not-found`, `unsupported` for the file of another version, `damaged` for anything else that is wrong
 */
export async function readRecord<Schema extends v.GenericSchema>(
	schema: Schema,
	{
		oldest = 1,
		newest = 1,
		...file
	}: Omit<RecordedFile, 'record'> & { readonly oldest?: number; readonly newest?: number },
): Promise<{ readonly record: v.InferOutput<Schema>; readonly json: object }> {
	const { path, what, remedy } = file
	await checkIsFile(file)
	const json = parseObject((await readBytes(path, what)).toString('utf8'), file)
	const { schema: version } = json as { readonly schema?: unknown }
	if (typeof version === 'number' && version > newest)
		throw new AppError(
			'unsupported',
			`${path} has schema ${version}, and this version of whichsub reads schema ${newest}; update whichsub`,
		)
	if (typeof version === 'number' && version < oldest)
		throw new AppError(
			'unsupported',
			join(`${path} has schema ${version}, which whichsub reads no longer`, remedy),
		)
	try {
		return { record: parseWith(schema, json, path), json }
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		throw new AppError('damaged', join(error.message, remedy), error)
	}
}

function parseObject(text: string, { path, remedy }: Omit<RecordedFile, 'record'>): object {
	try {
		const json: unknown = JSON.parse(text)
		if (typeof json === 'object' && json !== null) return json
	} catch {
		// As good as none.
	}
	throw new AppError('damaged', join(`${path} is damaged: it is not JSON`, remedy))
}

async function checkSize(file: RecordedFile): Promise<void> {
	const bytes = await checkIsFile(file)
	if (bytes !== file.record.bytes) throw wrongSize(file, bytes)
}

/** Before anything is read: a pipe or a device would never end. @returns its bytes */
async function checkIsFile({ path, what, remedy }: Omit<RecordedFile, 'record'>): Promise<number> {
	const found = await stat(path).catch((error: unknown) => {
		const failure = readFailure(error, path, what)
		if (!(failure instanceof AppError) || failure.code !== 'not-found') throw failure
		throw new AppError('not-found', join(failure.message, remedy), error)
	})
	if (found.isFile()) return found.size
	throw new AppError('damaged', join(`${what} is no file: ${path}`, remedy))
}

type Damaged = Pick<RecordedFile, 'path' | 'record' | 'remedy'>

function wrongSize({ path, record, remedy }: Damaged, bytes: number): AppError {
	const text = `${path} is damaged: ${bytes} bytes, expected ${record.bytes}`
	return new AppError('damaged', join(text, remedy))
}

function wrongDigest({ path, remedy }: Damaged): AppError {
	const text = `${path} is damaged: its SHA-256 is not the one on record`
	return new AppError('damaged', join(text, remedy))
}

function join(problem: string, remedy: string): string {
	return remedy === '' ? problem : `${problem}; ${remedy}`
}
