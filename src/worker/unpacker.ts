// Unpacks a packed model while it arrives, in WebAssembly: several times as fast as src/model/packed, to the same bytes.
import { PACKED_VERSION, type PackedVersion } from '../model/packed/version.ts'
import { AppError } from '../shared/app-error.ts'
import kernelUrl from './unpacking/index.ts?compiled'
import rangeCodedUrl from './unpacking-range-coded/index.ts?compiled'
import { compileWasm, isOutOfMemory, outOfMemory } from './wasm.ts'

interface Kernel {
	readonly memory: WebAssembly.Memory
	readonly INPUT: WebAssembly.Global
	readonly INPUT_BYTES: WebAssembly.Global
	/** Bytes at the front of the input that it has left over. */
	readonly kept: WebAssembly.Global
	/** @returns where the unpacked file will stand */
	start(length: number): number
	unpack(length: number, isLast: 0 | 1): number
}

/** What the kernel answers where it unpacks no further, by its number; before these stand the two that are no failures. */
const FAILURES: Readonly<Record<number, string>> = {
	2: 'it ends too early',
	3: 'it goes on behind its end',
	4: 'it unpacks to less than was released',
	5: 'it says what no model of its length can have',
}

const TASK = 'unpack the model'

const compiling = new Map<string, Promise<WebAssembly.Module>>()

/** @param version of the packed model: older ones have a kernel of their own @throws AppError as `compileWasm` */
export function loadKernel(version: PackedVersion = PACKED_VERSION): Promise<WebAssembly.Module> {
	const url = version === PACKED_VERSION ? kernelUrl : rangeCodedUrl
	const known = compiling.get(url)
	if (known) return known
	const kernel = compileWasm(url, 'the unpacker').catch((error: unknown) => {
		// A rejected promise is not kept: the next call tries again.
		compiling.delete(url)
		throw error
	})
	compiling.set(url, kernel)
	return kernel
}

/** Unpacks one model; its memory goes when neither this nor the file is held any more. */
export class Unpacker {
	readonly #kernel: Kernel
	readonly #length: number
	readonly #output: number

	private constructor(kernel: Kernel, length: number) {
		this.#kernel = kernel
		this.#length = length
		this.#output = guard(() => kernel.start(length))
	}

	/** @param length bytes of the unpacked file @throws AppError as {@link loadKernel} */
	static async open(version: PackedVersion, length: number): Promise<Unpacker> {
		const kernel = await loadKernel(version)
		const instance = await WebAssembly.instantiate(kernel).catch((error: unknown) => {
			throw isOutOfMemory(error) ? outOfMemory(TASK, error) : error
		})
		return new Unpacker(instance.exports as unknown as Kernel, length)
	}

	/** Takes what has arrived. @throws AppError `damaged`, `out-of-memory` */
	push(bytes: Uint8Array): void {
		const { INPUT_BYTES, kept } = this.#kernel
		for (let from = 0; from < bytes.length; ) {
			const part = bytes.subarray(from, from + INPUT_BYTES.value - kept.value)
			this.#unpack(part, 0)
			from += part.length
		}
	}

	/** The unpacked file, in memory of its own. @throws AppError `damaged`, `out-of-memory` */
	finish(): Uint8Array<ArrayBuffer> {
		this.#unpack(new Uint8Array(), 1)
		return new Uint8Array(this.#kernel.memory.buffer as ArrayBuffer, this.#output, this.#length)
	}

	#unpack(part: Uint8Array, isLast: 0 | 1): void {
		const { memory, INPUT, kept } = this.#kernel
		const before: number = kept.value
		new Uint8Array(memory.buffer).set(part, INPUT.value + before)
		const answer = guard(() => this.#kernel.unpack(before + part.length, isLast))
		const failure = FAILURES[answer]
		if (failure) throw new AppError('damaged', `the packed model is damaged: ${failure}`)
	}
}

/** The kernel stops where it gets no more memory. */
function guard<T>(work: () => T): T {
	try {
		return work()
	} catch (error) {
		if (!(error instanceof WebAssembly.RuntimeError)) throw error
		throw outOfMemory(TASK, error)
	}
}
