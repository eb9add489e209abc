// Downloads the files of a release, reports progress, and returns only what is, byte for byte, what the manifest names.
import { MAGIC_BYTES, type PackedVersion, packedVersion } from '../model/packed/version.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { LoadProgress } from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { sha256Hex } from './digest.ts'
import { fetchFile, isElsewhere, refuseWebPage } from './releases-source.ts'
import { Unpacker } from './unpacker.ts'
import { isOutOfMemory, outOfMemory } from './wasm.ts'

/** What a manifest says of a packed file. */
export type PackedFile = Pick<
	Manifest['model'],
	'file' | 'bytes' | 'decodedBytes' | 'decodedSha256'
>
type Bytes = Uint8Array<ArrayBuffer>

/** A download that brings no byte for this long has failed. */
const STALL_MS = 20_000
/** The released file is packed once; a host may pack it once more. */
const MAX_PACKINGS = 2
/** Enough to tell a web page. */
const HEAD_BYTES = 100
/** The most bytes that gzip adds to data that it can't compress. */
const PACKING_COST = 1.01

/**
 * Downloads, unpacks and verifies a file of a release.
 *
 * What counts is the digest of the unpacked file, which the manifest names and releases.json vouches for: hosts and
 * proxies may pack the file anew, pack it twice, or let the browser unpack it.
 *
 * It is unpacked while it comes in.
 *
 * @param folder of the release's files
 * @param onUnpacked is given the file before it is verified, to read it meanwhile and keep nothing of what is damaged
 * @returns the unpacked file, perhaps a part of a larger buffer
 * @throws AppError `network`, `server`, `web-page`, `not-found`, `damaged`, `cross-origin`, and what keeps the unpacker from running
 */
export async function downloadPacked(
	folder: URL,
	file: PackedFile,
	onProgress: (progress: LoadProgress) => void,
	onUnpacked: (bytes: Bytes) => void = () => {},
): Promise<Bytes> {
	const stall = new AbortController()
	const url = new URL(file.file, folder)
	const timer = startTimer(stall)
	try {
		// Not from the browser's cache, where a damaged file would stay for ever, nor into it: whole models have a database.
		const response = await fetchFile(url, 'no-store', stall.signal)
		const wire = new Wire(response, file, stall.signal, (progress) => {
			timer.restart()
			onProgress(progress)
		})
		const bytes = await unpackFile(wire, file)
		onProgress({ step: 'verify' })
		const checking = isIntact(bytes, file)
		onUnpacked(bytes)
		if (await checking) return bytes
		throw wire.damaged()
	} catch (error) {
		throw nameOrigin(error, url)
	} finally {
		timer.stop()
		// Ends a download that is no longer read.
		stall.abort()
	}
}

/** Says where what came is from, where that is not the page's own server. */
function nameOrigin(error: unknown, url: URL): unknown {
	if (!isElsewhere(url) || !(error instanceof AppError)) return error
	return error.code === 'damaged' || error.code === 'web-page'
		? new AppError(error.code, `${error.message}; it came from ${url.origin}`, error)
		: error
}

/** Whether bytes, from wherever, are the unpacked file of a manifest. */
export async function isIntact(bytes: BufferSource, file: PackedFile): Promise<boolean> {
	return bytes.byteLength === file.decodedBytes && (await sha256Hex(bytes)) === file.decodedSha256
}

/** A response that is read as it comes in: its chunks, and what to say of it where they are not what was released. */
class Wire {
	readonly #response: Response
	readonly #file: PackedFile
	readonly #signal: AbortSignal
	readonly #onProgress: (progress: LoadProgress) => void
	#head = new Uint8Array()
	#receivedBytes = 0
	#isWhole = false

	constructor(
		response: Response,
		file: PackedFile,
		signal: AbortSignal,
		onProgress: (progress: LoadProgress) => void,
	) {
		this.#response = response
		this.#file = file
		this.#signal = signal
		this.#onProgress = onProgress
	}

