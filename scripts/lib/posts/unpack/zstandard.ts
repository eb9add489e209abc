// Unpacks Zstandard as a stream, with the decoder that this machine has: Node's own (22.15 and later), else the program
// `zstd`. Both take windows up to 2 GB, as the public dumps have them, and check every checksum that is there.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Duplex, pipeline, Readable, type Writable } from 'node:stream'
import zlib from 'node:zlib'
import { AppError, errorMessage } from '../../../../src/shared/app-error.ts'
import type { Effects } from '../../effects.ts'
import { damaged, nameFile } from './damage.ts'
import { DECODER_OPTIONS } from './decoder-options.ts'
import { OUTPUT_BYTES, ProgramOutput } from './program-output.ts'
import { FrameCutter, FrameFollower } from './zstandard-frames.ts'

const STDERR_CHARACTERS = 2_000
const PROGRAM = process.platform === 'win32' ? 'zstd.exe' : 'zstd'

// The types of Node 20 do not know what later versions have.
type CreateDecompress = (options: object) => Duplex
const { createZstdDecompress } = zlib as { createZstdDecompress?: CreateDecompress }
const WINDOW_LOG_MAX = (zlib.constants as { ZSTD_d_windowLogMax?: number }).ZSTD_d_windowLogMax

/** What either yields holds until the next is asked for; it may lie in `space`, which has {@link OUTPUT_BYTES} at least. */
export interface ZstandardDecoder {
	/** Unpacks pieces that do not reach over the end of a frame. */
	unpack(pieces: AsyncIterable<Uint8Array>, space?: Uint8Array): AsyncGenerator<Uint8Array>
	/** Unpacks a file by its descriptor; null where the decoder reads no files. */
	readonly unpackFile: ((file: number, space?: Uint8Array) => AsyncGenerator<Uint8Array>) | null
}

/** What is known of a stream once it was read. */
export interface StreamFacts {
	/** Whether a part of it carries no checksum: what is damaged there may go unnoticed. */
	lacksChecksum: boolean
}

export interface ReadOptions {
	/** What errors call the file. */
	readonly name: string
	/** Told of what was found. */
	readonly facts: StreamFacts
	/** Where the unpacked bytes may lie. */
	readonly space?: Uint8Array | undefined
}

/**
 * @param name what the error calls the file
 * @param create Node's decoder, or null as if it had none
 * @throws AppError `missing-tool` where this machine has no decoder
 */
export function findZstandardDecoder(
	name: string,
	env: Effects['env'],
	create: CreateDecompress | null = createZstdDecompress ?? null,
): ZstandardDecoder {
	if (create) return decodeWithNode(create)
	const program = findProgram(env.PATH ?? '')
	if (program) return decodeWithProgram(program)
	throw new AppError(
		'missing-tool',
		`no decoder for Zstandard: ${name}; install the program zstd, or use Node 22.15 or later`,
	)
}

/**
 * Unpacks all frames of a stream.
 *
 * @throws AppError `damaged` for a stream that is cut off or corrupt, `unsupported` for a dictionary or a window above
 *   2 GB; what came before was yielded
 */
export async function* readZstandard(
	chunks: AsyncIterable<Uint8Array>,
	decoder: ZstandardDecoder,
	{ name, facts, space }: ReadOptions,
): AsyncGenerator<Uint8Array> {
	const cutter = new FrameCutter()
	const { walk } = cutter
	try {
		yield* decoder.unpack(cutAtFrames(chunks, cutter), space)
		if (walk.problem) throw walk.problem
	} catch (error) {
		// The reason found in the frames is clearer than the decoder's.
		throw nameFile(walk.problem ?? error, name)
	} finally {
		facts.lacksChecksum ||= walk.lacksChecksum
	}
}

/**
 * The same of a file that the decoder reads by itself: 3.4 GB that came through this process took 0.3 s more of processor time.
 *
 * @param onRead told of packed bytes once they are unpacked
 */
export async function* readZstandardFile(
	path: string,
	unpackFile: NonNullable<ZstandardDecoder['unpackFile']>,
	{ name, facts, space, onRead }: ReadOptions & { readonly onRead: (packedBytes: number) => void },
): AsyncGenerator<Uint8Array> {
	const file = await open(path)
	const frames = new FrameFollower(file.fd)
	const { walk } = frames
	let [unpacked, told] = [0, 0]
	const tell = () => {
		onRead(frames.at - told)
		told = frames.at
	}
	try {
		for await (const chunk of unpackFile(file.fd, space)) {
			unpacked += chunk.length
			frames.follow(unpacked)
			tell()
			yield chunk
		}
		await frames.end()
		tell()
		if (walk.problem) throw walk.problem
	} catch (error) {
		if (error instanceof AppError && error.code === 'damaged') await frames.end()
		throw nameFile(walk.problem ?? error, name)
	} finally {
		facts.lacksChecksum ||= walk.lacksChecksum
		await file.close()
	}
}

