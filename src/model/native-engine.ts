// fastText's WebAssembly core, wrapped so that it leaks no memory. Pure: worker and Node each bring their own build of it.
import { AppError, errorMessage } from '../shared/app-error.ts'
import { type Candidates, readCandidates } from './candidates.ts'
import { Engine, type VectorModel } from './engine.ts'
import { readEvidence, splitModelFile } from './evidence/evidence-file.ts'
import { EvidenceTable } from './evidence/weigh-evidence.ts'
import { labelName } from './training-text.ts'
import { WordTable } from './word-table.ts'

const MODEL_PATH = 'model'
/** Any number; the engine has no other device. */
const DEVICE_MAJOR = 64

/** What we use of an instance that the factory of `fasttext.wasm.js/dist/core` makes (its own types are faulty). */
export interface EngineModule {
	readonly FS: {
		makedev(major: number, minor: number): number
		registerDevice(device: number, operations: { read: ReadDevice }): void
		mkdev(path: string, device: number): void
		unlink(path: string): void
	}
	readonly FastText: new () => NativeModel
}

/** Copies up to `length` bytes from `position` on into `target`. @returns how many; 0 at the end */
type ReadDevice = (
	stream: unknown,
	target: Uint8Array,
	offset: number,
	length: number,
	position: number,
) => number

interface Deletable {
	delete(): void
}

interface NativeVector<T> extends Deletable {
	size(): number
	get(index: number): T
}

/** A pair is [probability, label]; embind may hand it out as an array or as an object that wants deletion. */
type NativePair = Partial<Deletable> & { readonly 0: number; readonly 1: string }

interface NativeModel extends Deletable {
	loadModel(path: string): void
	predict(text: string, k: number, threshold: number): NativeVector<NativePair>
	getWordId(word: string): number
	getLabels(): readonly [NativeVector<string>, NativeVector<number>]
}

/** @param bytes a `.bin` or `.ftz` file, with its evidence or without @throws AppError `damaged` where fastText refuses it */
export function loadNative(module: EngineModule, bytes: Uint8Array): Engine {
	const { fastText, evidence: part } = splitModelFile(bytes)
	const evidence = part && readEvidence(part)
	const table = WordTable.read(fastText, evidence ?? undefined)
	const unmount = mountFile(module, fastText)
	const model = new module.FastText()
	try {
		model.loadModel(MODEL_PATH)
		const vectors = new NativeVectors(model)
		return new Engine({
			vectors,
			table,
			evidence: evidence && new EvidenceTable(evidence, vectors.labels),
		})
	} catch (error) {
		model.delete()
		if (error instanceof AppError) throw error
		throw new AppError('damaged', `the engine can't read the model: ${errorMessage(error)}`, error)
	} finally {
		unmount()
	}
}

class NativeVectors implements VectorModel {
	readonly labels: readonly string[]
	readonly #model: NativeModel
	readonly #places: ReadonlyMap<string, number>

	constructor(model: NativeModel) {
		this.#model = model
		this.labels = readLabels(model)
		this.#places = new Map(this.labels.map((label, place) => [label, place]))
	}

	predict(text: string, count: number): Candidates {
		const vector = this.#model.predict(text, count, 0)
		try {
			const labels = new Uint32Array(vector.size())
			const probabilities = new Float32Array(labels.length)
			for (let rank = 0; rank < labels.length; rank += 1) {
				const pair = vector.get(rank)
				labels[rank] = this.#places.get(labelName(pair[1])) as number
				probabilities[rank] = pair[0]
				pair.delete?.()
			}
			return readCandidates(labels, probabilities)
		} finally {
			vector.delete()
		}
	}

	hasVector(word: string): boolean {
		return this.#model.getWordId(word) !== -1
	}

	dispose(): void {
		this.#model.delete()
	}
}

function readLabels(model: NativeModel): string[] {
	const [names, counts] = model.getLabels()
	try {
		return Array.from({ length: names.size() }, (_, index) => labelName(names.get(index)))
	} finally {
		names.delete()
		counts.delete()
	}
}

/**
 * Makes a file that is read where its bytes lie: `FS.writeFile` would copy them twice into the module's memory, which never
 * shrinks.
 *
 * @returns takes the file away
 */
function mountFile({ FS }: EngineModule, bytes: Uint8Array): () => void {
	const device = FS.makedev(DEVICE_MAJOR, 0)
	// The module keeps the device for good; it must not keep the bytes.
	let held: Uint8Array | null = bytes
	const read: ReadDevice = (_stream, target, offset, length, position) => {
		const part = held?.subarray(position, position + length) ?? new Uint8Array()
		target.set(part, offset)
		return part.length
	}
	FS.registerDevice(device, { read })
	FS.mkdev(MODEL_PATH, device)
	return () => {
		held = null
		FS.unlink(MODEL_PATH)
	}
}
