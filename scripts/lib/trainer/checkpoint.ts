// What a training has learnt after an epoch, on disk: one that was killed goes on from there and ends with the same bytes.
// The file is a line of JSON (Header), then raw little-endian words. Runs in Node's main thread.
import { createHash } from 'node:crypto'
import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { AppError, errorMessage } from '../../../src/shared/app-error.ts'
import { parseJsonWith } from '../../../src/shared/parse.ts'
import { Count, Instant, Sha256 } from '../../../src/shared/schema-parts.ts'
import { type Effects, throwIfAborted } from '../effects.ts'
import { describeFile, makeFolder, replaceFile, sha256, writeAt } from '../files.ts'
import { hashTrainer } from './compile.ts'

const CHECKPOINT_SECONDS = 60
const FORMAT = 'whichsub training checkpoint 1'
const MOST_HEADER_BYTES = 4096
const CHUNK_BYTES = 1 << 24
const NO_HASH = '0'.repeat(64)

const Header = v.object({
	format: v.literal(FORMAT),
	/** Hash of everything that the trained model depends on. */
	key: Sha256,
	written: Instant,
	/** Epochs that are done. */
	epochs: Count,
	/** Length of each part of the state that follows. */
	bytes: v.array(Count),
	/** Of this line with zeros in this place, and of all that follows. */
	sha256: Sha256,
})
type Header = v.InferOutput<typeof Header>

export interface CheckpointJob {
	readonly file: string
	/** Seconds from the start to the first checkpoint, and between two; 60 where it is not given. */
	readonly seconds?: number | undefined
	/** Files that the model depends on: the training text, a model to go on from. */
	readonly sources: readonly string[]
	/** What else it depends on, as JSON. */
	readonly recipe: unknown
	/** Of the whole training. */
	readonly epochs: number
}

/** The one checkpoint of a training. No large file is hashed before there is a checkpoint to read or to write. */
export class Checkpoint {
	readonly #job: CheckpointJob
	readonly #effects: Effects
	readonly #code: string
	readonly #signatures: readonly string[]
	#key: Promise<string> | null = null
	#last = performance.now()
	#isBroken = false

	private constructor(
		job: CheckpointJob,
		effects: Effects,
		{ code, signatures }: { code: string; signatures: readonly string[] },
	) {
		this.#job = job
		this.#effects = effects
		this.#code = code
		this.#signatures = signatures
	}

	/** Call it before the sources are read: neither they nor the code may change under the training unnoticed. */
	static async create(job: CheckpointJob, effects: Effects): Promise<Checkpoint> {
		const signatures = await signaturesOf(job.sources)
		return new Checkpoint(job, effects, { code: await hashTrainer(), signatures })
	}

	/**
	 * Fills `state` from the checkpoint of an earlier run of this training; else leaves it as it is.
	 *
	 * @returns the epochs that are done
	 * @throws AppError `aborted`, `damaged` where the disk fails halfway
	 */
	async restore(state: readonly Uint8Array[]): Promise<number> {
		const { file: path, epochs } = this.#job
		const file = await open(path).catch(() => null)
		if (!file) return 0
		try {
			const found = await this.#examine(file, state)
			if (!found) return 0
			await readBody(file, found.start, state)
			const { header } = found
			const time = formatTime(new Date(header.written), this.#effects.now())
			this.#effects.err(
				`training goes on after epoch ${header.epochs} of ${epochs}: checkpoint of ${time}`,
			)
			return header.epochs
		} finally {
			await file.close()
		}
	}

