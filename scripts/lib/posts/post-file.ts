// Opens a file of posts, whatever it is packed with, as a stream of plain bytes.
import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { readZstandard } from './zstandard/zstandard.ts'

const CHUNK_BYTES = 1 << 20
const STDIN = '-'

type Packing = 'zst' | 'gz' | 'none'
export type Layout = 'ndjson' | 'csv'

export interface PostFile {
	/** What messages and the database call it: the file's name without its folder. */
	readonly name: string
	/** Bytes on disk; 0 where that is not known beforehand. */
	readonly bytes: number
	readonly layout: Layout
	/** The unpacked bytes. `onRead` is told of each chunk as it comes off the disk, with its packed size. */
	read(onRead: (packedBytes: number) => void): AsyncIterable<Uint8Array>
}

/**
 * @param path a file, or `-` for stdin, which is JSON Lines and may be packed
 * @throws AppError `not-found`, or `bad-input` where the name tells no layout
 */
export async function openPostFile(path: string, effects: Effects): Promise<PostFile> {
	if (path === STDIN) {
		const read = (onRead: (bytes: number) => void) => unpackUnknown(effects.stdin, 'stdin', onRead)
		return { name: 'stdin', bytes: 0, layout: 'ndjson', read }
	}
	const name = basename(path)
	const { packing, layout } = parseFileName(name)
	const bytes = await fileSize(path)
	return {
		name,
		bytes,
		layout,
		read: (onRead) =>
			unpack(
				countBytes(createReadStream(path, { highWaterMark: CHUNK_BYTES }), onRead),
				packing,
				name,
			),
	}
}

function parseFileName(name: string): { packing: Packing; layout: Layout } {
	const [, inner = '', packing] = /^(.*?)(?:\.(zst|gz))?$/i.exec(name) ?? []
	const layout = /\.(ndjson|jsonl|json|csv)$/i.exec(inner)?.[1]?.toLowerCase()
	// The public dumps are named RS_2013-06.zst: what is packed without a second extension is JSON Lines.
	if (!layout && !packing)
		throw new AppError(
			'bad-input',
			`unknown kind of file: ${name}; expected .zst, .gz, .ndjson, .jsonl or .csv`,
		)
	return {
		packing: (packing?.toLowerCase() as 'zst' | 'gz' | undefined) ?? 'none',
		layout: layout === 'csv' ? 'csv' : 'ndjson',
	}
}

async function fileSize(path: string): Promise<number> {
	const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
		if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
			throw new AppError('not-found', `file not found: ${path}`, error)
		throw error
	})
	if (found.isDirectory())
		throw new AppError('bad-input', `is a folder: ${path}; name the files in it`)
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

// Standard input has no name: its first bytes tell how it is packed.
async function* unpackUnknown(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
	onRead: (packedBytes: number) => void,
): AsyncGenerator<Uint8Array> {
	const iterator = countBytes(chunks, onRead)[Symbol.asyncIterator]()
	let head: Uint8Array = new Uint8Array(0)
	while (head.length < 4) {
		const next = await iterator.next()
		if (next.done) break
		head = Buffer.concat([head, next.value])
	}
	async function* whole(): AsyncGenerator<Uint8Array> {
		yield head
		yield* iterator
	}
	yield* unpack(whole(), detectPacking(head), name)
}

function detectPacking(head: Uint8Array): Packing {
	if (head[0] === 0x1f && head[1] === 0x8b) return 'gz'
	const isFrame = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
	return isFrame ? 'zst' : 'none'
}

function unpack(
	chunks: AsyncIterable<Uint8Array>,
	packing: Packing,
	name: string,
): AsyncIterable<Uint8Array> {
	if (packing === 'zst') return readZstandard(chunks, name)
	if (packing === 'gz') return readGzip(chunks, name)
	return chunks
}

async function* readGzip(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Uint8Array> {
	const unpacked = pipeline(
		Readable.from(chunks, { objectMode: false }),
		createGunzip({ chunkSize: CHUNK_BYTES }),
		// The loop below meets the error too.
		() => {},
	)
	try {
		yield* unpacked as AsyncIterable<Uint8Array>
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? ''
		if (!code.startsWith('Z_')) throw error
		const what = code === 'Z_BUF_ERROR' ? 'is cut off' : `is damaged (${errorMessage(error)})`
		throw new AppError('damaged', `file ${what}: ${name}; get it again`, error)
	}
}
