// Unpacks Zstandard (RFC 8878) as a stream: several frames, windows up to 2 GB as the public dumps have them
// (`--long=31`), checksums. The decoders on npm stop at smaller windows, or move the whole window for each block.
import { AppError } from '../../../../src/shared/app-error.ts'
import { damaged, PADDING } from './bits.ts'
import { ByteReader } from './byte-reader.ts'
import { History, MAX_BLOCK_BYTES } from './history.ts'
import type { HuffmanTable } from './huffman.ts'
import { readLiterals } from './literals.ts'
import { createSequenceState, readSequences, type SequenceState } from './sequences.ts'
import { Xxhash64 } from './xxhash64.ts'

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const MAX_WINDOW = 2 ** 31
const MIN_WINDOW = 1024

const RAW = 0
const REPEATED = 1
const COMPRESSED = 2

/**
 * Unpacks all frames, a block at a time.
 *
 * @param name what errors call it
 * @throws AppError `damaged` for a stream that is cut off or corrupt, `unsupported` for a dictionary or a window above
 *   2 GB; what came before was yielded
 */
export async function* readZstandard(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Uint8Array> {
	const reader = new ByteReader(chunks)
	const decoder = new BlockDecoder()
	try {
		while (!(await reader.isAtEnd())) yield* readFrame(reader, decoder)
	} catch (error) {
		if (!(error instanceof AppError)) throw error
		throw new AppError(error.code, formatProblem(error, name), error)
	}
}

function formatProblem({ code, message }: AppError, name: string): string {
	if (code === 'damaged') return `file is damaged: ${name} (${message}); get it again`
	return `file can't be unpacked: ${name} (${message})`
}

async function* readFrame(reader: ByteReader, decoder: BlockDecoder): AsyncGenerator<Uint8Array> {
	const magic = number(await reader.read(4))
	if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
		await reader.skip(number(await reader.read(4)))
		return
	}
	if (magic !== FRAME_MAGIC) throw damaged('no Zstandard frame where one should begin')
	const { window, contentSize, hasChecksum } = await readFrameHeader(reader)
	decoder.beginFrame(window)
	const hash = new Xxhash64()
	let size = 0
	for (let isLast = false; !isLast; ) {
		const header = number(await reader.read(3))
		isLast = (header & 1) === 1
		const block = await readBlock(reader, decoder, (header >>> 1) & 3, header >>> 3)
		size += block.length
		if (hasChecksum) hash.update(block)
		if (block.length > 0) yield block
	}
	if (contentSize !== null && contentSize !== size) throw damaged('a frame has not its length')
	if (hasChecksum && number(await reader.read(4)) !== hash.digestLow())
		throw damaged('a checksum differs')
}

interface FrameHeader {
	/** Bytes. */
	readonly window: number
	readonly contentSize: number | null
	readonly hasChecksum: boolean
}

async function readFrameHeader(reader: ByteReader): Promise<FrameHeader> {
	const flags = number(await reader.read(1))
	if ((flags & 8) !== 0) throw damaged('a frame has unknown flags')
	const isSingleSegment = (flags & 32) !== 0
	const descriptor = isSingleSegment ? null : number(await reader.read(1))
	const dictionary = number(await reader.read([0, 1, 2, 4][flags & 3] as number))
	if (dictionary !== 0) throw new AppError('unsupported', 'it needs a dictionary')
	const sizeFlag = flags >>> 6
	const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag
	const rawSize = number(await reader.read(sizeBytes))
	const contentSize = sizeBytes === 0 ? null : rawSize + (sizeBytes === 2 ? 256 : 0)
	const declared = descriptor === null ? (contentSize ?? 0) : windowSize(descriptor)
	if (declared > MAX_WINDOW)
		throw new AppError('unsupported', `its window is ${declared} bytes, and 2 GB is the most`)
	// A short frame never looks further back than its own begin.
	const window = Math.max(MIN_WINDOW, Math.min(declared, contentSize ?? declared))
	return { window, contentSize, hasChecksum: (flags & 4) !== 0 }
}

function windowSize(descriptor: number): number {
	const base = 2 ** (10 + (descriptor >>> 3))
	return base + (base / 8) * (descriptor & 7)
}

async function readBlock(
	reader: ByteReader,
	decoder: BlockDecoder,
	type: number,
	size: number,
): Promise<Uint8Array> {
	if (type > COMPRESSED || size > MAX_BLOCK_BYTES) throw damaged('a block of an unknown kind')
	if (type === REPEATED) return decoder.repeat(number(await reader.read(1)), size)
	const data = await reader.read(size)
	return type === RAW ? decoder.store(data) : decoder.decode(data)
}

/** Decodes the blocks of frames, and keeps what a block takes over from those before it. */
class BlockDecoder {
	readonly #history = new History()
	readonly #padded = new Uint8Array(MAX_BLOCK_BYTES + 2 * PADDING)
	readonly #literals = new Uint8Array(MAX_BLOCK_BYTES)
	#tree: HuffmanTable | null = null
	#sequences: SequenceState = createSequenceState()

	beginFrame(window: number): void {
		this.#history.reset(window)
		this.#tree = null
		this.#sequences = createSequenceState()
	}

	repeat(byte: number, count: number): Uint8Array {
		this.#history.beginBlock()
		this.#history.fill(byte, count)
		return this.#history.endBlock()
	}

	store(data: Uint8Array): Uint8Array {
		this.#history.beginBlock()
		this.#history.append(data, 0, data.length)
		return this.#history.endBlock()
	}

	decode(data: Uint8Array): Uint8Array {
		const padded = this.#padded
		const end = PADDING + data.length
		padded.set(data, PADDING)
		padded.fill(0, end, end + PADDING)
		const block = { start: PADDING, end }
		const literals = readLiterals(padded, block, this.#literals, this.#tree)
		this.#tree = literals.table
		this.#history.beginBlock()
		readSequences(padded, end, literals, this.#sequences, this.#history)
		return this.#history.endBlock()
	}
}

/** Little-endian, up to 8 bytes; above 2^53 it is only good for a comparison. */
function number(bytes: Uint8Array): number {
	return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