	/** @returns the header of a whole checkpoint of this training; what is damaged or another's is ignored */
	async #examine(file: FileHandle, state: readonly Uint8Array[]) {
		try {
			const found = await readHeader(file)
			if (found.header.key !== (await this.#ownKey())) return null
			const { header, start } = found
			const bytes = state.map(({ length }) => length)
			const { size } = await file.stat()
			if (size !== start + sum(bytes) || `${header.bytes}` !== `${bytes}`)
				throw new AppError('damaged', `it has ${size} bytes; expected ${start + sum(bytes)}`)
			if (header.epochs < 1 || header.epochs >= this.#job.epochs)
				throw new AppError('damaged', `it is of epoch ${header.epochs}`)
			if ((await hashFile(file, found, this.#effects)) !== header.sha256)
				throw new AppError('damaged', 'its SHA-256 differs')
			return found
		} catch (error) {
			if (!isForeseen(error)) throw error
			this.#effects.err(`checkpoint is ignored: ${this.#job.file}: ${errorMessage(error)}`)
			return null
		}
	}

	/**
	 * Writes a checkpoint if one is due. A disk that is full, or may not be written, does not end the training.
	 *
	 * @param epochs that are done
	 * @returns a sentence for people where it failed; no further one is then tried
	 * @throws AppError `aborted`
	 */
	async save(epochs: number, state: readonly Uint8Array[]): Promise<string | null> {
		const { file: path, seconds = CHECKPOINT_SECONDS } = this.#job
		if (this.#isBroken || performance.now() - this.#last < seconds * 1000) return null
		try {
			await this.#write(epochs, state)
			this.#last = performance.now()
			return null
		} catch (error) {
			if (!isForeseen(error)) throw error
			this.#isBroken = true
			return `training goes on without checkpoints: ${path}: ${errorMessage(error)}`
		}
	}

	async #write(epochs: number, state: readonly Uint8Array[]): Promise<void> {
		const { file: path } = this.#job
		const header: Header = {
			format: FORMAT,
			key: await this.#ownKey(),
			written: this.#effects.now().toISOString(),
			epochs,
			bytes: state.map(({ length }) => length),
			sha256: NO_HASH,
		}
		await makeFolder(dirname(path))
		const write = async (file: FileHandle) => {
			const hash = await writeWhole(file, formatHeader(header), state, this.#effects)
			const signed = formatHeader({ ...header, sha256: hash })
			await writeAt(file, signed, 0)
		}
		await replaceFile(path, write, this.#temporaryPath(header.key))
	}

	/** Takes away the checkpoint of this training, which is complete; another training's stays. */
	async remove(): Promise<void> {
		if (this.#key === null) return
		const { file: path } = this.#job
		try {
			const key = await this.#key
			const file = await open(path).catch(() => null)
			const found = file && (await readHeader(file).catch(() => null))
			await file?.close()
			if (found?.header.key === key) await rm(path, { force: true })
			await rm(this.#temporaryPath(key), { force: true }).catch(() => {})
		} catch (error) {
			if (!isForeseen(error)) throw error
			this.#effects.err(`checkpoint stays: ${path}: ${errorMessage(error)}`)
		}
	}

	// Not a random name: hundreds of megabytes that a kill left halfway are overwritten by the next run of the same training.
	#temporaryPath(key: string): string {
		const { file } = this.#job
		return join(dirname(file), `.${basename(file)}.${key.slice(0, 8)}.tmp`)
	}

	#ownKey(): Promise<string> {
		this.#key ??= this.#computeKey().catch((error: unknown) => {
			this.#key = null
			throw error
		})
		return this.#key
	}

	async #computeKey(): Promise<string> {
		const { sources, recipe } = this.#job
		const hashes = await Promise.all(sources.map(async (path) => (await describeFile(path)).sha256))
		if (`${await signaturesOf(sources)}` !== `${this.#signatures}`)
			throw new AppError('conflict', `${sources.join(' or ')} changed during the training`)
		return sha256(JSON.stringify({ code: this.#code, sources: hashes, recipe }))
	}
}

/** Changes whenever a file does, without reading it. */
function signaturesOf(paths: readonly string[]): Promise<string[]> {
	return Promise.all(
		paths.map((path) =>
			stat(path).then(
				({ ino, size, mtimeMs }) => `${ino}:${size}:${mtimeMs}`,
				() => 'missing',
			),
		),
	)
}

/** Fields in the order of the schema: hashed as they are written. */
function formatHeader(header: Header): Buffer {
	return Buffer.from(`${JSON.stringify(v.parse(Header, header))}\n`)
}

async function readHeader(file: FileHandle): Promise<{ header: Header; start: number }> {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_HEADER_BYTES), 0, undefined, 0)
	const end = buffer.subarray(0, bytesRead).indexOf('\n')
	if (end < 0) throw new AppError('damaged', 'it has no header')
	const text = buffer.subarray(0, end).toString('utf8')
	return { header: parseJsonWith(Header, text, 'its header'), start: end + 1 }
}

async function hashFile(
	file: FileHandle,
	{ header, start }: { header: Header; start: number },
	effects: Effects,
): Promise<string> {
	const hash = createHash('sha256').update(formatHeader({ ...header, sha256: NO_HASH }))
	const buffer = Buffer.alloc(CHUNK_BYTES)
	for (let at = start; ; ) {
		throwIfAborted(effects)
		const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, at)
		if (bytesRead === 0) return hash.digest('hex')
		hash.update(buffer.subarray(0, bytesRead))
		at += bytesRead
	}
}

async function readBody(
	file: FileHandle,
	start: number,
	state: readonly Uint8Array[],
): Promise<void> {
	let at = start
	for (const chunk of chunksOf(state))
		for (let done = 0; done < chunk.length; ) {
			const { bytesRead } = await file.read(chunk, done, chunk.length - done, at)
			if (bytesRead === 0)
				throw new AppError('damaged', 'checkpoint became shorter while being read; train again')
			done += bytesRead
			at += bytesRead
		}
}

/** @returns the SHA-256 of all that was written */
async function writeWhole(
	file: FileHandle,
	header: Buffer,
	state: readonly Uint8Array[],
	effects: Effects,
): Promise<string> {
	const hash = createHash('sha256')
	for (const chunk of [header, ...chunksOf(state)]) {
		throwIfAborted(effects)
		// Side by side: hashing takes about as long as the disk.
		const written = file.writeFile(chunk)
		hash.update(chunk)
		await written
	}
	return hash.digest('hex')
}

function* chunksOf(state: readonly Uint8Array[]): Generator<Uint8Array> {
	for (const part of state)
		for (let at = 0; at < part.length; at += CHUNK_BYTES) yield part.subarray(at, at + CHUNK_BYTES)
}

/** What a disk or a file may answer; anything else is a bug, or a request to stop. */
function isForeseen(error: unknown): boolean {
	if (error instanceof AppError) return error.code !== 'aborted'
	return typeof (error as NodeJS.ErrnoException).errno === 'number'
}

/** Local hours and minutes, as in `18:02`, and the day where it is not today. */
function formatTime(time: Date, now: Date): string {
	const minutes = time.toTimeString().slice(0, 5)
	return time.toDateString() === now.toDateString()
		? minutes
		: `${time.toLocaleDateString('sv-SE')} ${minutes}`
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0)
}
