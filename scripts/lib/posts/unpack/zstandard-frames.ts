// Finds the frames of a Zstandard stream (RFC 8878) without unpacking them. A decoder alone is not enough: Node's
// drops what follows the first frame of a chunk (nodejs/node#64741) and, before Node 24, does not notice that a file is
// cut off.
import { fstatSync, readSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { AppError } from '../../../../src/shared/app-error.ts'
import { CUT_OFF, damaged, EMPTY } from './damage.ts'

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const REPEATED_BLOCK = 1
const RESERVED_BLOCK = 3

/** The largest window that libzstd unpacks: 2 GB, as `zstd --long=31` writes it. */
const MAX_WINDOW_LOG = 31

const NOTHING = new Uint8Array(0)
/** Of a walk that nothing else waits for, so that signals and messages are heard meanwhile. */
const STEPS_AT_ONCE = 1000

/** The most that a block unpacks to. */
const BLOCK_BYTES = 1 << 17

/** What the walk over a stream needs next: bytes to look at, bytes to pass over, or a cut after a whole frame. */
type Need =
	| { readonly kind: 'look'; readonly bytes: number; readonly isBlock: boolean }
	| { readonly kind: 'pass'; readonly bytes: number }
	| { readonly kind: 'cut' }
type Steps = Generator<Need, void, Uint8Array>

/** A walk from frame to frame, told of what it asks for. */
class FrameWalk {
	/** Whether a frame came without a checksum: what is damaged in it may go unnoticed. */
	lacksChecksum = false
	/** `damaged` or `unsupported`: why the stream can't be unpacked to its end. */
	problem: AppError | null = null
	readonly #steps: Steps = this.#walkFrames()
	#need: Need = this.#steps.next().value as Need
	#state: 'empty' | 'within a frame' | 'between frames' = 'empty'

	get need(): Need {
		return this.#need
	}

	/** Some of the bytes that it needs are there. */
	enter(): void {
		this.#state = 'within a frame'
	}

	/** @param seen the bytes that it wanted to look at @returns false where there is a problem */
	satisfy(seen: Uint8Array = NOTHING): boolean {
		if (this.#need.kind === 'cut') this.#state = 'between frames'
		try {
			this.#need = this.#steps.next(seen).value as Need
			return true
		} catch (error) {
			if (!(error instanceof AppError)) throw error
			this.problem = error
			return false
		}
	}

	/** To be called at the end of the stream. */
	end(): void {
		if (this.#state === 'empty') this.problem ??= damaged(EMPTY)
		if (this.#state === 'within a frame') this.problem ??= damaged(CUT_OFF)
	}

	*#walkFrames(): Steps {
		for (;;) {
			const magic = littleEndian(yield look(4))
			if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
				const bytes = littleEndian(yield look(4))
				if (bytes > 0) yield pass(bytes)
			} else if (magic === FRAME_MAGIC) yield* this.#walkFrame()
			else throw damaged('no Zstandard frame where one should begin')
			yield { kind: 'cut' }
		}
	}

	*#walkFrame(): Steps {
		const flags = littleEndian(yield look(1))
		const isSingleSegment = (flags & 32) !== 0
		if (!isSingleSegment) checkWindow(littleEndian(yield look(1)))
		const idBytes = [0, 1, 2, 4][flags & 3] ?? 0
		if (idBytes > 0 && littleEndian(yield look(idBytes)) !== 0)
			throw new AppError('unsupported', 'it needs a dictionary')
		const sizeFlag = flags >>> 6
		const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag
		if (sizeBytes > 0) yield pass(sizeBytes)
		yield* walkBlocks()
		if ((flags & 4) !== 0) yield pass(4)
		else this.lacksChecksum = true
	}
}

/** Cuts a stream into pieces that never reach over the end of a frame. */
export class FrameCutter {
	readonly walk = new FrameWalk()
	/** What was looked at so far of the bytes that are needed together. */
	#seen: Uint8Array = NOTHING
	#passed = 0

	/**
	 * @param chunk the stream's next bytes
	 * @param from where to go on in them
	 * @returns where the piece that begins at `from` ends; where there is a problem, the end of the chunk
	 */
	cut(chunk: Uint8Array, from: number): number {
		let at = from
		for (;;) {
			const { need } = this.walk
			if (need.kind === 'cut') {
				this.walk.satisfy()
				return at
			}
			if (at === chunk.length) return at
			this.walk.enter()
			at += need.kind === 'pass' ? this.#pass(need, chunk, at) : this.#look(need, chunk, at)
			if (this.walk.problem) return chunk.length
		}
	}

	#pass({ bytes }: { readonly bytes: number }, chunk: Uint8Array, at: number): number {
		const count = Math.min(bytes - this.#passed, chunk.length - at)
		this.#passed += count
		if (this.#passed === bytes) {
			this.#passed = 0
			this.walk.satisfy()
		}
		return count
	}

	#look({ bytes }: { readonly bytes: number }, chunk: Uint8Array, at: number): number {
		const part = chunk.subarray(at, at + bytes - this.#seen.length)
		const seen = Buffer.concat([this.#seen, part])
		this.#seen = seen.length === bytes ? NOTHING : seen
		if (seen.length === bytes) this.walk.satisfy(seen)
		return part.length
	}
}

/**
 * Walks over the frames of a file that a program reads by itself, behind that program, so that what it looks at needs not be read from
 * the disk once more.
 */
export class FrameFollower {
	readonly walk = new FrameWalk()
	readonly #file: number
	readonly #bytes: number
	#at = 0
	#blocks = 0
	#isOver = false

	/** @param file its descriptor */
	constructor(file: number) {
		this.#file = file
		this.#bytes = fstatSync(file).size
	}

	/** How many packed bytes it has passed. */
	get at(): number {
		return Math.min(this.#at, this.#bytes)
	}

	/** @param unpacked how many bytes the program has printed, for which it has read as many blocks at least as are passed here */
	follow(unpacked: number): void {
		while (!this.#isOver && (this.#blocks + 1) * BLOCK_BYTES <= unpacked) this.#step()
	}

	/** Goes on to the end of the file, or to a problem. */
	async end(): Promise<void> {
		for (let steps = 1; !this.#isOver; steps += 1) {
			this.#step()
			if (steps % STEPS_AT_ONCE === 0) await setImmediate()
		}
	}

	#step(): void {
		const { need } = this.walk
		if (need.kind === 'look') this.#look(need)
		else {
			if (need.kind === 'pass') this.#at += need.bytes
			// Whether it is still within the file the next look tells, and after the last one the end.
			if (need.kind === 'cut' && this.#at > this.#bytes) this.#stop()
			else this.walk.satisfy()
		}
	}

	#look({ bytes, isBlock }: { readonly bytes: number; readonly isBlock: boolean }): void {
		const seen = Buffer.alloc(bytes)
		const count = readSync(this.#file, seen, 0, bytes, this.#at)
		if (count > 0) this.walk.enter()
		this.#at += count
		if (isBlock) this.#blocks += 1
		if (count < bytes) this.#stop()
		else this.#isOver = !this.walk.satisfy(seen)
	}

	#stop(): void {
		this.#isOver = true
		this.walk.end()
	}
}

function* walkBlocks(): Steps {
	for (let isLast = false; !isLast; ) {
		const header = littleEndian(yield { kind: 'look', bytes: 3, isBlock: true })
		isLast = (header & 1) === 1
		const kind = (header >>> 1) & 3
		if (kind === RESERVED_BLOCK) throw damaged('a block of an unknown kind')
		const bytes = kind === REPEATED_BLOCK ? 1 : header >>> 3
		if (bytes > 0) yield pass(bytes)
	}
}

function checkWindow(descriptor: number): void {
	const log = 10 + (descriptor >>> 3)
	if (log > MAX_WINDOW_LOG || (log === MAX_WINDOW_LOG && (descriptor & 7) !== 0))
		throw new AppError('unsupported', 'its window is above 2 GB')
}

function look(bytes: number): Need {
	return { kind: 'look', bytes, isBlock: false }
}

function pass(bytes: number): Need {
	return { kind: 'pass', bytes }
}

/** Of up to four bytes. */
function littleEndian(bytes: Uint8Array): number {
	return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