async function* cutAtFrames(
	chunks: AsyncIterable<Uint8Array>,
	cutter: FrameCutter,
): AsyncGenerator<Uint8Array> {
	for await (const chunk of chunks) {
		for (let at = 0; at < chunk.length; ) {
			const end = cutter.cut(chunk, at)
			yield chunk.subarray(at, end)
			at = end
		}
		if (cutter.walk.problem) return
	}
	cutter.walk.end()
}

function decodeWithNode(create: CreateDecompress): ZstandardDecoder {
	async function* unpack(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
		const decoder = create({
			...DECODER_OPTIONS,
			params: { [WINDOW_LOG_MAX ?? 0]: 31 },
		})
		// The loop over the decoder throws the error, too.
		pipeline(Readable.from(copyEach(pieces), { objectMode: false }), decoder, () => {})
		try {
			yield* decoder as AsyncIterable<Uint8Array>
		} catch (error) {
			const code = (error as NodeJS.ErrnoException).code ?? ''
			if (code === 'ZSTD_error_memory_allocation')
				throw new AppError('out-of-memory', 'not enough memory to unpack Zstandard', error)
			const isDamage = code.startsWith('ZSTD_') || code.startsWith('Z_')
			throw isDamage ? damaged(errorMessage(error), error) : error
		}
	}
	return { unpack, unpackFile: null }
}

/** A stream reads ahead, and the next piece may come in the same bytes. */
async function* copyEach(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	for await (const piece of pieces) yield Uint8Array.from(piece)
}

/** Exported for tests; Node's decoder is preferred if there is one. */
export function decodeWithProgram(program: string): ZstandardDecoder {
	return {
		unpack: (pieces, space) => runProgram(program, pieces, space),
		unpackFile: (file, space) => runProgram(program, file, space),
	}
}

/** @param input what is written to the program, or the descriptor of a file that it reads */
async function* runProgram(
	program: string,
	input: AsyncIterable<Uint8Array> | number,
	space: Uint8Array = Buffer.allocUnsafeSlow(OUTPUT_BYTES),
): AsyncGenerator<Uint8Array> {
	const output = await ProgramOutput.open(space)
	// Detached, so that Ctrl-C in a terminal reaches only us: a killed decoder would look like a damaged file.
	const child = spawn(program, ['--decompress', '--stdout', '--quiet', '--long=31'], {
		detached: true,
		stdio: [typeof input === 'number' ? input : 'pipe', output?.far ?? 'pipe', 'pipe'],
	}) as ChildProcessByStdio<Writable, Readable, Readable>
	// The program has its own: it is over when that is closed.
	output?.far.destroy()
	const ended = once(child, 'close') as Promise<[number | null, string | null]>
	// Awaited below.
	ended.catch(() => {})
	let errorText = ''
	let inputError: unknown = null
	try {
		// A program that does not start has no pipes where too many files are open.
		if (child.pid === undefined) await ended
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			errorText = (errorText + text).slice(-STDERR_CHARACTERS)
		})
		if (typeof input !== 'number')
			feed(input, child.stdin).catch((error: unknown) => {
				inputError = error
			})
		yield* output?.chunks() ?? (child.stdout as AsyncIterable<Uint8Array>)
		const [code, signal] = await ended
		if (inputError) throw inputError
		if (code !== 0) throw damaged(describeEnd(errorText, code, signal))
	} catch (error) {
		throw explainStart(error as NodeJS.ErrnoException, program)
	} finally {
		child.kill('SIGKILL')
		output?.close()
	}
}

/** An expected failure where a program does not start; any other error comes back as it is. */
function explainStart(error: NodeJS.ErrnoException, program: string): Error {
	if (error.syscall?.startsWith('spawn') !== true) return error
	if (error.code === 'EMFILE' || error.code === 'ENFILE')
		return new AppError(
			'storage',
			`too many files are open to start ${program}; close some, or raise the limit (ulimit -n)`,
			error,
		)
	return new AppError('missing-tool', `program does not start: ${program}`, error)
}

/** Each piece is written before the next one is asked for. Where the program takes no more, its end says why. */
async function feed(pieces: AsyncIterable<Uint8Array>, stdin: Writable): Promise<void> {
	stdin.on('error', () => {})
	try {
		for await (const piece of pieces) {
			const problem = await new Promise((done) => stdin.write(piece, done))
			if (problem) return
		}
	} finally {
		stdin.end()
	}
}

/** `zstd: /*stdin*\\ : what is wrong` → what is wrong. */
function describeEnd(errorText: string, code: number | null, signal: string | null): string {
	const reason = errorText
		.trim()
		.split(/\s*\n\s*/)
		.at(-1)
		?.replace(/^.*? : /, '')
		.trim()
	return reason || `zstd ended with ${signal ?? code}`
}

function findProgram(path: string): string | undefined {
	return path
		.split(delimiter)
		.filter((folder) => folder !== '')
		.map((folder) => join(folder, PROGRAM))
		.find(isExecutable)
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK)
		return statSync(path).isFile()
	} catch {
		return false
	}
}
