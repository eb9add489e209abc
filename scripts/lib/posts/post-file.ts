// Opens a file of rows, packed or not, as a stream of plain bytes.
import { access, constants, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { ByteSource } from './unpack/byte-source.ts'
import { readGzip } from './unpack/gzip.ts'
import { findPacking, HEAD_BYTES, type Packing, SHORT_HEAD_BYTES } from './unpack/packing.ts'
import { findZstandardDecoder, readZstandard, type StreamFacts } from './unpack/zstandard.ts'

const CHUNK_BYTES = 1 << 20
const STDIN = '-'

export interface PostFile {
	/** What messages and the database call it: the file's name without its folder. */
	readonly name: string
	/** Bytes on disk; 0 where that is not known beforehand. */
	readonly bytes: number
	/** What its name says of its rows: JSON, or a table; null where it says nothing. */
	readonly named: 'lines' | 'table' | null
	/**
	 * The unpacked bytes; each chunk holds until the next one is asked for.
	 *
	 * @param onRead told of each chunk as it comes off the disk, with its packed size
	 * @throws AppError `damaged` or `unsupported`; what came before was yielded
	 */
	read(onRead: (packedBytes: number) => void): AsyncIterable<Uint8Array>
	/** Known once the file was read. */
	readonly facts: Readonly<StreamFacts>
}

/**
 * @param path a file, or `-` for stdin; either may be packed, which its first bytes tell
 * @throws AppError `not-found`, `bad-input` for a kind of file that is not read here, `missing-tool` without a decoder
 */
export async function openPostFile(path: string, effects: Effects): Promise<PostFile> {
	const facts: StreamFacts = { lacksChecksum: false }
	if (path === STDIN)
		return {
			name: 'stdin',
			bytes: 0,
			named: 'lines',
			read: (onRead) => readStdin(onRead, facts, effects),
			facts,
		}
	const name = basename(path)
	const bytes = await fileSize(path)
	const unpack = createUnpack(
		findPacking(await readHead(path), { name, path }),
		name,
		facts,
		effects.env,
	)
	return {
		name,
		bytes,
		named: namedLayout(name),
		read: (onRead) => unpack(countBytes(readChunks(path), onRead)),
		facts,
	}
}

function namedLayout(name: string): PostFile['named'] {
	const [, ending = ''] = /\.([a-z]+)(?:\.(?:zst|gz))?$/i.exec(name) ?? []
	if (/^(?:csv|tsv|tab)$/i.test(ending)) return 'table'
	return /^(?:ndjson|jsonl|json)$/i.test(ending) ? 'lines' : null
}

/**
 * Each chunk holds until the next one is asked for, and that is read meanwhile. Of a stream, each would have a buffer of its own, and
 * collecting those took as long as finding posts in them.
 */
async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
	const file = await open(path)
	try {
		const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(CHUNK_BYTES))
		const read = (turn: number) => {
			const chunk = file.read(buffers[turn % 2] as Buffer, 0, CHUNK_BYTES, null)
			// Whoever awaits it hears of it.
			chunk.catch(() => {})
			return chunk
		}
		let reading = read(0)
		for (let turn = 1; ; turn += 1) {
			const { buffer, bytesRead } = await reading
			if (bytesRead === 0) return
			reading = read(turn)
			yield buffer.subarray(0, bytesRead)
		}
	} finally {
		await file.close()
	}
}

async function readHead(path: string): Promise<Uint8Array> {
	const file = await open(path)
	try {
		const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
		return buffer.subarray(0, bytesRead)
	} finally {
		await file.close()
	}
}

async function fileSize(path: string): Promise<number> {
	const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
			throw new AppError('not-found', `file not found: ${path}`, error)
		if (error.code === 'ELOOP')
			throw new AppError('not-found', `is a link to itself: ${path}; name the file`, error)
		throw error
	})
	if (found.isDirectory())
		throw new AppError('bad-input', `is a folder: ${path}; name the files in it`)
	if (!found.isFile())
		throw new AppError(
			'bad-input',
			`is a pipe or a device, which can be read only once: ${path}; send it to stdin, as in: ingest - < ${path}`,
		)
	await access(path, constants.R_OK).catch((error: unknown) => {
		throw new AppError('storage', `may not be read: ${path}; check its permissions`, error)
	})
	return found.size
}

async function* countBytes(
	chunks: AsyncIterable<Uint8Array>,
	onRead: (packedBytes: number) => void,
): AsyncGenerator<Uint8Array> {
	for await (const chunk of chunks) {
		onRead(chunk.length)
		yield chunk
	}
}

async function* readStdin(
	onRead: (packedBytes: number) => void,
	facts: StreamFacts,
	{ stdin, env }: Effects,
): AsyncGenerator<Uint8Array> {
	const source = new ByteSource(countBytes(stdin, onRead))
	const head = await source.read(SHORT_HEAD_BYTES)
	source.putBack(head)
	const packing = findPacking(head, { name: 'stdin', path: null })
	yield* createUnpack(packing, 'stdin', facts, env)(source.rest())
}

type Unpack = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

function createUnpack(
	packing: Packing,
	name: string,
	facts: StreamFacts,
	env: Effects['env'],
): Unpack {
	if (packing === 'none') return (chunks) => chunks
	if (packing === 'gz') return (chunks) => readGzip(chunks, name)
	const decode = findZstandardDecoder(name, env)
	return (chunks) => readZstandard(chunks, name, decode, facts)
}
