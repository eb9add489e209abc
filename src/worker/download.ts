// Downloads the files of a release, reports progress, and returns only what is, byte for byte, what the manifest names.
import { unpackModel as decodeModel, isPackedModel } from '../model/packed/packed-model.ts'
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { LoadProgress } from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import type { ReleaseVersion } from '../shared/schema-parts.ts'
import { sha256Hex } from './digest.ts'
import { fetchFile, refuseWebPage, releaseFileUrl } from './releases-source.ts'

/** What a manifest says of a packed file. */
type PackedFile = Pick<Manifest['model'], 'file' | 'bytes' | 'decodedBytes' | 'decodedSha256'>
type Bytes = Uint8Array<ArrayBuffer>

/** A download that brings no byte for this long has failed. */
const STALL_MS = 20_000
/** The released file is packed once; a host may pack it once more. */
const MAX_PACKINGS = 2
/** The most bytes that gzip adds to data that it can't compress. */
const PACKING_COST = 1.01

/**
 * Downloads, unpacks and verifies a file of a release.
 *
 * What counts is the digest of the unpacked file, which the manifest names and releases.json vouches for: hosts and
 * proxies may pack the file anew, pack it twice, or let the browser unpack it.
 *
 * @returns the unpacked file
 * @throws AppError `network`, `server`, `web-page`, `not-found`, `damaged`
 */
export async function downloadPacked(
	modelsUrl: string,
	{ version, file }: { readonly version: ReleaseVersion; readonly file: PackedFile },
	onProgress: (progress: LoadProgress) => void,
): Promise<ArrayBuffer> {
	const stall = new AbortController()
	const url = releaseFileUrl(modelsUrl, version, file.file)
	const timer = startTimer(stall)
	try {
		// Not from the browser's cache, where a damaged file would stay for ever, nor into it: whole models have a database.
		const response = await fetchFile(url, 'no-store', stall.signal)
		const wire = await readWire(response, file, stall.signal, (progress) => {
			timer.restart()
			onProgress(progress)
		})
		onProgress({ step: 'verify' })
		return await unpackFile(wire, file)
	} finally {
		timer.stop()
	}
}

/** The model of a release, as a fastText file; as {@link downloadPacked}. */
export function downloadModel(
	modelsUrl: string,
	{ version, model }: Manifest,
	onProgress: (progress: LoadProgress) => void,
): Promise<ArrayBuffer> {
	return downloadPacked(modelsUrl, { version, file: model }, onProgress)
}

/** Whether bytes, from wherever, are the unpacked file of a manifest. */
export async function isIntact(bytes: BufferSource, file: PackedFile): Promise<boolean> {
	return bytes.byteLength === file.decodedBytes && (await sha256Hex(bytes)) === file.decodedSha256
}

async function readWire(
	response: Response,
	file: PackedFile,
	signal: AbortSignal,
	onProgress: (progress: LoadProgress) => void,
): Promise<Bytes> {
	const { bytes: packedBytes, decodedBytes } = file
	let totalBytes = packedBytes
	let receivedBytes = 0
	const onChunk = (received: Bytes) => {
		// A host that says how the file is packed lets the browser unpack it.
		if (received.length > 1 && !isPacked(received)) totalBytes = decodedBytes
		receivedBytes = received.length
		onProgress({ step: 'download', receivedBytes: Math.min(receivedBytes, totalBytes), totalBytes })
	}
	try {
		return await readBody(response.body, longestForm(file), onChunk)
	} catch (error) {
		if (error instanceof AppError) throw error
		throw new AppError('network', describeBreak(response, receivedBytes, totalBytes, signal), error)
	}
}

// Browsers report a broken connection and data that they fail to decompress with the same error.
function describeBreak(
	response: Response,
	receivedBytes: number,
	totalBytes: number,
	signal: AbortSignal,
): string {
	const encoding = response.headers.get('content-encoding')
	const unit = (bytes: number) => Math.round(bytes / 1000)
	const come = `after ${unit(receivedBytes)} of ${unit(totalBytes)} kB`
	if (signal.aborted) return `${errorMessage(signal.reason)} ${come}`
	if (!encoding) return `the connection broke ${come}`
	return `the browser can't unpack what the server sends as Content-Encoding "${encoding}", or the connection broke ${come}`
}

async function unpackFile(wire: Bytes, file: PackedFile): Promise<ArrayBuffer> {
	let bytes = wire
	for (let packings = 0; ; packings += 1) {
		if (await isIntact(bytes, file)) return bytes.slice().buffer
		if (packings === MAX_PACKINGS || !isPacked(bytes)) break
		bytes = await unpack(bytes, file, wire)
	}
	refuseWebPage(wire, file.file.startsWith('model.') ? 'the model' : file.file)
	throw damaged(describeDamage(wire, file))
}

async function unpack(packed: Bytes, file: PackedFile, wire: Bytes): Promise<Bytes> {
	if (isPackedModel(packed)) return decodeModel(packed, file.decodedBytes)
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
	return readBody(stream, longestForm(file), () => {}).catch((error: unknown) => {
		if (error instanceof AppError) throw error
		throw damaged(describeDamage(wire, file), error)
	})
}

/** The most bytes that a file can have in any form, packed or not. */
function longestForm({ bytes, decodedBytes }: PackedFile): number {
	return Math.ceil(Math.max(bytes, decodedBytes) * PACKING_COST) + 1024
}

function isPacked(bytes: Bytes): boolean {
	return (bytes[0] === 0x1f && bytes[1] === 0x8b) || isPackedModel(bytes)
}

function describeDamage(wire: Bytes, { bytes, decodedBytes }: PackedFile): string {
	const released = isPacked(wire) ? bytes : decodedBytes
	return wire.length === released
		? 'it is not, byte for byte, what was released'
		: `${wire.length} bytes came where ${released} were released`
}

// One allocation; a server that sends more than a model can have is cut off.
async function readBody(
	stream: ReadableStream<Uint8Array> | null,
	limit: number,
	onChunk: (received: Bytes) => void,
): Promise<Bytes> {
	const bytes = new Uint8Array(limit)
	let received = 0
	const reader = stream?.getReader()
	for (;;) {
		const chunk = await reader?.read()
		if (!chunk || chunk.done) break
		if (received + chunk.value.length > limit) {
			await reader?.cancel()
			throw damaged(`it is longer than ${limit} bytes, which is more than was released`)
		}
		bytes.set(chunk.value, received)
		received += chunk.value.length
		onChunk(bytes.subarray(0, received))
	}
	return bytes.subarray(0, received)
}

function damaged(why: string, cause?: unknown): AppError {
	return new AppError('damaged', `the download is damaged: ${why}`, cause)
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
