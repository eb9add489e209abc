// Finds the frames of a Zstandard stream (RFC 8878) without unpacking them. A decoder alone is not enough: Node's
// drops what follows the first frame of a chunk (nodejs/node#64741) and, before Node 24, does not notice that a file is
// cut off.
import { AppError } from '../../../../src/shared/app-error.ts'
import { CUT_OFF, damaged, EMPTY } from './damage.ts'

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const REPEATED_BLOCK = 1
const RESERVED_BLOCK = 3

/** The largest window that libzstd unpacks: 2 GB, as `zstd --long=31` writes it. */
const MAX_WINDOW_LOG = 31

/** What the walk over a stream needs next: bytes to look at, bytes to pass over, or a cut after a whole frame. */
type Need =
	| { readonly kind: 'look'; readonly bytes: number }
	| { readonly kind: 'pass'; readonly bytes: number }
	| { readonly kind: 'cut' }
type Walk = Generator<Need, void, Uint8Array>

/** Cuts a stream into pieces that never reach over the end of a frame. */
export class FrameCutter {
	/** Whether a frame came without a checksum: what is damaged in it may go unnoticed. */
	lacksChecksum = false
	/** `damaged` or `unsupported`: why the stream can't be unpacked to its end. */
	problem: AppError | null = null
	readonly #walk: Walk = this.#walkFrames()
	#need: Need = this.#walk.next().value as Need
	/** What was looked at so far of the bytes that are needed together. */
	#seen: Uint8Array = new Uint8Array(0)
	#passed = 0
	#state: 'empty' | 'within a frame' | 'between frames' = 'empty'

	/**
	 * @param chunk the stream's next bytes
	 * @param from where to go on in them
	 * @returns where the piece that begins at `from` ends; where there is a problem, the end of the chunk
	 */
	cut(chunk: Uint8Array, from: number): number {
		try {
			return this.#advance(chunk, from)
		} catch (error) {
			if (!(error instanceof AppError)) throw error
			this.problem = error
			return chunk.length
		}
	}

	/** To be called at the end of the stream. */
	end(): void {
		if (this.#state === 'empty') this.problem ??= damaged(EMPTY)
		if (this.#state === 'within a frame') this.problem ??= damaged(CUT_OFF)
	}

	#advance(chunk: Uint8Array, from: number): number {
		let at = from
		for (;;) {
			if (this.#need.kind === 'cut') {
				this.#state = 'between frames'
				this.#satisfy()
				return at
			}
			if (at === chunk.length) return at
			this.#state = 'within a frame'
			at += this.#need.kind === 'pass' ? this.#pass(chunk, at) : this.#look(chunk, at)
		}
	}

	#pass(chunk: Uint8Array, at: number): number {
		const { bytes } = this.#need as { bytes: number }
		const count = Math.min(bytes - this.#passed, chunk.length - at)
		this.#passed += count
		if (this.#passed === bytes) this.#satisfy()
		return count
	}

	#look(chunk: Uint8Array, at: number): number {
		const { bytes } = this.#need as { bytes: number }
		const part = chunk.subarray(at, at + bytes - this.#seen.length)
		this.#seen = Buffer.concat([this.#seen, part])
		if (this.#seen.length === bytes) this.#satisfy()
		return part.length
	}

	#satisfy(): void {
		const seen = this.#seen
		this.#seen = new Uint8Array(0)
		this.#passed = 0
		// The stream ended in the middle of what the walk expects.
		this.#need = this.#walk.next(seen).value as Need
	}

	*#walkFrames(): Walk {
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

	*#walkFrame(): Walk {
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

function* walkBlocks(): Walk {
	for (let isLast = false; !isLast; ) {
		const header = littleEndian(yield look(3))
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
	return { kind: 'look', bytes }
}

function pass(bytes: number): Need {
	return { kind: 'pass', bytes }
}

/** Of up to four bytes. */
function littleEndian(bytes: Uint8Array): number {
	return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