	/** @throws AppError `network` where the connection breaks, `damaged` where more comes than a model can have */
	async *chunks(): AsyncGenerator<Bytes> {
		const reader = this.#response.body?.getReader()
		for (;;) {
			const chunk = await reader?.read().catch((error: unknown) => {
				throw new AppError('network', this.#describeBreak(), error)
			})
			if (!chunk || chunk.done) break
			this.#take(chunk.value)
			yield chunk.value
		}
		this.#isWhole = true
	}

	/** Why what has come is not the released file. */
	damaged(cause?: unknown): AppError {
		refuseWebPage(this.#head, this.#file.file.startsWith('model.') ? 'the model' : this.#file.file)
		const isOfItsLength = !this.#isWhole || this.#receivedBytes === this.#totalBytes()
		const why = isOfItsLength
			? 'it is not, byte for byte, what was released'
			: `${this.#receivedBytes} bytes came where ${this.#totalBytes()} were released`
		return damaged(why, cause)
	}

	#take(chunk: Bytes): void {
		if (this.#head.length < HEAD_BYTES)
			this.#head = join(this.#head, chunk.subarray(0, HEAD_BYTES - this.#head.length))
		this.#receivedBytes += chunk.length
		refuseLonger(this.#receivedBytes, longestForm(this.#file))
		const totalBytes = this.#totalBytes()
		const receivedBytes = Math.min(this.#receivedBytes, totalBytes)
		this.#onProgress({ step: 'download', receivedBytes, totalBytes })
	}

	/** A host that says how the file is packed lets the browser unpack it. */
	#totalBytes(): number {
		return packingOf(this.#head) ? this.#file.bytes : this.#file.decodedBytes
	}

	// Browsers report a broken connection and data that they fail to decompress with the same error.
	#describeBreak(): string {
		const encoding = this.#response.headers.get('content-encoding')
		const unit = (bytes: number) => Math.round(bytes / 1000)
		const come = `after ${unit(this.#receivedBytes)} of ${unit(this.#totalBytes())} kB`
		if (this.#signal.aborted) return `${errorMessage(this.#signal.reason)} ${come}`
		if (!encoding) return `the connection broke ${come}`
		return `the browser can't unpack what the server sends as Content-Encoding "${encoding}", or the connection broke ${come}`
	}
}

async function unpackFile(wire: Wire, file: PackedFile): Promise<Bytes> {
	try {
		return await unpack(wire.chunks(), file, 0)
	} catch (error) {
		if (error instanceof AppError && error.code !== 'damaged') throw error
		if (error instanceof TooLong) throw error
		if (isOutOfMemory(error)) throw outOfMemory('unpack the model', error)
		throw wire.damaged(error)
	}
}

/** Unpacks what comes as it comes, in as many layers as there are. @param layers that were taken off already */
async function unpack(
	chunks: AsyncIterator<Bytes>,
	file: PackedFile,
	layers: number,
): Promise<Bytes> {
	const head = await readHead(chunks)
	const packing = layers < MAX_PACKINGS ? packingOf(head) : null
	const all = continued(head, chunks)
	if (packing === 'gzip') return unpack(gunzip(all, file), file, layers + 1)
	return packing === null ? collect(all, file) : unpackModel(all, packing, file)
}

async function unpackModel(
	chunks: AsyncIterable<Bytes>,
	version: PackedVersion,
	file: PackedFile,
): Promise<Bytes> {
	const unpacker = await Unpacker.open(version, file.decodedBytes)
	for await (const chunk of chunks) unpacker.push(chunk)
	return unpacker.finish()
}

async function collect(chunks: AsyncIterable<Bytes>, { decodedBytes }: PackedFile): Promise<Bytes> {
	const bytes = new Uint8Array(decodedBytes)
	let received = 0
	for await (const chunk of chunks) {
		refuseLonger(received + chunk.length, decodedBytes)
		bytes.set(chunk, received)
		received += chunk.length
	}
	return bytes.subarray(0, received)
}

async function* gunzip(chunks: AsyncIterator<Bytes>, file: PackedFile): AsyncGenerator<Bytes> {
	const source = new ReadableStream<Bytes>({
		async pull(controller) {
			const { done, value } = await chunks.next()
			if (done) controller.close()
			else controller.enqueue(value)
		},
	})
	const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader()
	let received = 0
	for (;;) {
		const { done, value } = await reader.read()
		if (done) return
		received += value.length
		refuseLonger(received, longestForm(file))
		yield value
	}
}

/** Enough of the beginning to tell how it is packed; less where there is no more. */
async function readHead(chunks: AsyncIterator<Bytes>): Promise<Bytes> {
	let head = new Uint8Array()
	while (head.length < MAGIC_BYTES) {
		const { done, value } = await chunks.next()
		if (done) break
		head = join(head, value)
	}
	return head
}

async function* continued(head: Bytes, chunks: AsyncIterator<Bytes>): AsyncGenerator<Bytes> {
	yield head
	for (;;) {
		const { done, value } = await chunks.next()
		if (done) return
		yield value
	}
}

function join(a: Bytes, b: Bytes): Bytes {
	const both = new Uint8Array(a.length + b.length)
	both.set(a)
	both.set(b, a.length)
	return both
}

/** How bytes are packed that begin like this: by gzip, or in a version of our own format; null: not at all. */
function packingOf(head: Bytes): 'gzip' | PackedVersion | null {
	if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
	return packedVersion(head)
}

/** The most bytes that a file can have in any form, packed or not. */
function longestForm({ bytes, decodedBytes }: PackedFile): number {
	return Math.ceil(Math.max(bytes, decodedBytes) * PACKING_COST) + 1024
}

/** A server that sends more than a model can have is cut off. */
function refuseLonger(length: number, limit: number): void {
	if (length > limit) throw new TooLong(limit)
}

class TooLong extends AppError {
	constructor(limit: number) {
		super(
			'damaged',
			`the download is damaged (it is longer than ${limit} bytes, which is more than was released)`,
		)
	}
}

function damaged(why: string, cause?: unknown): AppError {
	return new AppError('damaged', `the download is damaged (${why})`, cause)
}

function startTimer(stall: AbortController): { restart(): void; stop(): void } {
	const start = () =>
		setTimeout(
			() => stall.abort(new Error(`nothing came for ${STALL_MS / 1000} seconds`)),
			STALL_MS,
		)
	let timer = start()
	const stop = () => clearTimeout(timer)
	return {
		stop,
		restart() {
			stop()
			timer = start()
		},
	}
}
