// Opens a file of rows, packed or not, as a stream of plain bytes.
import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '../../../src/shared/app-error.ts'
import type { Effects } from '../effects.ts'
import { ByteSource } from './unpack/byte-source.ts'
import { readGzip } from './unpack/gzip.ts'
import { findZstandardDecoder, readZstandard, type StreamFacts } from './unpack/zstandard.ts'

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
	/**
	 * The unpacked bytes.
	 *
	 * @param onRead told of each chunk as it comes off the disk, with its packed size
	 * @throws AppError `damaged` or `unsupported`; what came before was yielded
	 */
	read(onRead: (packedBytes: number) => void): AsyncIterable<Uint8Array>
	/** Known once the file was read. */
	readonly facts: Readonly<StreamFacts>
}

/**
 * @param path a file, or `-` for stdin, which is JSON Lines and may be packed
 * @throws AppError `not-found`, `bad-input` where the name tells no layout, `missing-tool` without a decoder
 */
export async function openPostFile(path: string, effects: Effects): Promise<PostFile> {
	const facts: StreamFacts = { lacksChecksum: false }
	if (path === STDIN)
		return {
			name: 'stdin',
			bytes: 0,
			layout: 'ndjson',
			read: (onRead) => readStdin(onRead, facts, effects),
			facts,
		}
	const name = basename(path)
	const { packing, layout } = parseFileName(name)
	const bytes = await fileSize(path)
	const unpack = createUnpack(packing, name, facts, effects.env)
	const open = () => createReadStream(path, { highWaterMark: CHUNK_BYTES })
	return { name, bytes, layout, read: (onRead) => unpack(countBytes(open(), onRead)), facts }
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
		if (error.code === 'ELOOP')
			throw new AppError('not-found', `is a link to itself: ${path}; name the file`, error)
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
async function* readStdin(
	onRead: (packedBytes: number) => void,
	facts: StreamFacts,
	{ stdin, env }: Effects,
): AsyncGenerator<Uint8Array> {
	const source = new ByteSource(countBytes(stdin, onRead))
	const head = await source.read(4)
	source.putBack(head)
	yield* createUnpack(detectPacking(head), 'stdin', facts, env)(source.rest())
}

function detectPacking(head: Uint8Array): Packing {
	if (head[0] === 0x1f && head[1] === 0x8b) return 'gz'
	const isFrame = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
	return isFrame ? 'zst' : 'none'
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
