// What a program prints, read into one buffer again and again. Of a pipe, Node makes a new buffer of each chunk, and collecting those of
// a month of posts took longer than finding the posts in them.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A pipe hands out some 100 kB at once, and whatever is done with a chunk has costs that do not depend on its size. */
const ENOUGH_BYTES = 1 << 19
/** Room for what comes with the last bytes that make it enough. */
export const OUTPUT_BYTES = 2 * ENOUGH_BYTES

export class ProgramOutput {
	/** Where the program is to print: its standard output. To be destroyed here once it runs. */
	readonly far: Socket
	readonly #near: Socket
	readonly #buffer: Uint8Array
	/** Bytes that were read, and are not enough yet. */
	#filled = 0
	/** Bytes that are handed out. */
	#size = 0
	#isOver = false
	#problem: Error | null = null
	#wake: () => void = () => {}

	private constructor(near: Socket, far: Socket, buffer: Uint8Array) {
		this.#near = near
		this.far = far
		this.#buffer = buffer
		const end = () => {
			this.#isOver = true
			this.#handOut()
		}
		near.on('end', end).on('close', end)
		near.on('error', (error) => {
			this.#problem = error
		})
	}

	/**
	 * Null where no socket can be given to a program: on Windows, or without a folder for it.
	 *
	 * @param buffer of {@link OUTPUT_BYTES} at least
	 */
	static async open(buffer: Uint8Array): Promise<ProgramOutput | null> {
		if (process.platform === 'win32') return null
		const folder = await mkdtemp(join(tmpdir(), 'whichsub-')).catch(() => null)
		if (folder === null) return null
		const server = createServer({ pauseOnConnect: true })
		try {
			return await ProgramOutput.#connect(server, join(folder, 's'), buffer)
		} catch {
			return null
		} finally {
			server.close()
			await rm(folder, { recursive: true, force: true })
		}
	}

	static async #connect(server: Server, path: string, buffer: Uint8Array): Promise<ProgramOutput> {
		server.listen(path)
		await once(server, 'listening')
		let output: ProgramOutput | null = null
		const callback = (size: number) => output?.take(size) ?? false
		const near = connect({ path, onread: { buffer: () => output?.room ?? buffer, callback } })
		// Where there are too many open files, it fails, or is closed without having been accepted.
		const closed = once(near, 'close').then(() => Promise.reject(new Error('closed at once')))
		const accepted = Promise.all([once(server, 'connection'), once(near, 'connect')])
		const [[far]] = (await Promise.race([accepted, closed])) as [[Socket], unknown]
		// Until somebody asks for what comes.
		near.pause()
		output = new ProgramOutput(near, far, buffer)
		return output
	}

	/** Where the next bytes are to be written. */
	get room(): Uint8Array {
		return this.#buffer.subarray(this.#filled)
	}

	/** @returns whether more is to be read before this is worked on */
	take(size: number): boolean {
		this.#filled += size
		if (this.#filled < ENOUGH_BYTES) return true
		this.#handOut()
		return false
	}

	/** Each holds until the next one is asked for. */
	async *chunks(): AsyncGenerator<Uint8Array> {
		try {
			for (;;) {
				await this.#read()
				if (this.#size === 0) return
				yield this.#buffer.subarray(0, this.#size)
			}
		} finally {
			this.close()
		}
	}

	close(): void {
		this.#near.destroy()
	}

	#handOut(): void {
		this.#size += this.#filled
		this.#filled = 0
		this.#wake()
	}

	async #read(): Promise<void> {
		this.#size = 0
		if (!this.#isOver)
			await new Promise<void>((done) => {
				this.#wake = done
				this.#near.resume()
			})
		if (this.#problem) throw this.#problem
	}
}
