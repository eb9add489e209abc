// Opens a file of rows, packed or not, as a stream of plain bytes.
import { access, constants, open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { ByteSource } from './unpack/byte-source.ts'
import { readGzip } from './unpack/gzip.ts'
import { findPacking, HEAD_BYTES, SHORT_HEAD_BYTES } from './unpack/packing.ts'
import {
	findZstandardDecoder,
	type ReadOptions,
	readZstandard,
	readZstandardFile,
	type StreamFacts,
	type ZstandardDecoder,
} from './unpack/zstandard.ts'

const CHUNK_BYTES = 1 << 20
/** Two chunks: one is worked on while the next is read. */
export const SPACE_BYTES = 2 * CHUNK_BYTES
const STDIN = '-'

type OnRead = (packedBytes: number) => void

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
	 * @param onRead told of packed bytes as they are read or unpacked
	 * @param space where the bytes may be read into, of {@link SPACE_BYTES}
	 * @throws AppError `damaged` or `unsupported`; what came before was yielded
	 */
	read(onRead: OnRead, space?: Uint8Array): AsyncIterable<Uint8Array>
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
			read: (onRead, space) => readStdin(onRead, { name: 'stdin', facts, space }, effects),
			facts,
		}
	const name = basename(path)
	const bytes = await fileSize(path)
	const packing = findPacking(await readHead(path), { name, path })
	const decoder = packing === 'zst' ? findZstandardDecoder(name, effects.env) : null
	return {
		name,
		bytes,
		named: namedLayout(name),
		read(onRead, space) {
			const options = { name, facts, space }
			if (packing === 'none') return countBytes(readChunks(path, space), onRead)
			if (decoder?.unpackFile)
				return readZstandardFile(path, decoder.unpackFile, { ...options, onRead })
			return unpack(countBytes(readChunks(path), onRead), decoder, options)
		},
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
async function* readChunks(
	path: string,
	space: Uint8Array = Buffer.allocUnsafeSlow(SPACE_BYTES),
): AsyncGenerator<Uint8Array> {
	const file = await open(path)
	try {
		const read = (turn: number) => {
			const chunk = file.read(space, (turn % 2) * CHUNK_BYTES, CHUNK_BYTES, null)
			// Whoever awaits it hears of it.
			chunk.catch(() => {})
			return chunk
		}
		let reading = read(0)
		for (let turn = 1; ; turn += 1) {
			const { bytesRead } = await reading
			if (bytesRead === 0) return
			reading = read(turn)
			const start = ((turn - 1) % 2) * CHUNK_BYTES
			yield space.subarray(start, start + bytesRead)
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
	onRead: OnRead,
): AsyncGenerator<Uint8Array> {
	for await (const chunk of chunks) {
		onRead(chunk.length)
		yield chunk
	}
}

async function* readStdin(
	onRead: OnRead,
	options: ReadOptions,
	{ stdin, env }: Effects,
): AsyncGenerator<Uint8Array> {
	const source = new ByteSource(countBytes(stdin, onRead))
	const head = await source.read(SHORT_HEAD_BYTES)
	source.putBack(head)
	const packing = findPacking(head, { name: 'stdin', path: null })
	if (packing === 'none') yield* source.rest()
	else {
		const decoder = packing === 'zst' ? findZstandardDecoder('stdin', env) : null
		yield* unpack(source.rest(), decoder, options)
	}
}

/** @param decoder null for gzip */
function unpack(
	chunks: AsyncIterable<Uint8Array>,
	decoder: ZstandardDecoder | null,
	options: ReadOptions,
): AsyncIterable<Uint8Array> {
	return decoder ? readZstandard(chunks, decoder, options) : readGzip(chunks, options.name)
}
