// Files of releases that lie at another origin. Nothing there is trusted: what differs from its record is not kept.
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { makeFolder, replaceFile, storageError, writeAt } from '../files.ts'
import { formatBytes, Progress } from '../progress.ts'
import type { FileRecord } from '../recorded-files.ts'
import { isWhole, objectPath } from '../store/objects.ts'

type Reporting = Pick<Effects, 'now' | 'err' | 'redraw' | 'terminalColumns' | 'signal'>

/** The releases, and the data folder that keeps what was downloaded of them. A thread of a server has nobody to report to. */
export type ReleasesPlace = Pick<Effects, 'modelsDir' | 'dataDir'> & Partial<Reporting>

/** A download that brings no byte for this long has failed. */
const STALL_MS = 30_000
const ATTEMPTS = 4
/** Before the second attempt; it doubles each time. */
const FIRST_PAUSE_MS = 250

/** A file that lies elsewhere. */
export interface FileElsewhere {
	/** Its address. */
	readonly url: string
	readonly record: FileRecord
	/** What progress calls it, as in `model of release 20200602.0`. */
	readonly what: string
}

/**
 * Downloads a file once: the data folder's store keeps it.
 *
 * @returns its path
 * @throws AppError as {@link readBack}, `storage`
 */
export async function fetchOnce(file: FileElsewhere, place: ReleasesPlace): Promise<string> {
	const path = objectPath(place, file.record)
	if (await isWhole(path, file.record)) return path
	await makeFolder(dirname(path))
	try {
		await replaceFile(path, (handle) =>
			readBack(file, place, {
				begin: () => handle.truncate(0),
				write: (chunk, at) => writeAt(handle, chunk, at),
			}),
		)
		return path
	} catch (error) {
		throw storageError(error, path)
	}
}

interface Sink {
	/** Before each attempt. */
	begin(): Promise<void>
	write(chunk: Uint8Array, at: number): Promise<void>
}

/**
 * Reads a file where it lies, whole.
 *
 * @throws AppError `damaged` where it is not the one on record, `not-found`, `server`, `network`, `aborted`
 */
export async function readBack(
	file: FileElsewhere,
	place: Partial<Reporting>,
	sink?: Sink,
): Promise<void> {
	const progress = openProgress(file, place)
	try {
		for (let attempt = 1; ; attempt += 1) {
			try {
				await sink?.begin()
				await readAttempt(file, { signal: place.signal, sink, progress })
				return
			} catch (error) {
				if (place.signal) throwIfAborted({ signal: place.signal })
				if (attempt === ATTEMPTS || !(error instanceof Passing)) throw error
				await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, {
					...(place.signal ? { signal: place.signal } : {}),
				}).catch(() => {})
			}
		}
	} finally {
		progress?.finish()
	}
}

/** A failure that may pass by itself. */
class Passing extends AppError {}

function openProgress({ what, record }: FileElsewhere, place: Partial<Reporting>): Progress | null {
	const { now, err, redraw, terminalColumns } = place
	if (!now || !err || !redraw || terminalColumns === undefined) return null
	const options = { label: what, total: record.bytes, unit: 'read', format: formatBytes }
	return new Progress(options, { now, err, redraw, terminalColumns })
}

interface Attempt {
	readonly signal: AbortSignal | undefined
	readonly sink: Sink | undefined
	readonly progress: Progress | null
}

async function readAttempt(file: FileElsewhere, { signal, sink, progress }: Attempt) {
	const { url, record } = file
	const stall = new AbortController()
	const timer = setTimeout(() => stall.abort(), STALL_MS)
	try {
		const response = await request(
			url,
			signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
		)
		const hash = createHash('sha256')
		let bytes = 0
		for await (const chunk of chunksOf(response, url)) {
			timer.refresh()
			hash.update(chunk)
			await sink?.write(chunk, bytes)
			bytes += chunk.length
			progress?.update(bytes)
			if (bytes > record.bytes) throw damaged(url, `it is longer than ${record.bytes} bytes`)
		}
		if (bytes !== record.bytes) throw damaged(url, `${bytes} bytes, expected ${record.bytes}`)
		if (hash.digest('hex') !== record.sha256)
			throw damaged(url, 'its SHA-256 is not the one on record')
	} finally {
		clearTimeout(timer)
		stall.abort()
	}
}

/** As it lies there: what a server packs for the way is unpacked again by `fetch`, and would be another file. */
async function request(url: string, signal: AbortSignal): Promise<Response> {
	const headers = { 'Accept-Encoding': 'identity' }
	const response = await fetch(url, { headers, signal }).catch((error: unknown) => {
		throw new Passing('network', `no answer came: ${url} (${causeOf(error)}); is it right?`, error)
	})
	if (response.ok) return response
	await response.body?.cancel()
	const { status } = response
	if (status === 404 || status === 410)
		throw new AppError('not-found', `not there: ${url} (${status})`)
	if (status === 401 || status === 403)
		throw new AppError('server', `refused: ${url} (${status}); it is private, or not there`)
	const failure = status === 429 || status >= 500 ? Passing : AppError
	throw new failure('server', `${url} answers with error ${status}`)
}

async function* chunksOf({ body }: Response, url: string): AsyncGenerator<Uint8Array> {
	try {
		if (body) yield* body as unknown as AsyncIterable<Uint8Array>
	} catch (error) {
		// What the reader of the chunks throws does not come by here.
		throw new Passing('network', `the connection broke: ${url} (${causeOf(error)})`, error)
	}
}

/** Node says "fetch failed", and why in the cause. */
function causeOf(error: unknown): string {
	return errorMessage(error instanceof Error && error.cause ? error.cause : error)
}

function damaged(url: string, why: string): AppError {
	return new AppError('damaged', `${url} is damaged: ${why}`)
}
