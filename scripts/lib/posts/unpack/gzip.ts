// Unpacks gzip (RFC 1952) as a stream, member by member. Node's createGunzip is not enough: if anything but another member
// follows a sound one, it drops the last piece of that.
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib'
import { errorMessage } from '../../../../src/shared/app-error.ts'
import { ByteSource } from './byte-source.ts'
import { CUT_OFF, damaged, EMPTY, nameFile } from './damage.ts'
import { DECODER_OPTIONS } from './decoder-options.ts'

const DEFLATE = 8

/** Flags of a member's header, by the fields that they announce. */
const HAS_HEADER_CHECKSUM = 2
const HAS_EXTRA = 4
const HAS_NAME = 8
const HAS_COMMENT = 16

/**
 * @param name what errors call the file
 * @throws AppError `damaged` for a stream that is cut off or corrupt, or that something else follows; what came before
 *   was yielded
 */
export async function* readGzip(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
): AsyncGenerator<Uint8Array> {
	const source = new ByteSource(chunks)
	try {
		if (!(await hasMember(source))) throw damaged(EMPTY)
		do yield* readMember(source)
		while (await hasMember(source))
	} catch (error) {
		throw nameFile(error, name)
	} finally {
		await source.close()
	}
}

// Tapes and some programs pad the last block with zeros.
async function hasMember(source: ByteSource): Promise<boolean> {
	for (;;) {
		const chunk = await source.readChunk()
		if (chunk === null) return false
		const start = chunk.findIndex((byte) => byte !== 0)
		if (start < 0) continue
		source.putBack(chunk.subarray(start))
		return true
	}
}

async function* readMember(source: ByteSource): AsyncGenerator<Uint8Array> {
	await skipHeader(source)
	let [checksum, bytes] = [0, 0]
	for await (const piece of inflate(source)) {
		checksum = crc32(piece, checksum)
		bytes += piece.length
		yield piece
	}
	const trailer = Buffer.from(await readWhole(source, 8))
	if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== bytes % 2 ** 32)
		throw damaged('a checksum differs')
}

async function skipHeader(source: ByteSource): Promise<void> {
	const head = await source.read(10)
	const [first, second = 0x8b, method, flags = 0] = head
	if (first !== 0x1f || second !== 0x8b) throw damaged('no gzip member where one should begin')
	if (head.length < 10) throw damaged(CUT_OFF)
	if (method !== DEFLATE) throw damaged('a member of an unknown kind')
	if ((flags & HAS_EXTRA) !== 0) {
		const [low = 0, high = 0] = await readWhole(source, 2)
		await readWhole(source, low + 256 * high)
	}
	for (const flag of [HAS_NAME, HAS_COMMENT])
		if ((flags & flag) !== 0) while ((await readWhole(source, 1))[0] !== 0);
	if ((flags & HAS_HEADER_CHECKSUM) !== 0) await readWhole(source, 2)
}

async function readWhole(source: ByteSource, count: number): Promise<Uint8Array> {
	const bytes = await source.read(count)
	if (bytes.length < count) throw damaged(CUT_OFF)
	return bytes
}

async function* inflate(source: ByteSource): AsyncGenerator<Uint8Array> {
	const decoder = createInflateRaw(DECODER_OPTIONS)
	const fed = feed(decoder, source)
	try {
		yield* decoder as AsyncIterable<Uint8Array>
		await fed
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException
		if (code === 'Z_BUF_ERROR') throw damaged(CUT_OFF, error)
		throw code.startsWith('Z_') ? damaged(errorMessage(error), error) : error
	} finally {
		decoder.destroy()
	}
}

/** Feeds the decoder up to the end of the member, and puts back the bytes behind it. */
async function feed(decoder: InflateRaw, source: ByteSource): Promise<void> {
	try {
		for (let given = 0; !decoder.destroyed; ) {
			const chunk = await source.readChunk()
			if (chunk === null) {
				decoder.end()
				return
			}
			given += chunk.length
			await new Promise<void>((done) => decoder.write(chunk, () => done()))
			const rest = given - decoder.bytesWritten
			if (rest > 0 && !decoder.errored) {
				source.putBack(chunk.subarray(chunk.length - rest))
				return
			}
		}
	} catch (error) {
		decoder.destroy(error as Error)
	}
}
