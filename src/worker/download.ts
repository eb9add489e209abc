// Downloads a model with progress and lets nothing through that is not, byte for byte, what the manifest names.
import { AppError, errorMessage } from '../shared/app-error.ts'
import type { LoadProgress } from '../shared/classifier-protocol.ts'
import type { Manifest } from '../shared/manifest.ts'
import { sha256Hex } from './digest.ts'
import { fetchFile, releaseFileUrl } from './releases-source.ts'

type ModelFile = Manifest['model']

/** A download that brings no byte for this long has failed. */
const STALL_MS = 20_000

/**
 * Downloads, verifies and decodes the model of a release.
 *
 * @returns the fastText file
 * @throws AppError `network`, `not-found`, `damaged`
 */
export async function downloadModel(
	modelsUrl: string,
	{ version, model }: Manifest,
	onProgress: (progress: LoadProgress) => void,
): Promise<ArrayBuffer> {
	const stall = new AbortController()
	const url = releaseFileUrl(modelsUrl, version, model.file)
	const timer = startTimer(stall)
	try {
		// Not from the browser's cache, where a damaged file would stay for ever, nor into it: whole models have a database.
		const response = await fetchFile(url, 'no-store', stall.signal)
		const decodedByServer = response.headers.get('content-encoding') === model.encoding
		const totalBytes = decodedByServer ? model.decodedBytes : model.bytes
		const onChunk = (receivedBytes: number) => {
			timer.restart()
			onProgress({ step: 'download', receivedBytes, totalBytes })
		}
		const wire = await readBody(response.body, totalBytes, onChunk).catch((error: unknown) => {
			if (error instanceof AppError) throw error
			throw new AppError('network', `the connection broke: ${errorMessage(error)}`, error)
		})
		onProgress({ step: 'verify' })
		return await (decodedByServer ? checkDecoded(wire, model) : decodeModel(wire, model))
	} finally {
		timer.stop()
	}
}

/** Whether bytes, from wherever, are the fastText file of a manifest. */
export async function isIntact(bytes: ArrayBuffer, model: ModelFile): Promise<boolean> {
	return bytes.byteLength === model.decodedBytes && (await sha256Hex(bytes)) === model.decodedSha256
}

async function decodeModel(wire: ArrayBuffer, model: ModelFile): Promise<ArrayBuffer> {
	if ((await sha256Hex(wire)) !== model.sha256) throw damaged('its bytes were changed on the way')
	if (model.encoding === 'identity') return checkDecoded(wire, model)
	const stream = new Blob([wire]).stream().pipeThrough(new DecompressionStream(model.encoding))
	const decoded = await readBody(stream, model.decodedBytes, () => {}).catch((error: unknown) => {
		if (error instanceof AppError) throw error
		throw damaged(`it can't be unpacked: ${errorMessage(error)}`)
	})
	return checkDecoded(decoded, model)
}

async function checkDecoded(bytes: ArrayBuffer, model: ModelFile): Promise<ArrayBuffer> {
	if (await isIntact(bytes, model)) return bytes
	throw damaged('it unpacks to something else than was released')
}

// The size is known before: one allocation, and a server that sends more is stopped.
async function readBody(
	stream: ReadableStream<Uint8Array> | null,
	expectedBytes: number,
	onChunk: (receivedBytes: number) => void,
): Promise<ArrayBuffer> {
	const bytes = new Uint8Array(expectedBytes)
	let received = 0
	const reader = stream?.getReader()
	for (;;) {
		const chunk = await reader?.read()
		if (!chunk || chunk.done) break
		if (received + chunk.value.length > expectedBytes) {
			await reader?.cancel()
			throw damaged(`it is longer than the ${expectedBytes} bytes that were released`)
		}
		bytes.set(chunk.value, received)
		received += chunk.value.length
		onChunk(received)
	}
	if (received < expectedBytes)
		throw damaged(`it ended after ${received} of ${expectedBytes} bytes`)
	return bytes.buffer
}

function damaged(why: string): AppError {
	return new AppError('damaged', `the downloaded model is damaged: ${why}`)
}

function startTimer(stall: AbortController): { restart(): void; stop(): void } {
	const start = () => setTimeout(() => stall.abort(new Error('no data arrived')), STALL_MS)
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
